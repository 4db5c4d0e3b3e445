"""A circle, its frame and tracks in it, for the tests of single checks."""

from typing import Any

import numpy as np

from shared.geo import LocalFrame
from tasks.judging.areas import validated_area
from tasks.judging.checks import CheckResult, Judgement, judge, validate_checks
from tasks.tracks.track_packing import TrackPoints

T0 = 1_700_000_000.0
CIRCLE = validated_area(
    {
        "shape": "circle",
        "geometry": {"type": "Point", "coordinates": [119.3, 26.08]},
        "radius_m": 500,
    }
)
FRAME = LocalFrame(26.08, 119.3)
# The task's hours, and when its walker started and finished.
HOURS = (T0, T0 + 7_200)
CLAIM = (T0, T0 + 3_600)
NOBODY = TrackPoints.of([], [], [])


def at(x: float, y: float = 0.0) -> tuple[float, float]:
    """(lat, lon) so many metres east and north of the circle's middle."""
    lat, lon = FRAME.to_degrees(x, y)
    return float(lat), float(lon)


def place(x: float, y: float = 0.0) -> dict[str, float]:
    """A place as checks name it."""
    lat, lon = at(x, y)
    return {"lat": lat, "lon": lon}


def track(t: Any, x: Any, y: Any = 0.0) -> TrackPoints:
    """Fixes so many seconds after T0 at so many metres from the middle."""
    t, x = np.asarray(t, float), np.asarray(x, float)
    lat, lon = FRAME.to_degrees(x, np.broadcast_to(np.asarray(y, float), x.shape))
    return TrackPoints.of(np.round((T0 + t) * 1000).astype(np.int64), lat, lon)


def strolling(seconds: float = 3_600, every: float = 10) -> TrackPoints:
    """To and fro between 300 m west and 300 m east, from T0 on."""
    t = np.arange(0, seconds + 1, every)
    along = 1.2 * t % 1_200
    return track(t, np.where(along < 600, along, 1_200 - along) - 300)


def run(points: TrackPoints, *checks: Any, **more: Any) -> Judgement:
    """The judgement of a track in the circle."""
    asked = validate_checks([{"check": c} if isinstance(c, str) else c for c in checks], CIRCLE)
    told = {"window": HOURS, "claim": CLAIM, **more}
    return judge(CIRCLE, asked, points=points, **told)


def only(check: str, points: TrackPoints = NOBODY, *, said: Any = None, **more: Any) -> CheckResult:
    """The one result of one check with the parameters `said`."""
    (result,) = run(points, {"check": check, "parameters": said or {}}, **more).checks
    return result


def tells(result: CheckResult) -> tuple[str, str]:
    """The reason in English and in Chinese."""
    return result.reason["en"], result.reason["zh-CN"]
