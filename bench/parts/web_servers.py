"""Web servers to measure: gunicorn as `dev.py run` starts it, and connections shared out fairly."""

import os
import time
import urllib.error
import urllib.request
from pathlib import Path

from bench.parts.calls import Call
from bench.parts.slots import Connection
from children import CannotStart, Stack, free_port, how_it_ended

WORKERS, THREADS = 2, 4
READY_TIMEOUT_S = 60
TRIES = 500
# Longer than a round: a connection must outlive the other variants' slots.
KEEP_ALIVE_S = 120
HEALTH = Call(b"GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n", 200)


class Web:
    """One gunicorn of a stack, with as many workers and threads for every side."""

    def __init__(self, stack: Stack, name: str, application: str) -> None:
        self.port = free_port()
        words = ["-m", "gunicorn", "-k", "gthread", "-b", f"127.0.0.1:{self.port}"]
        words += ["-w", str(WORKERS), "--threads", str(THREADS), "--no-control-socket"]
        words += ["--keep-alive", str(KEEP_ALIVE_S), "--graceful-timeout", "1"]
        if os.access("/dev/shm", os.W_OK):  # noqa: S108 - heartbeats there cannot wait for a disk
            words += ["--worker-tmp-dir", "/dev/shm"]  # noqa: S108
        self._child = stack.start(name, *words, application)

    def wait_until_ready(self) -> None:
        """Wait for the first answer and for every worker. Raises CannotStart."""
        ends_at = time.monotonic() + READY_TIMEOUT_S
        while not self._answers() or (_has_proc() and len(self.worker_pids()) < WORKERS):
            if not self._child.is_alive():
                raise CannotStart(how_it_ended(self._child))
            if time.monotonic() > ends_at:
                raise CannotStart(f"{self._child.name} is not ready: {self._child.tail()}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.HTTPError):
            return False

    def connections(self, count: int) -> list[Connection]:
        """`count` open connections, as many to each worker: who accepts them is chance, and a
        side with all of them on one worker would be measured on half the machine.

        Raises CannotStart where chance does not get there.
        """
        if not _has_proc():
            return [Connection(self.port) for _ in range(count)]
        shares = dict.fromkeys(self.worker_pids(), 0)
        kept: list[Connection] = []
        for _ in range(TRIES):
            connection = Connection(self.port)
            connection.ask(HEALTH)
            owner = _owner_of(connection, self.port, list(shares))
            if shares.get(owner, count) < -(-count // len(shares)):
                shares[owner] += 1
                kept.append(connection)
            else:
                connection.close()
            if len(kept) == count:
                return kept
        raise CannotStart(f"{self._child.name} did not share its connections: {shares}")

    def worker_pids(self) -> list[int]:
        """Of its workers; empty before they have started."""
        pid = self._child.popen.pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _has_proc() -> bool:
    return Path("/proc/net/tcp").exists() and Path("/proc/self/task").exists()


def _owner_of(connection: Connection, port: int, pids: list[int]) -> int:
    """Which of the processes holds the other end of the connection; 0 where none does."""
    wanted = (f"{port:04X}", f"{connection.socket.getsockname()[1]:04X}")
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        columns = line.split()
        if (columns[1].partition(":")[2], columns[2].partition(":")[2]) == wanted:
            name = f"socket:[{columns[9]}]"
            return next((pid for pid in pids if name in _open_files(pid)), 0)
    return 0


def _open_files(pid: int) -> set[str]:
    found = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(str(entry.readlink()))
        except OSError:  # closed while we looked
            continue
    return found
