"""Who is out there: the nearest volunteers on duty around a position, for a centre in need of one.

MongoDB orders by the distance on a sphere; what is answered is the one on the ellipsoid, so as
with tasks nearby the list ends only when nobody unread can be nearer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import numpy as np
import structlog

from people import Actor, Role, Unit, unit_of, units_of
from shared.clock import now
from shared.database import collection
from tasks.nearby.database_search import SPHERE_SLACK
from tasks.nearby.distances import distances_mm, earth_centred
from tasks.participation import Participation, ParticipationState
from tasks.reviews.looks import log_looks
from tasks.reviews.track_look import Seen
from tasks.task import EARLY_START

# A phone's last place says little of where somebody is after ten minutes.
FRESH_S = 600
MAX_ON_DUTY_RADIUS_M = 20_000
MAX_CANDIDATES = 2_000
BATCH = 100

log = structlog.get_logger()


@dataclass(frozen=True)
class OnDuty:
    """One volunteer on duty: where their phone last was (WGS-84), when, and how far away."""

    person_id: str
    participation_id: str
    task_id: str
    unit_id: str
    location: dict[str, Any]
    located_at: datetime
    distance_m: float


def on_duty_near(
    unit_id: str, lat: float, lon: float, *, radius_m: float, limit: int, by: Actor
) -> list[OnDuty]:
    """The nearest volunteers on the unit's duty, for its officers: every look is logged.

    Whom it showed stands in the log and in what each of them can see of looks at them. Raises
    UnitNotFound, NotAllowed.
    """
    unit = unit_of(unit_id)
    by.must_hold(Role.CENTRE_OFFICER, at=unit)
    found = nearest_on_duty(lat, lon, radius_m=radius_m, limit=limit, unit=unit)
    log_looks([(one.person_id, one.participation_id) for one in found], Seen.ON_DUTY, by=by)
    shown = [one.person_id for one in found]
    log.info("on_duty_shown", by_id=by.person_id, unit_id=unit.id, person_ids=shown)
    return found


def nearest_on_duty(
    lat: float,
    lon: float,
    *,
    radius_m: float,
    limit: int,
    unit: Unit | None = None,
    fresh_s: int = FRESH_S,
) -> list[OnDuty]:
    """At most `limit` volunteers on duty within `radius_m` of a WGS-84 position, nearest first.

    Those whose phone was heard of in the last `fresh_s` seconds, in tasks of the unit or of one
    below it where `unit` is given. Each person stands once. Shows nobody by itself: who shows
    the answer to somebody logs the look.
    """
    rows = _candidates(lat, lon, radius_m, fresh_s)
    reach = _Reach(unit)
    found: dict[str, OnDuty] = {}
    while batch := list(islice(rows, BATCH)):
        measured = _measured(batch, lat, lon)
        within = [one for one in measured if one.distance_m <= radius_m]
        for one in reach.of(within):
            known = found.get(one.person_id)
            if known is None or one.located_at > known.located_at:
                found[one.person_id] = one
        # Everybody still unread is at least as far, on the sphere, as the last one read.
        certain_m = measured[-1].distance_m / SPHERE_SLACK**2
        if sum(one.distance_m < certain_m for one in found.values()) >= limit:
            break
    nearest = sorted(found.values(), key=lambda one: (one.distance_m, one.person_id))
    return nearest[:limit]


def _candidates(lat: float, lon: float, radius_m: float, fresh_s: int) -> Any:
    near = {
        "$geometry": {"type": "Point", "coordinates": [lon, lat]},
        "$maxDistance": radius_m * SPHERE_SLACK,
    }
    moment = now()
    query = {
        "state": ParticipationState.STARTED.value,
        "location": {"$nearSphere": near},
        "located_at": {"$gte": moment - timedelta(seconds=fresh_s)},
        # Whoever forgot to finish is on duty no more.
        "ends_at": {"$gt": moment - EARLY_START},
    }
    fields = ("person_id", "task_id", "unit_id", "location", "located_at")
    asked = dict.fromkeys(fields, 1)
    return collection(Participation).find(query, asked, batch_size=BATCH).limit(MAX_CANDIDATES)


def _measured(batch: list[dict[str, Any]], lat: float, lon: float) -> list[OnDuty]:
    lons, lats = zip(*(row["location"]["coordinates"] for row in batch), strict=True)
    there = np.array([earth_centred(*place) for place in zip(lats, lons, strict=True)])
    measured = distances_mm(earth_centred(lat, lon), there)
    return [
        OnDuty(
            row["person_id"],
            row["_id"],
            row["task_id"],
            row["unit_id"],
            row["location"],
            row["located_at"],
            round(distance_mm / 1000, 1),
        )
        for row, distance_mm in zip(batch, measured.tolist(), strict=True)
    ]


class _Reach:
    """Which of the found are on duty for a unit or one below it; each unit is asked for once."""

    def __init__(self, unit: Unit | None) -> None:
        self._unit = unit
        self._is_below: dict[str, bool] = {}

    def of(self, found: list[OnDuty]) -> list[OnDuty]:
        if self._unit is None:
            return found
        unknown = {one.unit_id for one in found} - set(self._is_below)
        if unknown:
            seen = units_of(list(unknown))
            for unit_id in unknown:
                lineage = seen[unit_id].lineage if unit_id in seen else []
                self._is_below[unit_id] = self._unit.id in lineage
        return [one for one in found if self._is_below[one.unit_id]]
