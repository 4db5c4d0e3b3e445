"""`dev.py bench http`: each request of the loop, ours beside bare Flask and PyMongo, in one run."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask import Flask

from api.app import create_app
from bench.parts import bare_app, calls
from bench.parts.calls import NAMES, SIDES, Calls
from bench.parts.machine import cores, cpu_model, load_average
from bench.parts.own_databases import environment, own_databases
from bench.parts.prepared_town import (
    PreparedTown,
    Sizes,
    claims_for_a_round,
    codes_for_a_round,
    prepare_town,
)
from bench.parts.slots import Connection, Slot, compared, run_slot, turns
from bench.parts.web_servers import THREADS, WORKERS, Web
from children import Stack, mark_for, stopping
from settings import settings
from shared.database import prepare

SLOT_S = 0.5
WARM_UP_S = 0.3
VARIANTS = [(name, side) for name in NAMES for side in SIDES]
NOTES = {
    "rate_ratio": "ours ÷ bare in requests a second, same round; higher is better, aim 0.6",
    "ms": "p50 of one request, with all clients asking at once",
    "ours": "wsgi:app as dev.py run starts it: signed tokens, schemas, limits, metrics, log lines",
    "bare": "bench/parts/bare_app.py: the same database commands in the same order, nothing else",
    "database": "one MongoDB for both, a database each, w=majority, journaled",
    "claim": "POST claims: one free slot, one person who has not claimed before",
    "upload_batch": "POST track-points: 60 points of a simulated walk under a fresh key",
    "nearby": "GET tasks/nearby: random place, 20 nearest of the open tasks within 2 km",
    "scan": "POST voucher-scans: a funded voucher, its coins to the point in one transaction",
}


def run(rounds: int = 5, *, slot_s: float = SLOT_S, sizes: Sizes | None = None) -> dict[str, Any]:
    """Measure every request on both sides in rotated slots; the figures, nested at the dots.

    Uses the servers of the environment, there only databases of its own, dropped afterwards.
    """
    if rounds < 1:
        raise click.UsageError("a benchmark needs at least one round")
    sizes, load_before, log_level = sizes or Sizes(), load_average(), settings().log_level
    with (
        own_databases(SIDES) as uris,
        # The codes of the people made here need not be read.
        environment(MONGODB_URI=uris["ours"], LOG_LEVEL="WARNING"),
        _servers(uris, log_level) as webs,
    ):
        app, bare = create_app(), bare_app.connect(uris["bare"])
        prepare()
        _say(f"preparing a town with {sizes.tasks} tasks ...")
        with app.app_context():
            town = prepare_town(sizes, bare)
        for web in webs.values():
            web.wait_until_ready()
        measured = _measure(app, town, webs, rounds, slot_s)
    figures: dict[str, Any] = {
        name: compared(measured[name, "ours"], measured[name, "bare"]) for name in NAMES
    }
    machine = {
        "cpu_model": cpu_model(),
        "cores": cores(),
        "load_before": load_before,
        "load_after": load_average(),
    }
    return figures | {
        "machine": machine,
        "rounds": rounds,
        "slot_s": slot_s,
        "clients": sizes.clients,
        "web_workers": WORKERS,
        "web_threads": THREADS,
        "notes": NOTES,
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def _servers(uris: dict[str, str], log_level: str) -> Iterator[dict[str, Web]]:
    """Both web servers, starting; their logs go into a folder that is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="fuxun-bench-http-")).resolve()
    (folder / "metrics").mkdir()
    env = {
        **os.environ,
        "MONGODB_URI": uris["ours"],
        bare_app.URI_VARIABLE: uris["bare"],
        "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"),
        "LOG_LEVEL": log_level,
        # Desks scan faster here than clerks can hand over.
        "LIMIT_SCANS_PER_POINT": "1000000 per minute",
        "LIMIT_HAND_OVERS_PER_PERSON": f"{bare_app.MOST_FETCHED} per hour",
    }
    stack = Stack(folder, mark_for(folder), env)
    with stopping(stack, temporary=folder):
        yield {
            "ours": Web(stack, "ours", "wsgi:app"),
            "bare": Web(stack, "bare", "bench.parts.bare_app:create_app()"),
        }


Measured = dict[tuple[str, str], list[Slot]]


def _measure(
    app: Flask, town: PreparedTown, webs: dict[str, Web], rounds: int, slot_s: float
) -> Measured:
    connections = {side: webs[side].connections(town.sizes.clients) for side in SIDES}
    endless = {
        (name, side): make(side, town)
        for name, make in (("nearby", calls.nearby_calls), ("upload_batch", calls.upload_calls))
        for side in SIDES
    }
    measured: Measured = {variant: [] for variant in VARIANTS}
    _one_round(_work_of_a_round(app, town) | endless, connections, VARIANTS, WARM_UP_S)
    for number in range(rounds):
        work = _work_of_a_round(app, town) | endless
        _say(f"round {number + 1} of {rounds} ...")
        slots = _one_round(work, connections, turns(NAMES, SIDES, number), slot_s)
        for variant, slot in slots.items():
            measured[variant].append(slot)
    return measured


def _work_of_a_round(app: Flask, town: PreparedTown) -> dict[tuple[str, str], Calls]:
    """What is used up by doing it, made anew outside the timed slots."""
    with app.app_context():
        claims, codes = claims_for_a_round(town), codes_for_a_round(town)
    return {("claim", side): calls.claim_calls(side, claims) for side in SIDES} | {
        ("scan", side): calls.scan_calls(side, town, codes) for side in SIDES
    }


def _one_round(
    work: dict[tuple[str, str], Calls],
    connections: dict[str, list[Connection]],
    order: list[tuple[str, str]],
    slot_s: float,
) -> dict[tuple[str, str], Slot]:
    return {
        (name, side): run_slot(connections[side], work[name, side], slot_s) for name, side in order
    }
