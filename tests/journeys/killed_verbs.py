"""Runs a verb in a process that kills itself at a chosen write, as a power cut would.

Started as a program it is the zygote: it imports every room once, never connects, and forks one
child for each request on its standard input. The child connects, runs the verb and dies by
SIGKILL just before its n-th write is sent, or just after the server has answered it.
"""

import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pymongo import monitoring

from catalog import (
    NewHandOver,
    accept_count,
    award_in_kind,
    bring_in_hand_overs,
    cancel_voucher,
    confirm_look,
    count_stock,
    gift_voucher,
    import_codes,
    open_ticket,
    order_reward,
    pay_statement,
    recall_reward,
    refund_voucher,
    scan_voucher,
    settle_statement,
    stock_point,
    substitute_voucher,
)
from catalog.award import MatterKind
from catalog.jobs import sweep as sweep_catalog
from catalog.providers.attempting import deliver
from catalog.refunding import RefundReason
from catalog.settlement.closing import close_days
from people import Actor, Held, Role
from rates import grant_budget
from shared.clock import pretending
from shared.database import connect
from tasks import (
    cancel_task,
    claim_task,
    finish_participation,
    give_up_participation,
    publish_task,
    review_participation,
)
from tasks.jobs import sweep as sweep_tasks
from tasks.jobs import verify_participation

CODES = b"code,valid_until\nFILM-0001,\nFILM-0002,\nFILM-0003,\n"
ROOT = Path(__file__).parents[2]
WRITES = {
    "insert",
    "update",
    "findAndModify",
    "delete",
    "bulkWrite",
    "commitTransaction",
    "abortTransaction",
}
BEFORE, AFTER = "before", "after"


def _by(world: dict) -> Actor:
    roles = tuple(Held(Role(role), unit_id) for role, unit_id in world["roles"])
    return Actor(world["person_id"], "s", roles)


def _finish_and_verify(world: dict) -> None:
    finish_participation(world["participation_id"], by=_by(world))
    verify_participation(world["participation_id"])


# Each takes a world as plain values, so that the dying process and the survivors say the same.
VERBS: dict[str, Callable[[dict], object]] = {
    "publish_task": lambda world: publish_task(world["task_id"], by=_by(world)),
    "cancel_task": lambda world: cancel_task(world["task_id"], by=_by(world)),
    "claim_task": lambda world: claim_task(world["task_id"], position=None, by=_by(world)),
    "give_up": lambda world: give_up_participation(world["participation_id"], by=_by(world)),
    "finish_and_verify": _finish_and_verify,
    "review": lambda world: review_participation(
        world["participation_id"], verified=True, reason="seen", by=_by(world)
    ),
    "grant_budget": lambda world: grant_budget(
        world["unit_id"], world["year"], 700, "sample fund", "the grant", by=_by(world)
    ),
    "sweep_tasks": lambda _world: sweep_tasks(),
}


def _order(world: dict) -> object:
    at = world["reward_id"], world["point_id"]
    return order_reward(*at, key="the order", by=_by(world), recipient_phone=world.get("phone"))


def _award(world: dict) -> object:
    return award_in_kind(
        world["reward_id"],
        world["receiver_id"],
        world["point_id"],
        fund=world["fund_id"],
        matter_kind=MatterKind.REGISTER,
        # One matter, one reward: so each world has its own.
        matter_id=world["fund_id"][-24:],
        key="the award",
        by=_by(world),
    )


def _bring_in(world: dict) -> object:
    moment = datetime.fromisoformat(world["handed_over_at"])
    queue = [NewHandOver(world["code"], moment, "the hand-over")]
    return bring_in_hand_overs(
        world["point_id"], queue, point_key=world["point_key"], by=_by(world)
    )


def _refund(world: dict) -> object:
    why = {"reason": RefundReason.GOODS_RETURNED, "restock": True}
    return refund_voucher(world["voucher_id"], **why, key="the refund", by=_by(world))


VERBS |= {
    "order_reward": _order,
    "cancel_voucher": lambda world: cancel_voucher(world["voucher_id"], by=_by(world)),
    "substitute": lambda world: substitute_voucher(
        world["voucher_id"], world["other_id"], world["point_id"], key="another", by=_by(world)
    ),
    "gift": lambda world: gift_voucher(
        world["voucher_id"], world["card"], key="the gift", by=_by(world)
    ),
    "recall": lambda world: recall_reward(world["reward_id"], by=_by(world)),
    "scan_voucher": lambda world: scan_voucher(
        world["code"], point_id=world["point_id"], key="the scan", by=_by(world)
    ),
    "confirm_look": lambda world: confirm_look(
        world["look"], point_id=world["point_id"], key="the scan", by=_by(world)
    ),
    "bring_in": _bring_in,
    "open_ticket": lambda world: open_ticket(world["voucher_id"], key="the opening", by=_by(world)),
    "deliver": lambda world: deliver(world["voucher_id"]),
    "award": _award,
    "refund": _refund,
    "stock_point": lambda world: stock_point(
        world["reward_id"], world["point_id"], supplied=12, by=_by(world)
    ),
    "count_stock": lambda world: count_stock(
        world["point_id"], world["reward_id"], counted=8, key="the count", by=_by(world)
    ),
    "accept_count": lambda world: accept_count(world["count_id"], by=_by(world)),
    "import_codes": lambda world: import_codes(
        world["reward_id"], world["point_id"], CODES, key="the codes", by=_by(world)
    ),
    "close_days": lambda _world: close_days(),
    "settle": lambda world: settle_statement(world["statement_id"], by=_by(world)),
    "pay": lambda world: pay_statement(
        world["statement_id"], fund=world["fund_id"], reference="PAY-1", by=_by(world)
    ),
    "sweep_catalog": lambda _world: sweep_catalog(),
}


def run_verb(verb: str, world: dict) -> None:
    """Say the verb in this process, at the moment that the world names, if it names one."""
    moment = datetime.fromisoformat(world["moment"]) if world.get("moment") else None
    with pretending(moment):
        VERBS[verb](world)


# ---- in the zygote and its children


class Killer(monitoring.CommandListener):
    """Ends the process at the n-th write; says first which transaction it leaves open."""

    def __init__(self, number: int, when: str, report: int) -> None:
        self.left, self.when, self.report, self.session = number, when, report, ""

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name in WRITES:
            is_open = event.command.get("autocommit") is False
            self.session = event.command["lsid"]["id"].hex() if is_open else ""
            if self.when == BEFORE:
                self._count()

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        if event.command_name in WRITES and self.when == AFTER:
            self._count()

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.write(self.report, self.session.encode())
            os.kill(os.getpid(), signal.SIGKILL)


def _run_in_child(request: dict) -> dict:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            monitoring.register(Killer(request["number"], request["when"], writing))
            connect()
            run_verb(request["verb"], request["world"])
            code = 0
        except BaseException:
            os.write(writing, traceback.format_exc().encode()[-4_000:])
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode()
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return {"status": status, "said": said}


def main() -> None:
    """Answer each request with how its child ended, until the input ends."""
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(_run_in_child(json.loads(line))), flush=True)


# ---- in the tests


@dataclass(frozen=True)
class Ending:
    """How a run ended: killed or unharmed, and the transaction it left open, if any."""

    is_killed: bool
    session: bytes


class Zygote:
    """The test's end of the zygote."""

    def __init__(self) -> None:
        env = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
        command = [sys.executable, str(Path(__file__))]
        self._popen = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._popen.stdout.readline() == "ready\n"

    def run(self, verb: str, world: dict, number: int, when: str) -> Ending:
        """Run a verb, to be killed before or after its `number`-th write where it gets there."""
        request = {"verb": verb, "world": world, "number": number, "when": when}
        self._popen.stdin.write(json.dumps(request) + "\n")
        self._popen.stdin.flush()
        answer = json.loads(self._popen.stdout.readline())
        if answer["status"] == -signal.SIGKILL:
            return Ending(True, bytes.fromhex(answer["said"]))
        assert answer["status"] == 0, answer["said"]
        return Ending(False, b"")

    def close(self) -> None:
        """End the zygote by the end of its input."""
        self._popen.stdin.close()
        self._popen.wait(10)
        self._popen.stdout.close()


if __name__ == "__main__":
    main()
