"""Phones that walk and send, many at once: `python -m bench.parts.load_phones PORT`.

Commanded by JSON lines like the other processes of the benchmarks. Each phone keeps its
connection; posts are due at moments set beforehand, whether or not the one before was answered
(an open loop), and a phone that is behind sends what is due as soon as it can.
"""

import asyncio
import json
import random
import sys
import time
from itertools import count
from typing import Any, NamedTuple

GRACE_S = 3.0
SHOWN = 300
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n"


class Phone(NamedTuple):
    """One walker's connection: what each of its posts begins with."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    head: bytes


class Load:
    """Phones on one port, and what they have to send."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.phones: list[Phone] = []
        self.bodies: list[bytes] = []
        self._keys = count()

    async def open(self, phones: list[dict[str, str]], bodies: list[str]) -> dict[str, Any]:
        """Connect every phone; `bodies` are batches without the opening and the upload key."""
        self.bodies = [body.encode() for body in bodies]
        for one in phones:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            # A connection that says nothing holds one of gunicorn's threads for seconds; a phone
            # opens one when it has something to say.
            writer.write(HEALTH)
            await _answer(reader)
            self.phones.append(Phone(reader, writer, _head(one)))
        return {}

    async def offer(self, rate_per_s: float, seconds: float) -> dict[str, Any]:
        """So many posts a second for so long, at random moments; how they were answered."""
        rng = random.Random(int(rate_per_s * 1000))
        due = sorted(rng.uniform(0.0, seconds) for _ in range(max(1, round(rate_per_s * seconds))))
        cpu_before, began_at = time.process_time(), time.perf_counter() + 0.05
        ms: list[float] = []
        failures: list[str] = []
        turns = [due[number :: len(self.phones)] for number in range(len(self.phones))]
        sending = [
            asyncio.create_task(self._send(phone, mine, began_at, ms, failures))
            for phone, mine in zip(self.phones, turns, strict=True)
            if mine
        ]
        _, behind = await asyncio.wait(sending, timeout=seconds + GRACE_S)
        answered = len(ms)
        if behind:
            await asyncio.wait(behind)
        return {
            "offered": len(due),
            "answered": answered,
            "failures": failures[:3],
            "failed": len(failures),
            "ms": [round(one, 2) for one in ms],
            "cpu_s": time.process_time() - cpu_before,
            "spent_s": time.perf_counter() - began_at,
        }

    async def _send(
        self, phone: Phone, due: list[float], began_at: float, ms: list[float], failures: list[str]
    ) -> None:
        for moment in due:
            await asyncio.sleep(max(0.0, began_at + moment - time.perf_counter()))
            number = next(self._keys)
            rest = self.bodies[number % len(self.bodies)]
            body = b'{"upload_key":"load-%08d",%s' % (number, rest)
            phone.writer.write(phone.head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            status, said = await _answer(phone.reader)
            if status != 201:
                failures.append(f"{status} {said[:SHOWN]!r}")
            ms.append((time.perf_counter() - began_at - moment) * 1000)


def _head(phone: dict[str, str]) -> bytes:
    path = f"/api/v1/participations/{phone['participation_id']}/track-points"
    lines = [f"POST {path} HTTP/1.1", "Host: bench", f"Authorization: Bearer {phone['token']}"]
    return "\r\n".join([*lines, "Content-Type: application/json", ""]).encode()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return int(head.split(maxsplit=2)[1]), await reader.readexactly(length)


async def main(port: int) -> None:
    """Do what the lines say, one after the other."""
    load, loop = Load(port), asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        asked = json.loads(line)
        try:
            answer = await getattr(load, asked.pop("do"))(**asked)
        except Exception as failure:
            answer = {"error": repr(failure)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
