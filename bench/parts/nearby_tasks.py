"""The tasks near a place: our verb beside the best raw `$nearSphere`, at one size after another.

A city of 40 by 40 km; three tasks in ten are published, some of those over already. The figure
is a ratio of times, lower is better.
"""

import random
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

import pymongo
from pymongo.errors import OperationFailure

from bench.parts.bare_app import CARD
from bench.parts.nearby_postgis import PostGis
from bench.parts.timed_acts import Act, median_ms, rotated, time_ratio
from fixtures.factories import CENTRE
from shared.clock import now
from shared.database import database, prepare
from shared.ids import new_id
from tasks import Nearby, tasks_near

# 40 km by 40 km.
HALF_DEG = (0.18, 0.20)
PUBLISHED_SHARE = 0.3
RADIUS_M, LIMIT, PLACES = 2_000.0, 20, 400
INSERTED_AT_ONCE = 5_000
BUILD_TIMEOUT_S, VISIBLE_TIMEOUT_S = 300, 30
COMPARED = 50


class TasksNear:
    """The tasks collection of the connected database, which is this benchmark's own, growing."""

    def __init__(self) -> None:
        prepare()
        self._rng = random.Random(3)
        self._count = 0
        self._indexes = {
            name: index["key"]
            for name, index in database()["tasks"].index_information().items()
            if any(field == "location" for field, _ in index["key"])
        }
        with pymongo.timeout(BUILD_TIMEOUT_S):
            database()["tasks"].drop()

    def grow_to(self, count: int) -> None:
        """So many tasks; the program's own indexes of places are built after them."""
        tasks = database()["tasks"].with_options(write_concern=pymongo.WriteConcern(w=1, j=False))
        with pymongo.timeout(BUILD_TIMEOUT_S):
            if self._count:
                tasks.drop_indexes()
            for batch in self._documents(count - self._count):
                tasks.insert_many(batch, ordered=False)
            for name, key in self._indexes.items():
                tasks.create_index(key, name=name)
        _wait_until_found()
        self._count = count

    def _documents(self, count: int) -> Iterator[list[dict[str, Any]]]:
        moment = now()
        for first in range(0, count, INSERTED_AT_ONCE):
            size = min(INSERTED_AT_ONCE, count - first)
            yield [self._task(moment, first + number) for number in range(size)]

    def _task(self, moment: datetime, number: int) -> dict[str, Any]:
        lat, lon = self._place()
        place = {"type": "Point", "coordinates": [lon, lat]}
        starts_at = moment + timedelta(minutes=self._rng.randrange(-600, 2_000))
        is_published = self._rng.random() < PUBLISHED_SHARE
        return {
            "_id": new_id(),
            "unit_id": "6" * 24,
            "place": "鼓楼区鼓西街道",
            "place_en": "Guxi Street, Gulou",
            "kind": "patrol",
            "title": f"示例巡防 {number}",
            "address": "示例路 1 号",
            "location": place,
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=2),
            "slots": 5,
            "slots_left": self._rng.randrange(0, 6),
            "coins": 60,
            "state": "published" if is_published else "closed",
            "claims": [],
        }

    def _place(self) -> tuple[float, float]:
        (lat, lon), (up, right) = CENTRE, HALF_DEG
        return lat + self._rng.uniform(-up, up), lon + self._rng.uniform(-right, right)

    def figures(self, rounds: int, slot_s: float) -> dict[str, Any]:
        """`time_ratio` ours ÷ raw, both times in ms, and PostGIS's where it can be had."""
        places = [self._place() for _ in range(PLACES)]
        turns = {side: cycle(places) for side in ("ours", "raw", "postgis")}
        variants: dict[str, list[Act]] = {
            "ours": [lambda: ours(*next(turns["ours"]))],
            "raw": [lambda: raw(*next(turns["raw"]))],
        }
        with PostGis.beside(database()["tasks"], CARD) as postgis:
            if not postgis.missing:
                variants["postgis"] = [lambda: postgis.near(*next(turns["postgis"]))]
            same = _same_share(places[:COMPARED], _ids_of_raw)
            if not postgis.missing:
                postgis_same = _same_share(
                    places[:COMPARED],
                    lambda *place: {line.partition("|")[0] for line in postgis.near(*place)},
                )
            slots = rotated(variants, rounds, slot_s)
        found = {
            "time_ratio": time_ratio(slots["ours"], slots["raw"]),
            "ours_ms": round(median_ms(slots["ours"]), 3),
            "raw_ms": round(median_ms(slots["raw"]), 3),
            "same_share": same,
            "postgis_ms": None,
        }
        if not postgis.missing:
            found["postgis_ms"] = round(median_ms(slots["postgis"]), 3)
            found["postgis_same_share"] = postgis_same
        else:
            found["postgis_note"] = postgis.missing
        return found


def _same_share(
    places: list[tuple[float, float]], others: Callable[[float, float], set[str]]
) -> float:
    """In how many places both sides answer with the same tasks."""
    same = sum({card["_id"] for card in ours(*place)} == others(*place) for place in places)
    return round(same / len(places), 2)


def _ids_of_raw(lat: float, lon: float) -> set[str]:
    return {card["_id"] for card in raw(lat, lon)}


def _wait_until_found() -> None:
    """The verb reads what a majority has: an index just built may not be there yet for it."""
    ends_at = time.monotonic() + VISIBLE_TIMEOUT_S
    while True:
        try:
            ours(*CENTRE)
            return
        except OperationFailure:
            if time.monotonic() > ends_at:
                raise
            time.sleep(0.1)


def ours(lat: float, lon: float) -> list[dict[str, Any]]:
    """The verb, as the route calls it."""
    return tasks_near(Nearby(lat, lon, RADIUS_M, LIMIT))


def raw(lat: float, lon: float) -> list[dict[str, Any]]:
    """The quickest way to the same cards that MongoDB has: no measuring, no order of ours."""
    here = {"type": "Point", "coordinates": [lon, lat]}
    query = {
        "state": "published",
        "location": {"$nearSphere": {"$geometry": here, "$maxDistance": RADIUS_M}},
        "ends_at": {"$gt": now()},
        "slots_left": {"$gt": 0},
    }
    return list(database()["tasks"].find(query, dict.fromkeys(CARD, 1), limit=LIMIT))
