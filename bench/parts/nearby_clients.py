"""Clients of one thread: each connection asks again as soon as it is answered, timed in slots.

Threads of Python would take from the servers, on the machine that they share, several times what
an answer from memory costs.
"""

import re
import selectors
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import NamedTuple

from bench.parts.slots import ANSWER_TIMEOUT_S, Connection, UnexpectedAnswer

END_OF_HEAD = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
READ_AT_ONCE = 1 << 18


class Asked(NamedTuple):
    """What one slot measured."""

    rate_per_s: float
    p50_ms: float
    p99_ms: float
    answers: int


@dataclass
class _Client:
    """One connection and what it asks; `wait_for` is where its answer ends, 0 before its head."""

    connection: Connection
    requests: Iterator[bytes]
    asked_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)
    wait_for: int = 0

    def ask(self) -> None:
        self.received.clear()
        self.wait_for = 0
        self.asked_at = time.perf_counter()
        self.connection.socket.sendall(next(self.requests))

    def has_answer(self) -> bool:
        """Take what has come in; whether that is all. Raises UnexpectedAnswer."""
        more = self.connection.socket.recv(READ_AT_ONCE)
        self.received += more
        if not more:
            raise UnexpectedAnswer("the server hung up")
        if not self.wait_for:
            head = self.received.find(END_OF_HEAD)
            if head < 0:
                return False
            length = LENGTH.search(self.received, 0, head)
            if not length or self.received[9:12] != b"200":
                raise UnexpectedAnswer(f"{bytes(self.received[:500])!r}")
            self.wait_for = head + len(END_OF_HEAD) + int(length[1])
        return len(self.received) >= self.wait_for


def ask_for(connections: Sequence[Connection], requests: Sequence[bytes], slot_s: float) -> Asked:
    """All connections ask for `slot_s` seconds, each every so-many-th request over and over.

    Raises UnexpectedAnswer for anything but 200.
    """
    count = len(connections)
    clients = [
        _Client(connection, cycle(requests[number::count]))
        for number, connection in enumerate(connections)
    ]
    took_s: list[float] = []
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client.connection.socket, selectors.EVENT_READ, client)
        began_at = ended_at = time.perf_counter()
        for client in clients:
            client.ask()
        waiting = count
        while waiting:
            ready = selector.select(ANSWER_TIMEOUT_S)
            if not ready:
                raise UnexpectedAnswer(f"no answer in {ANSWER_TIMEOUT_S} s")
            for key, _ in ready:
                if not key.data.has_answer():
                    continue
                ended_at = time.perf_counter()
                took_s.append(ended_at - key.data.asked_at)
                if ended_at < began_at + slot_s:
                    key.data.ask()
                else:
                    waiting -= 1
    return _told(took_s, ended_at - began_at)


def _told(took_s: list[float], spent_s: float) -> Asked:
    took_s.sort()
    p99_s = took_s[min(len(took_s) - 1, len(took_s) * 99 // 100)]
    p50_s = statistics.median(took_s)
    return Asked(len(took_s) / spent_s, p50_s * 1000, p99_s * 1000, len(took_s))
