"""A posting process killed in the middle of a post, and how long its accounts are lost to others.

Run as a program it is that process: it posts from the task it is given, as everybody does, but
stands still where the transaction would be committed, after saying so.
"""

import os
import signal
import subprocess
import sys
import time

from pymongo import monitoring

from bench.parts.commanded import ChildFailed
from bench.parts.ledger_moves import Move
from bench.parts.ledger_sides import Ours, new_entry
from children import ROOT
from ledger import EntryKind, Posted, accounts, post

READY = "about to commit"
GIVE_UP_AFTER_S = 100


class StandsStill(monitoring.CommandListener):
    """Says that a commit is due, then keeps its thread from sending it."""

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Called in the posting thread before the command is sent."""
        if event.command_name == "commitTransaction":
            print(READY, flush=True)
            sys.stdin.read()

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing to do."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing to do."""


def seconds_until_posted(task: str, how: signal.Signals = signal.SIGKILL) -> float:
    """Kill (or stop, by `how`) a process in a post on this task; how long a post here then takes.

    Raises ChildFailed.
    """
    words = [sys.executable, "-m", "bench.parts.ledger_killed", task]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdout
        try:
            if other.stdout.readline().strip() != READY:
                raise ChildFailed("the process to be killed did not come to its commit")
            other.send_signal(how)
            if how == signal.SIGKILL:
                other.wait()
            return _until_posted(_move(f"survivor-of-{other.pid}", task))
        finally:
            other.kill()


def _until_posted(move: Move) -> float:
    began_at = time.perf_counter()
    while time.perf_counter() < began_at + GIVE_UP_AFTER_S:
        if isinstance(post([new_entry(move)])[0], Posted):
            return time.perf_counter() - began_at
    raise ChildFailed("the survivor could not post")


def _move(prefix: str, task: str) -> Move:
    key = f"{prefix}-{time.time_ns()}"
    return Move(key, EntryKind.REWARD, accounts.task(task), accounts.wallet("survivor"), 1)


def main(task: str) -> None:
    """Post, and never get to the end of it."""
    monitoring.register(StandsStill())
    Ours().post(_move(f"killed-{os.getpid()}", task))


if __name__ == "__main__":
    main(sys.argv[1])
