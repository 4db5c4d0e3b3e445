"""A city of tasks to search: 40 by 40 km, three in ten published, some of those over already."""

import random
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pymongo
from pymongo.errors import OperationFailure

from bench.parts.bare_app import CARD
from fixtures.factories import CENTRE
from shared.clock import now
from shared.database import database
from shared.ids import new_id
from tasks import Nearby, search_database

# 40 km by 40 km.
HALF_DEG = (0.18, 0.20)
PUBLISHED_SHARE, FULL_SHARE = 0.3, 0.02
RADIUS_M, LIMIT = 2_000.0, 20
INSERTED_AT_ONCE = 5_000
BUILD_TIMEOUT_S, VISIBLE_TIMEOUT_S = 300, 30


class City:
    """The tasks of the connected database, which is prepared and the benchmark's own, growing."""

    def __init__(self) -> None:
        self._rng = random.Random(3)
        self._count = 0
        self._indexes = {
            name: index["key"]
            for name, index in database()["tasks"].index_information().items()
            # Of places, and the one that those who keep the open tasks in memory load them by.
            if any(field in ("location", "settled") for field, _ in index["key"])
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

    def places(self, count: int) -> list[tuple[float, float]]:
        """So many (lat, lon) all over the city, as phones send them."""
        return [
            (round(lat, 6), round(lon, 6)) for lat, lon in (self._place() for _ in range(count))
        ]

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
        is_full = self._rng.random() < FULL_SHARE
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
            "slots_left": 0 if is_full else self._rng.randrange(1, 6),
            "coins": 60,
            "state": "published" if is_published else "closed",
            "settled": not is_published,
            "claims": [],
        }

    def _place(self) -> tuple[float, float]:
        (lat, lon), (up, right) = CENTRE, HALF_DEG
        return lat + self._rng.uniform(-up, up), lon + self._rng.uniform(-right, right)


def _wait_until_found() -> None:
    """The verb reads what a majority has: an index just built may not be there yet for it."""
    ends_at = time.monotonic() + VISIBLE_TIMEOUT_S
    while True:
        try:
            search_database(Nearby(*CENTRE, RADIUS_M, LIMIT))
            return
        except OperationFailure:
            if time.monotonic() > ends_at:
                raise
            time.sleep(0.1)


def raw_near(lat: float, lon: float) -> list[dict[str, Any]]:
    """The quickest way to the same cards that MongoDB has: no measuring, no order of ours."""
    here = {"type": "Point", "coordinates": [lon, lat]}
    query = {
        "state": "published",
        "location": {"$nearSphere": {"$geometry": here, "$maxDistance": RADIUS_M}},
        "ends_at": {"$gt": now()},
        "slots_left": {"$gt": 0},
    }
    return list(database()["tasks"].find(query, dict.fromkeys(CARD, 1), limit=LIMIT))
