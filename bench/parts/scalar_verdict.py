"""The same checks as loops over single points, with scalar pyproj and shapely: the yardstick.

As a careful programmer would write them without arrays: decoded by hand, spikes left out, time
and distance inside, checkpoints with their dwell, the share of time that was too fast.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pyproj import Geod, Transformer
from shapely.geometry import LineString, Point, Polygon, shape
from shapely.geometry.base import BaseGeometry
from shapely.prepared import prep

GEOD = Geod(ellps="WGS84")
COLUMNS = 5
TOLERANCE_M, THIN_M = 15.0, 15.0
ALLOWED_MPS, SLACK_M, LOOK_AHEAD_S = 5.0, 30.0, 60.0
SHORT_LEG_S, WINDOW_S = 90.0, 30.0

Fix = tuple[float, float, float]


@dataclass(frozen=True)
class ScalarTask:
    """An area and its checkpoints in metres of a projection around them, compiled once."""

    to_metres: Transformer
    fence: Any
    circles: list[BaseGeometry]
    dwell_s: float
    fast_mps: float


@dataclass(frozen=True)
class ScalarMeasures:
    """What the loops measure."""

    inside_s: float
    inside_m: float
    checkpoints: int
    fast_share: float


def compile_scalar(area: dict[str, Any], checks: Sequence[dict[str, Any]]) -> ScalarTask:
    """The task ready for the loops; its area is a polygon."""
    by_name = {check["check"]: check["parameters"] for check in checks}
    drawn = shape(area["geometry"])
    middle = drawn.centroid
    local = f"+proj=aeqd +lat_0={middle.y} +lon_0={middle.x} +datum=WGS84"
    to_metres = Transformer.from_crs("EPSG:4326", local, always_xy=True)
    ring = [to_metres.transform(lon, lat) for lon, lat in drawn.exterior.coords]
    fence = Polygon(ring).buffer(TOLERANCE_M, quad_segs=2)
    places = by_name["checkpoints"]
    radius_m = places["radius_m"] + TOLERANCE_M
    circles = [
        Point(to_metres.transform(place["lon"], place["lat"])).buffer(radius_m)
        for place in places["points"]
    ]
    fast_mps = by_name["plausible_speed"]["v_fast_mps"]
    return ScalarTask(to_metres, prep(fence), circles, places["dwell_s"], fast_mps)


def decode(chunks: Sequence[tuple[bytes, int]]) -> list[Fix]:
    """(t in s, lat, lon) of every point of the packed chunks, byte by byte."""
    fixes = []
    for data, count in chunks:
        values = list(_values(data))
        columns = [values[k * count : (k + 1) * count] for k in range(COLUMNS)]
        t, step = [], 0
        for index, value in enumerate(columns[0]):
            step = 0 if index == 0 else step + value
            t.append(value if index == 0 else t[-1] + step)
        lat, lon = _summed(columns[1]), _summed(columns[2])
        fixes += [(a / 1000.0, b / 1e6, c / 1e6) for a, b, c in zip(t, lat, lon, strict=True)]
    return fixes


def _values(data: bytes) -> Sequence[int]:
    values, value, shift = [], 0, 0
    for octet in data:
        value |= (octet & 127) << shift
        shift += 7
        if octet < 128:
            values.append((value >> 1) ^ -(value & 1))
            value = shift = 0
    return values


def _summed(steps: Sequence[int]) -> list[int]:
    total, values = 0, []
    for step in steps:
        total += step
        values.append(total)
    return values


def measure(task: ScalarTask, chunks: Sequence[tuple[bytes, int]]) -> ScalarMeasures:
    """Decode, clean and measure one track, one point after the other."""
    fixes = _without_spikes(decode(chunks))
    places = [task.to_metres.transform(lon, lat) for _, lat, lon in fixes]
    inside = [task.fence.contains(Point(place)) for place in places]
    fast = _fast_legs(fixes, task.fast_mps)
    leg_s = [b[0] - a[0] for a, b in pairwise(fixes)]
    known = [s <= SHORT_LEG_S for s in leg_s]
    slow = [k and not f for k, f in zip(known, fast, strict=True)]
    inside_s = sum(s * (inside[i] + inside[i + 1]) / 2 for i, s in enumerate(leg_s) if slow[i])
    total_s = sum(leg_s)
    fast_s = sum(s for s, f in zip(leg_s, fast, strict=True) if f)
    reached = sum(_dwelt(task, circle, places, leg_s, slow) for circle in task.circles)
    inside_m = _thinned_m(fixes, inside, fast)
    return ScalarMeasures(inside_s, inside_m, reached, fast_s / total_s if total_s else 0.0)


def _metres(a: Fix, b: Fix) -> float:
    return float(GEOD.inv(a[2], a[1], b[2], b[1])[2])


def _without_spikes(fixes: list[Fix]) -> list[Fix]:
    kept, index = fixes[:1], 1
    while index < len(fixes):
        if _allowed(kept[-1], fixes[index]):
            kept.append(fixes[index])
            index += 1
            continue
        ahead = index + 1
        while ahead < len(fixes) and fixes[ahead][0] - kept[-1][0] <= LOOK_AHEAD_S:
            if _allowed(kept[-1], fixes[ahead]):
                break
            ahead += 1
        else:
            ahead = index
        kept.append(fixes[ahead])
        index = ahead + 1
    return kept


def _allowed(a: Fix, b: Fix) -> bool:
    return _metres(a, b) <= ALLOWED_MPS * (b[0] - a[0]) + SLACK_M


def _fast_legs(fixes: list[Fix], fast_mps: float) -> list[bool]:
    """Legs from whose beginning somebody came too far in the 30 s that follow."""
    flags, end = [], 0
    for index in range(len(fixes) - 1):
        end = max(end, index + 1)
        while end < len(fixes) - 1 and fixes[end][0] - fixes[index][0] < WINDOW_S:
            end += 1
        seconds = fixes[end][0] - fixes[index][0]
        flags.append(_metres(fixes[index], fixes[end]) > fast_mps * seconds)
    return flags


def _thinned_m(fixes: list[Fix], inside: list[bool], fast: list[bool]) -> float:
    metres, last = 0.0, 0
    for index in range(1, len(fixes)):
        leg_m = _metres(fixes[last], fixes[index])
        if leg_m >= THIN_M:
            if not any(fast[last:index]):
                metres += leg_m * (inside[last] + inside[index]) / 2
            last = index
    return metres


def _dwelt(
    task: ScalarTask,
    circle: BaseGeometry,
    places: list[tuple[float, float]],
    leg_s: list[float],
    slow: list[bool],
) -> bool:
    """Whether one visit of the circle lasted long enough, by the legs' way through it."""
    stayed_s = 0.0
    for index, seconds in enumerate(leg_s):
        leg = LineString(places[index : index + 2])
        share = 0.0
        if slow[index] and leg.intersects(circle):
            share = leg.intersection(circle).length / leg.length if leg.length else 1.0
        stayed_s = stayed_s + share * seconds if share else 0.0
        if stayed_s >= task.dwell_s > 0.0 or (share and task.dwell_s == 0.0):
            return True
    return False
