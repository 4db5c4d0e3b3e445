"""The requests of the loop as bytes, the same for both sides but for the token."""

import itertools
import json
import random
from collections.abc import Iterator
from datetime import UTC, timedelta
from typing import NamedTuple

from bench.parts.prepared_town import Caller, PreparedTown, random_place
from fixtures.factories import CENTRE
from fixtures.walk_simulator import simulate_walk

NAMES = ("claim", "upload_batch", "nearby", "scan")
SIDES = ("ours", "bare")
BATCH_POINTS = 60
NEARBY_QUERY = "datum=wgs84&radius_m=2000&limit=20"


class Call(NamedTuple):
    """A request to be sent as it is, and the status that says that it did its work."""

    payload: bytes
    wanted: int


# For each client, the calls it makes one after the other.
Calls = list[Iterator[Call]]


def request_bytes(
    side: str, caller: Caller, method: str, path: str, body: bytes = b"", key: str = ""
) -> bytes:
    """An HTTP/1.1 request on a connection that stays open."""
    token = caller.ours if side == "ours" else caller.bare
    lines = [f"{method} /api/v1{path} HTTP/1.1", "Host: bench", f"Authorization: Bearer {token}"]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    if key:
        lines.append(f"Idempotency-Key: {key}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def claim_calls(side: str, work: list[list[tuple[str, Caller]]]) -> Calls:
    """Each claims one task that the caller has not claimed."""
    return [
        iter(
            [
                Call(request_bytes(side, caller, "POST", f"/tasks/{task_id}/claims", b"{}"), 201)
                for task_id, caller in mine
            ]
        )
        for mine in work
    ]


def scan_calls(side: str, town: PreparedTown, codes: list[list[str]]) -> Calls:
    """Each hands one voucher over; every client is the clerk of its own redemption point."""
    return [
        iter([_scan(side, desk.clerk, desk.point.id, code) for code in mine])
        for desk, mine in zip(town.desks, codes, strict=True)
    ]


def _scan(side: str, clerk: Caller, point_id: str, code: str) -> Call:
    body = json.dumps({"code": code, "point_id": point_id}).encode()
    # Its last letters are of a signature: no two are alike.
    key = f"scan-{code[-24:]}"
    return Call(request_bytes(side, clerk, "POST", "/voucher-scans", body, key), 201)


def nearby_calls(side: str, town: PreparedTown) -> Calls:
    """Without end: the tasks around random places, asked by different people."""
    rng, calls = random.Random(2), []
    for reader in itertools.islice(itertools.cycle(town.readers), 1_000):
        lat, lon = random_place(rng)
        path = f"/tasks/nearby?lat={lat:.6f}&lon={lon:.6f}&{NEARBY_QUERY}"
        calls.append(Call(request_bytes(side, reader, "GET", path), 200))
    clients = town.sizes.clients
    return [itertools.cycle(calls[client::clients]) for client in range(clients)]


def upload_calls(side: str, town: PreparedTown) -> Calls:
    """Without end: sixty points under a fresh upload key, for one walker after the other."""
    batches, clients = _batches(town), town.sizes.clients
    return [
        _uploads(side, town.walkers[client::clients], batches, f"{client:02d}")
        for client in range(clients)
    ]


def _uploads(
    side: str, walkers: list[tuple[str, Caller]], batches: list[bytes], name: str
) -> Iterator[Call]:
    turns = zip(itertools.cycle(walkers), itertools.cycle(batches), strict=False)
    for number, ((participation_id, walker), points) in enumerate(turns):
        body = b'{"upload_key":"%s-%08d",%s' % (name.encode(), number, points)
        path = f"/participations/{participation_id}/track-points"
        yield Call(request_bytes(side, walker, "POST", path, body), 201)


def _batches(town: PreparedTown) -> list[bytes]:
    """Pieces of simulated walks as JSON, all but the opening with the upload key."""
    lat, lon = CENTRE
    route = [CENTRE, (lat + 0.004, lon), (lat + 0.004, lon + 0.004), (lat, lon + 0.004), CENTRE]
    found = []
    for seed in range(4):
        walk = simulate_walk(
            route, town.started_at + timedelta(minutes=2), seed, interval_s=5, duration_s=3_600
        )
        points = [{**point, "at": point["at"].astimezone(UTC).isoformat()} for point in walk.points]
        starts = range(0, len(points) - BATCH_POINTS + 1, BATCH_POINTS)
        found += [
            json.dumps({"datum": "wgs84", "points": points[start : start + BATCH_POINTS]})
            for start in starts
        ]
    return [text.removeprefix("{").encode() for text in found]
