"""`dev.py bench tracks`: storing, judging, comparing and finding, ours beside bare, in one run."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click
from pymongo import MongoClient

from api.app import create_app
from bench.parts.machine import cores, cpu_model, load_average, short_count
from bench.parts.nearby_tasks import TasksNear
from bench.parts.own_databases import environment, own_databases
from bench.parts.tracks_claims import claims_figures
from bench.parts.tracks_copies import copies_figures
from bench.parts.tracks_ingest import ingest_figures
from bench.parts.tracks_storage import storage_figures
from bench.parts.tracks_town import Walkers
from bench.parts.tracks_verdict import verdict_figures
from shared.database import prepare

SLOT_S = 0.5
SIDES = ("ours", "bare", "nearby")
NOTES = {
    "ingest.rate_ratio": "points a second, ours ÷ bare of the same round, one client, batches of "
    "60; ours: store_positions from raw points to the receipt; bare: PyMongo insert_one of the "
    "very chunks that the verb stores, packed before; w=majority, journaled; higher is better, "
    "aim 0.7",
    "ingest.rate_ratio_4_threads": "the same with four threads of one process on either side",
    "storage.bytes_per_point": "collStats after a checkpoint, storage and indexes of the chunks, "
    "five fields a point, 60 points a chunk; lower is better, aim 10",
    "verdict.ms": "decode and judge 1,440 points in 24 chunks: time and distance inside 200 "
    "corners, 8 checkpoints with dwell, speed; lower is better, aim 2",
    "verdict.speedup": "the same checks as loops over points with scalar pyproj and shapely "
    "(bench/parts/scalar_verdict.py), their time ÷ ours; higher is better, aim 10",
    "copies.ms": "which of 10,000 stored tracks a new one must be compared with; aim 1",
    "nearby.time_ratio": "search_database ÷ one raw find with $nearSphere, same filter and cards, "
    "20 nearest within 2 km of 40 by 40 km; lower is better, aim 1.3; same_share: in how many "
    "places both answer with the same tasks",
    "nearby.postgis_ms": "null where PostGIS is not installed, which postgis_note then says",
    "claims.oversold": "slots given twice when 200 threads claim 20 slots, over all tasks; aim 0",
}


@dataclass(frozen=True)
class Sizes:
    """How much there is of everything."""

    chunks: int = 2_400
    stored_tracks: int = 10_000
    tasks: tuple[int, ...] = (100_000, 1_000_000)
    claim_threads: int = 200
    claimed_tasks: int = 5


def run(rounds: int = 5, *, slot_s: float = SLOT_S, sizes: Sizes | None = None) -> dict[str, Any]:
    """Measure everything in rotated slots; the figures, nested at the dots.

    Uses the servers of the environment, there only databases of its own, dropped afterwards.
    """
    if rounds < 1:
        raise click.UsageError("a benchmark needs at least one round")
    sizes, load_before = sizes or Sizes(), load_average()
    figures: dict[str, Any] = {}
    _say("judging and comparing ...")
    figures["verdict"] = verdict_figures(rounds, slot_s)
    figures["copies"] = copies_figures(rounds, slot_s, sizes.stored_tracks)
    with own_databases(SIDES) as uris:
        with _connected(uris["ours"]):
            figures |= _stored(uris["bare"], rounds, slot_s, sizes)
        with _connected(uris["nearby"]):
            figures["nearby"] = _nearby(rounds, slot_s, sizes)
    machine = {
        "cpu_model": cpu_model(),
        "cores": cores(),
        "load_before": load_before,
        "load_after": load_average(),
    }
    notes = {"rounds": rounds, "slot_s": slot_s, "notes": NOTES}
    return figures | {"machine": machine} | notes


def _stored(bare_uri: str, rounds: int, slot_s: float, sizes: Sizes) -> dict[str, Any]:
    """What needs the rooms' own documents: storing points, what they take, claims at once."""
    walkers = Walkers()
    client: MongoClient[dict[str, Any]]
    with MongoClient(bare_uri, w="majority", journal=True, tz_aware=True) as client:
        _say("storing points ...")
        ingest = ingest_figures(walkers, client.get_default_database(), rounds, slot_s)
    _say("filling the disk ...")
    storage = storage_figures(walkers, sizes.chunks)
    _say("claiming all at once ...")
    claims = claims_figures(sizes.claim_threads, sizes.claimed_tasks)
    return {"ingest": ingest, "storage": storage, "claims": claims}


def _nearby(rounds: int, slot_s: float, sizes: Sizes) -> dict[str, Any]:
    tasks, figures = TasksNear(), {}
    for count in sizes.tasks:
        _say(f"searching among {count:,} tasks ...")
        tasks.grow_to(count)
        figures[f"at_{short_count(count)}"] = tasks.figures(rounds, slot_s)
    return figures


@contextmanager
def _connected(uri: str) -> Iterator[None]:
    """The rooms on a database of their own, as the web process has them."""
    with environment(MONGODB_URI=uri, LOG_LEVEL="WARNING"):
        app = create_app()
        prepare()
        with app.app_context():
            yield


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
