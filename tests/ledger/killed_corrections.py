"""Reversals and closings in a process that kills itself at a chosen write (see killed_verbs)."""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from ledger import (
    ReasonCode,
    approve_reversal,
    close_month,
    decline_reversal,
    finish_closings,
    reverse_entry,
)
from tests.journeys import killed_verbs

ROOT = Path(__file__).parents[2]


def reverse(world: dict) -> object:
    """Officer o1's wish to reverse the world's entry."""
    moment = datetime.fromisoformat(world["effective_at"])
    return reverse_entry(
        world["entry_id"], reason=ReasonCode.FRAUD, effective_at=moment, by_id="o1"
    )


VERBS = {
    "reverse": reverse,
    "approve": lambda world: approve_reversal(world["entry_id"], by_id="o2"),
    "decline": lambda world: decline_reversal(world["entry_id"], by_id="o2"),
    "close": lambda world: close_month(world["month"], by_id="o1"),
    "finish": lambda _world: finish_closings(),
}


class Zygote(killed_verbs.Zygote):
    """The test's end of a zygote that knows the verbs above."""

    def __init__(self) -> None:
        env = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
        command = [sys.executable, str(Path(__file__))]
        self._popen = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._popen.stdout.readline() == "ready\n"


if __name__ == "__main__":
    # A closing's balances are written by an aggregation.
    killed_verbs.WRITES.add("aggregate")
    killed_verbs.VERBS.update(VERBS)
    killed_verbs.main()
