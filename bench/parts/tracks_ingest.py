"""Points a second through `store_positions`, beside bare inserts of the same packed chunks."""

from collections.abc import Callable
from itertools import count, cycle
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from bench.parts.slots import compared
from bench.parts.timed_acts import Act, rotated
from bench.parts.tracks_town import BATCH_POINTS, Walkers, batches, fresh_keys
from shared.database import database
from shared.ids import new_id
from tasks import store_positions

WALKERS = 64
CHUNKS = "track_chunks"
_numbers = count()


def ingest_figures(walkers: Walkers, bare: Database, rounds: int, slot_s: float) -> dict[str, Any]:
    """`rate_ratio` (one client) and `rate_ratio_4_threads`, in points a second, ours ÷ bare.

    Both sides write to one MongoDB, a database each, with the same indexes, w=majority, journaled.
    """
    sent = batches(walkers.started_at)
    packed = _as_stored(walkers, sent)
    target = bare[CHUNKS]
    _copy_indexes(target)
    variants: dict[str, list[Act]] = {}
    for threads in (1, 4):
        variants[f"ours{threads}"] = [_ours(walkers, sent) for _ in range(threads)]
        variants[f"bare{threads}"] = [_bare(target, packed) for _ in range(threads)]
    slots = rotated(variants, rounds, slot_s)
    one, four = (compared(slots[f"ours{n}"], slots[f"bare{n}"]) for n in (1, 4))
    return {
        "rate_ratio": one["rate_ratio"],
        "rate_ratio_4_threads": four["rate_ratio"],
        "one_client": _in_points(one),
        "four_threads": _in_points(four),
    }


def _as_stored(walkers: Walkers, sent: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """What the verb itself stores of every batch: bare inserts exactly these documents."""
    walker, keys = walkers.more(1)[0], fresh_keys("warm-up")
    for batch in sent:
        store_positions(walker.participation_id, next(keys), "wgs84", batch, by=walker.actor)
    return list(database()[CHUNKS].find({"participation_id": walker.participation_id}))


def _copy_indexes(target: Collection) -> None:
    for name, index in database()[CHUNKS].index_information().items():
        if name != "_id_":
            target.create_index(index["key"], name=name, unique=index.get("unique", False))


def _ours(walkers: Walkers, sent: list[list[dict[str, Any]]]) -> Act:
    turns = cycle(walkers.more(WALKERS))
    keys, work = fresh_keys(f"ours{next(_numbers)}"), cycle(sent)

    def store() -> None:
        walker = next(turns)
        store_positions(walker.participation_id, next(keys), "wgs84", next(work), by=walker.actor)

    return store


def _bare(target: Collection, packed: list[dict[str, Any]]) -> Callable[[], None]:
    whose, keys = cycle([new_id() for _ in range(WALKERS)]), fresh_keys(f"bare{next(_numbers)}")
    work = cycle(packed)

    def insert() -> None:
        own = {"_id": new_id(), "participation_id": next(whose), "upload_key": next(keys)}
        target.insert_one({**next(work), **own})

    return insert


def _in_points(figures: dict[str, float]) -> dict[str, float]:
    """The same with rates in points a second: a batch has sixty."""
    return {
        key: round(value * BATCH_POINTS, 0) if key.endswith("_per_s") else value
        for key, value in figures.items()
    }
