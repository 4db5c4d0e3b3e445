"""When a captain's track may stand for a member who carried no phone: they met, and met again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.geo import distance_m
from tasks.tracks.track_packing import TrackPoints

LEAST_MEETINGS = 2
# The phone that reads the card is the one whose track it is: so near it was just then.
NEAR_TRACK_S = 180.0
NEAR_TRACK_M = 150.0
# First and last meeting are at least this share of the needed time apart.
LEAST_SHARE = 0.5
# Where no check asks for time inside, this share of the window is what is needed.
SHARE_OF_WINDOW = 0.5


@dataclass(frozen=True)
class Met:
    """One reading of a member's card: when, in s since 1970, and where, in WGS-84."""

    at_s: float
    lat: float
    lon: float


def time_needed_s(
    checks: Sequence[Mapping[str, Any]], starts_at: datetime, ends_at: datetime
) -> float:
    """How long the task's checks want somebody inside, in s; half its window where none says."""
    asked = [
        float(check["parameters"]["min_s"])
        for check in checks
        if "min_s" in check.get("parameters", {})
    ]
    return max(asked, default=(ends_at - starts_at).total_seconds() * SHARE_OF_WINDOW)


def together_within(
    meetings: Sequence[Met], points: TrackPoints, needed_s: float
) -> tuple[float, float] | None:
    """From when to when (s since 1970) the captain's track stands for the member; None: never.

    Counted are meetings near a fix of the captain's track. There must be two, and the first and
    the last at least half of `needed_s` apart.
    """
    moments = [met.at_s for met in meetings if _is_on(points, met)]
    if len(moments) < LEAST_MEETINGS:
        return None
    since, until = min(moments), max(moments)
    return (since, until) if until - since >= LEAST_SHARE * needed_s else None


def points_within(points: TrackPoints, since_s: float, until_s: float) -> NDArray[np.bool_]:
    """Which of the points lie between two moments, both included."""
    inside: NDArray[np.bool_] = (points.t_ms >= since_s * 1000) & (points.t_ms <= until_s * 1000)
    return inside


def _is_on(points: TrackPoints, met: Met) -> bool:
    if not len(points):
        return False
    away_s = np.abs(points.t_ms / 1000 - met.at_s)
    nearest = int(np.argmin(away_s))
    if away_s[nearest] > NEAR_TRACK_S:
        return False
    fix = (float(points.lat[nearest]), float(points.lon[nearest]))
    return distance_m(fix, (met.lat, met.lon)) <= NEAR_TRACK_M
