"""`dev.py bench nearby`: the tasks nearby from memory, beside MongoDB and PostGIS, in one run."""

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
from flask import Flask

from api.app import create_app
from bench.parts.machine import cores, cpu_model, load_average, short_count
from bench.parts.nearby_city import City
from bench.parts.nearby_lag import lag_figures
from bench.parts.nearby_postgis import PostGis
from bench.parts.nearby_restarts import after_a_change_of_primary, after_a_kill, reader_on
from bench.parts.nearby_route import fallback_figures, requests_of, route_figures, start_webs
from bench.parts.own_databases import environment, own_databases
from bench.parts.prepared_town import Caller, more_people
from bench.parts.web_servers import THREADS, WORKERS
from children import Stack, mark_for, stopping
from fixtures.factories import a_resident, a_town
from settings import settings
from shared.database import database, prepare

SLOT_S = 0.5
SIDE = "nearby"
# Rates differ from slot to slot by more than the time of a page does.
ROUTE_ROUNDS = 4
PAGE = (
    "index and page bytes (tasks_near + nearby_page) in a process that follows: a call within the "
    "process, where the peers are asked over a socket; from_database counts the pages that memory "
    "did not answer; "
)
NOTES = {
    "page.time_ratio_to_mongo": PAGE + "÷ one raw find with $nearSphere over TCP, same filter "
    "(state, window, slots), projected to the card, its documents not turned to JSON, which "
    "favours it; p50 of the same round; lower is better, aim 0.10 at 100k and 0.08 at 1m",
    "page.time_ratio_to_postgis": PAGE + "÷ PostGIS over a Unix socket, prepared, partial GiST, "
    "jit off, in its own order (sphere): place, distance and the ready card of each, not put "
    "together to a page, which favours it; lower is better, aim 0.30; at the smallest size only",
    "page.agreement": "in how many places index and PostGIS, ordered by its spheroid's distance in "
    "whole millimetres and then by id, name the same tasks in the same order, and with distances "
    "that differ by at most 1 mm",
    "route.rate_ratio_to_bare_mongo": "requests a second, ours as it runs (token, schema, limits, "
    "metrics, log lines, following, and the caller's session read from MongoDB each time) ÷ bare "
    "Flask with one $nearSphere, the same cards as JSON by orjson, no token, no distance; gunicorn "
    "alike; higher is better, aim 2.5",
    "route.rate_ratio_to_postgis": "÷ our whole route with PostGIS in the place of tasks_near, a "
    "prepared connection per thread; ours answers within the process, both peers ask over a "
    "socket; higher is better, aim 1.3",
    "lag": "from a write's acknowledgement (w=majority, journaled) until its task lies changed in "
    "the index of another process; while_asked: with that process asking pages without pause; aim "
    "20 ms at p99",
    "fallback.share": "of the answers at full load, those that MongoDB gave, by /metrics; the "
    "worst of the phases (stream idle or updated, 8 or 32 connections); aim 0.001",
    "restart.fresh_seconds": "mongod ended by kill -9, down for a while, until memory is fresh "
    "after it takes writes again; lower is better, aim 3",
    "restart.primary_change_seconds": "primary of a set of three killed, which takes a missed "
    "member for dead after two seconds, until memory is fresh; the election in it took "
    "new_primary_seconds; lower is better, aim 15",
    "memory.mib": "what a fresh process grows by (RSS) until it answers from memory; load_s is how "
    "long that takes; lower is better, aim 40 at 100k and 250 at 1m",
    "data": "40 by 40 km, uniform; three tasks in ten published, about 24 in a hundred open: rows",
}


@dataclass(frozen=True)
class Sizes:
    """How much there is of everything; `members` 0 leaves the change of primary out."""

    tasks: tuple[int, ...] = (100_000, 1_000_000)
    readers: int = 200
    route_clients: int = 8
    fallback_clients: tuple[int, ...] = (8, 32)
    fallback_s: float = 10.0
    lag_s: float = 8.0
    updates_per_s: int = 200
    restart_tasks: int = 5_000
    down_s: float = 3.0
    members: int = 3


def run(rounds: int = 5, *, slot_s: float = SLOT_S, sizes: Sizes | None = None) -> dict[str, Any]:
    """Measure one after the other; the figures, nested at the dots.

    Uses the servers of the environment, there only a database of its own, dropped afterwards; what
    is killed are servers started for it.
    """
    if rounds < 1:
        raise click.UsageError("a benchmark needs at least one round")
    sizes, load_before, log_level = sizes or Sizes(), load_average(), settings().log_level
    with own_databases([SIDE]) as uris, _connected(uris[SIDE]) as app, _own_stack() as stack:
        stack.env["LOG_LEVEL"] = log_level
        figures = _in_cities(app, stack, uris[SIDE], rounds, slot_s, sizes)
        figures["restart"] = _restarts(stack, sizes)
    machine = {
        "cpu_model": cpu_model(),
        "cores": cores(),
        "load_before": load_before,
        "load_after": load_average(),
        "web_workers": WORKERS,
        "web_threads": THREADS,
    }
    notes = {"rounds": rounds, "slot_s": slot_s, "sizes": asdict(sizes), "notes": NOTES}
    return figures | {"machine": machine} | notes


def _in_cities(
    app: Flask, stack: Stack, uri: str, rounds: int, slot_s: float, sizes: Sizes
) -> dict[str, Any]:
    """All that is measured in the smallest city, then pages and memory in the greater ones."""
    figures: dict[str, Any] = {"memory": {}}
    city = City()
    for number, count in enumerate(sizes.tasks):
        _say(f"filling a city with {count:,} tasks ...")
        city.grow_to(count)
        with ExitStack() as running:
            postgis = PostGis("asked at the smallest size only")
            if not number:
                postgis = running.enter_context(PostGis.beside(database()["tasks"]))
            with reader_on(uri) as reader:
                _say(f"pages of {count:,} tasks ...")
                loaded = reader.ask(do="load")
                page = {"rounds": rounds, "slot_s": slot_s, "postgis": postgis.address}
                figures[f"page_{short_count(count)}"] = reader.ask(do="page", **page)
                if not number:
                    _say("how far the index lags behind ...")
                    with reader_on(uri) as writer:
                        lag = (sizes.lag_s, sizes.updates_per_s)
                        figures["lag"] = lag_figures(reader, writer, *lag)
            figures[f"page_{short_count(count)}"]["postgis_note"] = postgis.missing or None
            for name, value in loaded.items():
                figures["memory"][f"{name}_{short_count(count)}"] = value
            if not number:
                asks = requests_of(_readers(app, sizes.readers))
                figures |= _over_http(stack, uri, postgis, asks, rounds, slot_s, sizes)
    return figures


def _over_http(
    stack: Stack,
    uri: str,
    postgis: PostGis,
    asks: Sequence[bytes],
    rounds: int,
    slot_s: float,
    sizes: Sizes,
) -> dict[str, Any]:
    _say("the whole route ...")
    webs = start_webs(stack, uri, postgis.address)
    route = route_figures(webs, asks, sizes.route_clients, rounds * ROUTE_ROUNDS, slot_s)
    _stop(stack, [side for side in webs if side != "ours"])
    _say("how often MongoDB is asked after all ...")
    with reader_on(uri) as writer:
        at = (sizes.fallback_clients, sizes.fallback_s, sizes.updates_per_s)
        fallback = fallback_figures(webs["ours"], asks, *at, writer)
    _stop(stack, ["ours"])
    return {"route": route | {"postgis_note": postgis.missing or None}, "fallback": fallback}


def _stop(stack: Stack, names: Sequence[str]) -> None:
    """Nobody asks these any more, and they would go on following what happens."""
    for child in stack.started:
        if child.name in names:
            child.stop()


def _readers(app: Flask, count: int) -> list[Caller]:
    """People who are signed in."""
    with app.app_context():
        a_town()
        model = database()["people"].find_one({"_id": a_resident().person_id})
        if model is None:
            raise LookupError("the resident just made is not there")
        return more_people(model, count)


def _restarts(stack: Stack, sizes: Sizes) -> dict[str, Any]:
    _say("killing a MongoDB of its own ...")
    tasks = sizes.restart_tasks
    figures = after_a_kill(stack.folder / "killed", stack.mark, tasks, sizes.down_s)
    if not sizes.members:
        return figures | {"primary_change_seconds": None}
    _say("killing the primary of a set of its own ...")
    folder = stack.folder / "members"
    return figures | after_a_change_of_primary(folder, stack.mark, tasks, sizes.members)


@contextmanager
def _connected(uri: str) -> Iterator[Flask]:
    """The rooms on a database of their own."""
    with environment(MONGODB_URI=uri, LOG_LEVEL="WARNING"):
        app = create_app()
        prepare()
        yield app


@contextmanager
def _own_stack() -> Iterator[Stack]:
    """What is started here, and a folder for its logs and data; all of it ends with the block."""
    folder = Path(tempfile.mkdtemp(prefix="fuxun-bench-nearby-")).resolve()
    stack = Stack(folder, mark_for(folder), dict(os.environ))
    with stopping(stack, temporary=folder):
        yield stack


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
