"""Tasks near a position as MongoDB finds them: open, with a free slot, nearest first.

MongoDB orders by the distance on a sphere; what people are shown is the one on the ellipsoid, so
the candidates are ordered again and a page ends only when nothing unseen can be nearer.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from pymongo.cursor import Cursor

from shared.clock import now
from shared.database import collection
from tasks.nearby.cards import card_fields, open_task
from tasks.nearby.distances import distances_mm, earth_centred
from tasks.nearby.question import Nearby, TaskNear
from tasks.task import Task, TaskState

# A sphere of MongoDB's radius (6,378.1 km) and the WGS-84 ellipsoid disagree by at most 0.68 %
# (near the equator, north to south).
SPHERE_SLACK = 1.007
# Read beyond the page at first: how many may lie so near its end that the order of sphere and
# ellipsoid differs.
SPARE = 4
# Read at once where that was not enough: in a crowd.
BATCH = 500


def search_database(asked: Nearby) -> list[TaskNear]:
    """At most `limit` tasks that are not over, ordered by distance, then id."""
    size = asked.limit + SPARE
    # One answer decides nearly every page, and no cursor stays open behind it. The size is said
    # twice: without that of the batch 101 would be the most.
    first = list(_candidates(asked).limit(-size).batch_size(size))
    found, is_certain = _page_of(first, [], asked) if first else ([], True)
    if not is_certain and len(first) == size:
        found = []
        for batch in _batches(_candidates(asked).batch_size(BATCH), BATCH):
            found, is_certain = _page_of(batch, found, asked)
            if is_certain:
                break
    return found[: asked.limit]


def _page_of(
    batch: list[dict[str, Any]], before: list[TaskNear], asked: Nearby
) -> tuple[list[TaskNear], bool]:
    """The wanted tasks so far, in order, and whether nothing unread can be on the page."""
    measured = _measured(batch, asked)
    found = sorted(before + [task for task in measured if _is_wanted(task, asked)])
    if not measured or len(found) < asked.limit:
        return found, False
    # Everything still unread is at least as far, on the sphere, as the last one read.
    certain_mm = measured[-1].distance_mm / SPHERE_SLACK**2
    return found, found[asked.limit - 1].distance_mm < certain_mm


def _candidates(asked: Nearby) -> Cursor:
    """The open tasks within the radius, nearest on the sphere first."""
    moment = now()
    least_m = asked.after[0] / 1000 / SPHERE_SLACK - 0.001 if asked.after else 0.0
    query: dict[str, Any] = {
        "state": TaskState.PUBLISHED.value,
        "location": {
            "$nearSphere": {
                "$geometry": {"type": "Point", "coordinates": [asked.lon, asked.lat]},
                "$maxDistance": asked.radius_m * SPHERE_SLACK,
                "$minDistance": max(0.0, least_m),
            }
        },
        "ends_at": {"$gt": max(moment, asked.ends_after or moment)},
        "slots_left": {"$gt": 0},
        "by_order": {"$ne": True},
        "$or": [{"is_team": {"$ne": True}}, {"claims.0": {"$exists": False}}],
    }
    if asked.starts_before:
        query["starts_at"] = {"$lt": asked.starts_before}
    if asked.kinds:
        query["kind"] = {"$in": list(asked.kinds)}
    return collection(Task).find(query, card_fields())


def _batches(candidates: Cursor, size: int) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for card in candidates:
        batch.append(card)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _measured(batch: list[dict[str, Any]], asked: Nearby) -> list[TaskNear]:
    """The tasks with their distance, in the order they were read."""
    tasks = [task for task in map(open_task, batch) if task]
    there = np.array([earth_centred(task.lat, task.lon) for task in tasks]).reshape(-1, 3)
    measured = distances_mm(earth_centred(asked.lat, asked.lon), there).tolist()
    return [
        TaskNear(mm, task.id, task.lat, task.lon, task.card)
        for mm, task in zip(measured, tasks, strict=True)
    ]


def _is_wanted(task: TaskNear, asked: Nearby) -> bool:
    if task.distance_mm > asked.radius_m * 1000:
        return False
    return asked.after is None or task[:2] > asked.after
