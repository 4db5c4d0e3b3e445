"""What a stored point costs on disk, indexes and everything around it included."""

from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import pymongo

from bench.parts.tracks_town import Walker, Walkers, batches
from shared.database import database, prepare
from tasks import store_positions

CHUNKS = "track_chunks"
CHUNKS_A_WALK = 24
CLIENTS = 4
CHECKPOINT_TIMEOUT_S = 60


def storage_figures(walkers: Walkers, chunks: int) -> dict[str, Any]:
    """Bytes a point of five fields (time, place, accuracy, altitude), in chunks of 60 and of 10.

    Stored by the verb itself; read from collStats after a checkpoint, indexes of the collection
    included, the participation's own document not.
    """
    sixty = _figures_of(walkers, 60, chunks)
    ten = _figures_of(walkers, 10, chunks)
    return {
        "fields_a_point": 5,
        **sixty,
        "bytes_per_point_chunks_of_10": ten["bytes_per_point"],
    }


def _figures_of(walkers: Walkers, points: int, chunks: int) -> dict[str, Any]:
    database()[CHUNKS].drop()
    prepare()
    sent = batches(walkers.started_at, points)
    started = walkers.more(-(-chunks // CHUNKS_A_WALK))
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda one: _store_walk(one[1], sent, one[0]), enumerate(started)))
    with pymongo.timeout(CHECKPOINT_TIMEOUT_S):
        database().client.admin.command("fsync")
        stats = database().command("collStats", CHUNKS)
        packed = database()[CHUNKS].aggregate(
            [
                {
                    "$group": {
                        "_id": None,
                        "n": {"$sum": "$n"},
                        "bytes": {"$sum": {"$binarySize": "$packed"}},
                    }
                }
            ]
        )
        found = next(iter(packed))
    return {
        "bytes_per_point": round((stats["storageSize"] + stats["totalIndexSize"]) / found["n"], 2),
        "index_bytes_per_point": round(stats["totalIndexSize"] / found["n"], 2),
        "packed_bytes_per_point": round(found["bytes"] / found["n"], 2),
        "document_bytes_per_point": round(stats["size"] / found["n"], 2),
        "points": found["n"],
        "chunks": stats["count"],
    }


def _store_walk(walker: Walker, sent: list[list[dict[str, Any]]], number: int) -> None:
    """One walk's chunks in order, under the keys that phones use."""
    first = number * CHUNKS_A_WALK % len(sent)
    turned = sent[first:] + sent[:first]
    for index, batch in enumerate(islice(turned, CHUNKS_A_WALK)):
        key = f"chunk-{index}"
        store_positions(walker.participation_id, key, "wgs84", batch, by=walker.actor)
