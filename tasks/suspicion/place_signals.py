"""Signals in where the fixes lie: on one spot, pinned, in two places at once, with dead fields.

Pure. The figures come from 41 recorded honest walks; they carry no accuracy, so the margin of
`constant_fields` is known for altitudes only.
"""

import numpy as np

from shared.datums import Floats
from shared.geo import LocalFrame
from shared.i18n import Text
from tasks.judging.track_rules import CLAIM_SLACK_S, POOR_ACCURACY_M, Flags, Walk
from tasks.suspicion.signal import SENDS, SENDS_PLAINLY, VISIBLE, Signal, seen
from tasks.tracks.track_packing import TrackPoints

# Honest walks had at least 33 different altitudes.
FIELD_VALUES, FIELD_DISTINCT = 30, 2
# The smallest honest walk needs 33 m around its middle; a phone on a bench 3 to 21 m.
STAYS_M, STAYS_SHARE, STAYS_S = 22.0, 0.90, 480.0
# Honest phones repeat a position 6 times at most (9 in the wider set); some rest on one for long.
PINNED = 20
# Two phones that feed one account disagree 45 times and more; honest walks never.
CONFLICT_M, CONFLICTS = 50.0, 3

_CONSTANT_FIELDS = Text(
    "Accuracy and altitude hardly change over {values} positions ({measured} different values; "
    "real phones give more than {needed}).",
    "{values} 个定位点的精度与海拔几乎不变（仅 {measured} 种数值，真实手机多于 {needed} 种）。",
)
_STATIONARY = Text(
    "For {minutes} minutes the phone stayed within {measured} m of one place (a walk leaves "
    "{needed} m).",
    "手机在 {minutes} 分钟内始终停留在同一地点 {measured} 米范围内（行走应超出 {needed} 米）。",
)
_PINNED = Text(
    "{measured} positions in a row are exactly the same ({needed} are enough to show).",
    "连续 {measured} 个定位点完全相同（达到 {needed} 个即予提示）。",
)
_TWO_SOURCES = Text(
    "{measured} times the account was in two places in the same second ({needed} times are "
    "enough to look).",
    "该账号有 {measured} 次在同一秒出现在两个地点（达到 {needed} 次即须核查）。",
)


def usable(points: TrackPoints, claim: tuple[float, float]) -> TrackPoints:
    """The fixes inside the claim (s since 1970) that say where they are, by time."""
    t = points.t_ms / 1000.0
    good = (t >= claim[0] - CLAIM_SLACK_S) & (t <= claim[1] + CLAIM_SLACK_S)
    good &= np.isfinite(points.lat) & np.isfinite(points.lon)
    good &= ~(points.accuracy_m > POOR_ACCURACY_M)
    kept = np.flatnonzero(good)
    if len(kept) == len(points) and (np.diff(points.t_ms) >= 0).all():
        return points
    kept = kept[np.argsort(points.t_ms[kept], kind="stable")]
    return TrackPoints(
        points.t_ms[kept],
        points.lat[kept],
        points.lon[kept],
        points.accuracy_m[kept],
        points.altitude_m[kept],
    )


def constant_fields(points: TrackPoints) -> Signal | None:
    """Accuracy and altitude that never change: filled in, not measured.

    An accuracy of 0 and altitudes that are all 0 are how some phones say that they do not know.
    """
    accuracies = points.accuracy_m[points.accuracy_m > 0]
    altitudes = points.altitude_m[np.isfinite(points.altitude_m)]
    if min(len(accuracies), len(altitudes)) < FIELD_VALUES or not altitudes.any():
        return None
    distinct = max(_distinct(accuracies), _distinct(altitudes))
    if distinct > FIELD_DISTINCT:
        return None
    values = min(len(accuracies), len(altitudes))
    return seen(
        "constant_fields",
        SENDS_PLAINLY,
        distinct,
        FIELD_DISTINCT,
        _CONSTANT_FIELDS,
        values=values,
    )


def _distinct(values: Floats) -> int:
    # Most tracks are done with after a few values: no need to sort them all.
    first = len(set(values[:FIELD_VALUES].tolist()))
    return first if first > FIELD_DISTINCT else len(np.unique(values))


def stationary(walk: Walk) -> Signal | None:
    """Nine tenths of eight minutes and more in one place: only for tasks in which one walks."""
    if len(walk) < 2 or walk.duration_s < STAYS_S:
        return None
    away = np.hypot(walk.x - np.median(walk.x), walk.y - np.median(walk.y))
    radius_m = float(np.quantile(away, STAYS_SHARE))
    if radius_m > STAYS_M:
        return None
    minutes = round(walk.duration_s / 60)
    return seen("stationary", SENDS, radius_m, STAYS_M, _STATIONARY, minutes=minutes)


def pinned(points: TrackPoints) -> Signal | None:
    """The same position, to the last digit, many times in a row."""
    if len(points) < PINNED:
        return None
    moved = np.flatnonzero((np.diff(points.lat) != 0) | (np.diff(points.lon) != 0))
    ends = np.concatenate(([-1], moved, [len(points) - 1]))
    longest = int(np.diff(ends).max())
    return seen("pinned", VISIBLE, longest, PINNED, _PINNED) if longest >= PINNED else None


def two_sources(points: TrackPoints) -> Signal | None:
    """Fixes of the same second in places far apart: two phones feed one account."""
    conflicts = n_conflict(points)
    if conflicts < CONFLICTS:
        return None
    return seen("two_sources", SENDS, conflicts, CONFLICTS, _TWO_SOURCES)


def n_conflict(points: TrackPoints) -> int:
    """How often two fixes of one second, `points` by time, lie more than 50 m apart."""
    same: Flags = np.diff(points.t_ms // 1000) == 0
    at = np.flatnonzero(same)
    if not len(at):
        return 0
    frame = LocalFrame(float(points.lat[at[0]]), float(points.lon[at[0]]))
    x, y = frame.to_metres(points.lat, points.lon)
    return int((np.hypot(x[at + 1] - x[at], y[at + 1] - y[at]) > CONFLICT_M).sum())
