"""The route of the tasks nearby under gunicorn: ours, bare Flask with MongoDB, ours over PostGIS.

And how often ours had to ask MongoDB after all, with both cores busy.
"""

import statistics
import time
import urllib.request
from collections.abc import Sequence
from typing import Any

from bench.parts import nearby_bare_app, nearby_postgis_app
from bench.parts.calls import Call
from bench.parts.commanded import Commanded
from bench.parts.nearby_city import LIMIT, RADIUS_M
from bench.parts.nearby_clients import Asked, ask_for
from bench.parts.nearby_pages import answers_by_source, random_places
from bench.parts.prepared_town import Caller
from bench.parts.slots import Connection
from bench.parts.web_servers import Web
from children import CannotStart, Stack

SIDES = {
    "ours": "wsgi:app",
    "bare_mongo": "bench.parts.nearby_bare_app:create_app()",
    "postgis": "bench.parts.nearby_postgis_app:create_app()",
}
REQUESTS = 1_000
WARM_UP_S = 0.5
FRESH_TIMEOUT_S = 60
READY = Call(b"GET /readyz HTTP/1.1\r\nHost: bench\r\n\r\n", 200)


def start_webs(stack: Stack, uri: str, postgis: str) -> dict[str, Web]:
    """The sides' web servers, ready to answer; no PostGIS where it has no address."""
    stack.env |= {nearby_bare_app.URI_VARIABLE: uri, nearby_postgis_app.ADDRESS_VARIABLE: postgis}
    webs = {}
    for side, application in SIDES.items():
        if side == "postgis" and not postgis:
            continue
        # Each counts for itself.
        metrics = stack.folder / f"metrics-{side}"
        metrics.mkdir(parents=True)
        stack.env["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
        webs[side] = Web(stack, side, application)
    for web in webs.values():
        web.wait_until_ready()
    return webs


def requests_of(readers: Sequence[Caller]) -> list[bytes]:
    """The tasks around places all over the city, asked by different people in turn."""
    made = []
    for number, (lat, lon) in enumerate(random_places(REQUESTS, 6)):
        path = f"/api/v1/tasks/nearby?lat={lat:.6f}&lon={lon:.6f}"
        path += f"&datum=wgs84&radius_m={RADIUS_M:.0f}&limit={LIMIT}"
        token = readers[number % len(readers)].ours
        head = [f"GET {path} HTTP/1.1", "Host: bench", f"Authorization: Bearer {token}"]
        made.append("\r\n".join([*head, "", ""]).encode())
    return made


def route_figures(
    webs: dict[str, Web], asks: Sequence[bytes], clients: int, rounds: int, slot_s: float
) -> dict[str, Any]:
    """Requests a second of each side, ours ÷ theirs of the same round."""
    connections = {side: web.connections(clients) for side, web in webs.items()}
    _wait_until_from_memory(connections["ours"])
    for side in webs:
        ask_for(connections[side], asks, WARM_UP_S)
    before = answers_of(webs["ours"])
    slots: dict[str, list[Asked]] = {side: [] for side in webs}
    names = list(webs)
    for number in range(rounds):
        first = number % len(names)
        for side in [*names[first:], *names[:first]]:
            slots[side].append(ask_for(connections[side], asks, slot_s))
    after = answers_of(webs["ours"])
    _hang_up(connections.values())
    figures: dict[str, Any] = {
        "from_memory": after["memory"] - before["memory"],
        "from_database": after["database"] - before["database"],
    }
    for side in SIDES:
        if side != "ours":
            figures |= _held_against(side, slots["ours"], slots.get(side))
        figures |= _told(side, slots.get(side))
    return figures


def _held_against(side: str, ours: list[Asked], theirs: list[Asked] | None) -> dict[str, Any]:
    pairs = zip(ours, theirs or [], strict=bool(theirs))
    ratios = [a.rate_per_s / b.rate_per_s for a, b in pairs]
    name = f"rate_ratio_to_{side}"
    if not ratios:
        return {name: None}
    return {
        name: round(statistics.median(ratios), 3),
        f"{name}_lowest": round(min(ratios), 3),
        f"{name}_highest": round(max(ratios), 3),
    }


def _told(side: str, slots: list[Asked] | None) -> dict[str, Any]:
    keys = {"per_s": 1, "p50_ms": 2, "p99_ms": 2}
    if not slots:
        return {f"{side}_{key}": None for key in keys}
    columns = zip(*slots, strict=True)
    return {
        f"{side}_{key}": round(statistics.median(column), digits)
        for (key, digits), column in zip(keys.items(), columns, strict=False)
    }


def fallback_figures(
    web: Web,
    asks: Sequence[bytes],
    clients: Sequence[int],
    seconds: float,
    updates_per_s: int,
    writer: Commanded,
) -> dict[str, Any]:
    """The share of pages that MongoDB answered, of each phase, the worst of them first."""
    phases: dict[str, Any] = {}
    for count in clients:
        connections = web.connections(count)
        _wait_until_from_memory(connections)
        for stream, rate in (("idle", 0), ("updates", updates_per_s)):
            before = answers_of(web)
            if rate:
                writer.tell(do="write", seconds=seconds, rate_per_s=rate, first=1)
            asked = ask_for(connections, asks, seconds)
            if rate:
                writer.hear()
            after = answers_of(web)
            by_database = after["database"] - before["database"]
            answers = by_database + after["memory"] - before["memory"]
            phases[f"{stream}_{count}"] = {
                "share": round(by_database / answers, 5),
                "answers": answers,
                "by_database": by_database,
                "per_s": round(asked.rate_per_s, 1),
                "p99_ms": round(asked.p99_ms, 2),
            }
        _hang_up([connections])
    answers = sum(phase["answers"] for phase in phases.values())
    by_database = sum(phase["by_database"] for phase in phases.values())
    return {
        "share": max(phase["share"] for phase in phases.values()),
        "share_of_all": round(by_database / answers, 5),
        "phases": phases,
    }


def answers_of(web: Web) -> dict[str, int]:
    """Pages from memory and from the database so far, over all workers."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(f"http://127.0.0.1:{web.port}/metrics", timeout=20) as answer:
        return answers_by_source(answer.read().decode())


def _wait_until_from_memory(connections: Sequence[Connection]) -> None:
    """Until whoever answers on each of them does so from memory. Raises CannotStart."""
    ends_at = time.monotonic() + FRESH_TIMEOUT_S
    for connection in connections:
        while b'"memory"' not in (said := connection.ask(READY)):
            if time.monotonic() > ends_at:
                raise CannotStart(f"the web process does not answer from memory: {said!r}")
            time.sleep(0.05)


def _hang_up(groups: Any) -> None:
    for connections in groups:
        for connection in connections:
            connection.close()
