"""Timed slots: a few clients on persistent connections ask as fast as they are answered.

Variants take turns in half-second slots, several rounds long, so that whatever else the machine
does meets them all alike; what is compared are medians.
"""

import socket
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import click

from bench.parts.calls import Call, Calls

ANSWER_TIMEOUT_S = 30


class UnexpectedAnswer(click.ClickException):
    """Raised when a server does not do what was asked: figures of refusals are worth nothing."""


class Slot(NamedTuple):
    """What one slot measured."""

    rate_per_s: float
    p50_ms: float


class Connection:
    """One persistent HTTP/1.1 connection, as lean as it gets: the clients share the machine."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_TIMEOUT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self.socket.makefile("rb")

    def ask(self, call: Call) -> bytes:
        """The answer's body. Raises UnexpectedAnswer for another status than wanted."""
        self.socket.sendall(call.payload)
        status, length = self._file.readline(), -1
        while line := self._file.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if length < 0:
            raise UnexpectedAnswer(f"{status!r} without a length, for {call.payload[:80]!r}")
        body = self._file.read(length)
        if status.split(maxsplit=2)[1] != str(call.wanted).encode():
            raise UnexpectedAnswer(f"{status!r} {body[:500]!r} for {call.payload[:300]!r}")
        return body

    def close(self) -> None:
        """Hang up."""
        self._file.close()
        self.socket.close()


@dataclass
class _Running:
    """What the clients of a slot share."""

    clients: int
    line: threading.Barrier = field(init=False)
    stopped: threading.Event = field(default_factory=threading.Event)
    durations_s: list[float] = field(default_factory=list)
    began_at: float = 0.0
    ended_at: float = 0.0
    failures: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.line = threading.Barrier(self.clients, action=self._begin)

    def _begin(self) -> None:
        self.began_at = time.perf_counter()


def run_slot(connections: Sequence[Connection], calls: Calls, slot_s: float) -> Slot:
    """Every client asks its calls for `slot_s` seconds, or until one of them has none left.

    Raises UnexpectedAnswer.
    """
    running = _Running(len(connections))
    clients = [
        threading.Thread(target=_ask_on, args=(running, connection, mine, slot_s))
        for connection, mine in zip(connections, calls, strict=True)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    if running.failures:
        raise running.failures[0]
    if not running.durations_s:
        raise UnexpectedAnswer("a slot had nothing to ask")
    spent_s = running.ended_at - running.began_at
    p50_ms = statistics.median(running.durations_s) * 1000
    return Slot(len(running.durations_s) / spent_s, p50_ms)


def _ask_on(
    running: _Running, connection: Connection, calls: Iterator[Call], slot_s: float
) -> None:
    mine: list[float] = []
    try:
        running.line.wait()
        ends_at = running.began_at + slot_s
        for call in calls:
            before = time.perf_counter()
            connection.ask(call)
            after = time.perf_counter()
            mine.append(after - before)
            if after >= ends_at or running.stopped.is_set():
                break
    except Exception as failure:
        running.failures.append(failure)
        running.line.abort()
    running.stopped.set()
    running.durations_s += mine
    running.ended_at = max(running.ended_at, time.perf_counter())


def turns(names: Sequence[str], sides: Sequence[str], round_number: int) -> list[tuple[str, str]]:
    """Every (name, side) in the order of this round: each round begins with another name, the
    sides of one name stay next to each other, and take turns at going first.
    """
    first = round_number % len(names)
    turned = sides[::-1] if round_number % 2 else sides
    return [(name, side) for name in [*names[first:], *names[:first]] for side in turned]


def compared(ours: Sequence[Slot], bare: Sequence[Slot]) -> dict[str, float]:
    """Medians over the rounds; `rate_ratio` is ours ÷ bare of the same round, higher is better."""
    ratios = [a.rate_per_s / b.rate_per_s for a, b in zip(ours, bare, strict=True)]
    return {
        "ours_ms": round(statistics.median(slot.p50_ms for slot in ours), 2),
        "bare_ms": round(statistics.median(slot.p50_ms for slot in bare), 2),
        "rate_ratio": round(statistics.median(ratios), 3),
        "rate_ratio_lowest": round(min(ratios), 3),
        "rate_ratio_highest": round(max(ratios), 3),
        "ours_per_s": round(statistics.median(slot.rate_per_s for slot in ours), 1),
        "bare_per_s": round(statistics.median(slot.rate_per_s for slot in bare), 1),
    }
