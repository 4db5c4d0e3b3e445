"""Tasks near a position: open, with a free slot, nearest first, page by page.

One function answers, so that another source can stand in for MongoDB. MongoDB orders by the
distance on a sphere; what people are shown is the one on the ellipsoid, so the candidates are
ordered again and a page ends only when nothing unseen can be nearer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.cursor import Cursor
from pyproj import Geod

from shared.clock import now
from shared.database import collection
from tasks.kinds.private_places import card_shown
from tasks.task import CARD_FIELDS, Task, TaskState

GEOD = Geod(ellps="WGS84")
# A sphere of MongoDB's radius (6,378.1 km) and the WGS-84 ellipsoid disagree by at most 0.68 %
# (near the equator, north to south).
SPHERE_SLACK = 1.007
MAX_RADIUS_M = 20_000
# Read at most for one page: so many open tasks at practically one place are a mistake, and the
# rest of them can wait until some are taken.
MAX_CANDIDATES = 2_000
# Read beyond the page at first: how many may lie so near its end that the order of sphere and
# ellipsoid differs.
SPARE = 4

# The card, and whether its place is private.
_READ = dict.fromkeys((*CARD_FIELDS, "has_private_place"), 1)


@dataclass(frozen=True)
class Nearby:
    """What is asked: around where (WGS-84 degrees), how far, which tasks, from where on.

    `after` is the (millimetres, id) of the last task already shown; `starts_before` and
    `ends_after` bound the window.
    """

    lat: float
    lon: float
    radius_m: float
    limit: int
    kinds: tuple[str, ...] = ()
    starts_before: datetime | None = None
    ends_after: datetime | None = None
    after: tuple[int, str] | None = None


def tasks_near(asked: Nearby) -> list[dict[str, Any]]:
    """At most `limit` cards, each with `distance_mm` on the ellipsoid, ordered by it, then id."""
    size = asked.limit + SPARE
    # One answer decides nearly every page, and no cursor stays open behind it.
    first = list(_candidates(asked).limit(-size))
    found, is_certain = _page_of(first, [], asked) if first else ([], True)
    if not is_certain and len(first) == size:
        found = []
        for batch in _batches(_candidates(asked).batch_size(size).limit(MAX_CANDIDATES), size):
            found, is_certain = _page_of(batch, found, asked)
            if is_certain:
                break
    return [card_shown(card) for card in found[: asked.limit]]


def _page_of(
    batch: list[dict[str, Any]], before: list[dict[str, Any]], asked: Nearby
) -> tuple[list[dict[str, Any]], bool]:
    """The wanted cards so far, in order, and whether nothing unread can be on the page."""
    found = before + [card for card in _measured(batch, asked) if _is_wanted(card, asked)]
    found.sort(key=lambda card: (card["distance_mm"], card["_id"]))
    if len(found) < asked.limit:
        return found, False
    # Everything still unread is at least as far, on the sphere, as the last one read.
    certain_mm = batch[-1]["distance_mm"] / SPHERE_SLACK**2
    return found, found[asked.limit - 1]["distance_mm"] < certain_mm


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
        # What only an order opens is not for everybody, nor a team that has its leader.
        "by_order": {"$ne": True},
        "$or": [{"is_team": {"$ne": True}}, {"claims.0": {"$exists": False}}],
    }
    if asked.starts_before:
        query["starts_at"] = {"$lt": asked.starts_before}
    if asked.kinds:
        query["kind"] = {"$in": list(asked.kinds)}
    return collection(Task).find(query, _READ)


def _batches(candidates: Cursor, size: int) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for card in candidates:
        batch.append(card)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _measured(batch: list[dict[str, Any]], asked: Nearby) -> list[dict[str, Any]]:
    """The cards with their distance on the ellipsoid, in whole millimetres."""
    lons, lats = zip(*(card["location"]["coordinates"] for card in batch), strict=True)
    here = len(batch)
    _, _, metres = GEOD.inv([asked.lon] * here, [asked.lat] * here, lons, lats)
    for card, distance_m in zip(batch, metres, strict=True):
        card["distance_mm"] = round(distance_m * 1000)
    return batch


def _is_wanted(card: dict[str, Any], asked: Nearby) -> bool:
    if card["distance_mm"] > asked.radius_m * 1000:
        return False
    return asked.after is None or (card["distance_mm"], card["_id"]) > asked.after
