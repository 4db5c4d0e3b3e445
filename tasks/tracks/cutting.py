"""What others see of a track: not its ends outside the area, nor its first and last metres. Pure.

Where a walk begins and ends is often where somebody lives.
"""

import numpy as np
from numpy.typing import NDArray

from tasks.judging.areas import CompiledArea
from tasks.tracks.track_packing import TrackPoints

# About a block of houses; as common sports apps hide by default. In a small area less is hidden:
# the area itself, which is public, says as much, and a reviewer must see something.
MOST_HIDDEN_M = 200.0
HIDDEN_SHARE = 0.15


def hidden_m(area: CompiledArea) -> float:
    """How far around the first and the last position nothing is shown, in metres."""
    west, south, east, north = area.outline.bounds
    across_m = float(np.hypot(east - west, north - south))
    return min(MOST_HIDDEN_M, HIDDEN_SHARE * across_m)


def shown_to_others(points: TrackPoints, area: CompiledArea) -> NDArray[np.intp]:
    """Indexes, in order of time, of the points that others than the owner may see.

    Left out is whatever lies within `hidden_m` of the first or of the last position, wherever on
    the walk, and the ways there and home: what comes before the area was first, or after it was
    last entered.
    """
    order = np.argsort(points.t_ms, kind="stable")
    if not len(order):
        return order
    x, y = area.frame.to_metres(points.lat[order], points.lon[order])
    inside = np.flatnonzero(area.holds(x, y))
    if not len(inside):
        return order[:0]
    kept = np.zeros(len(order), np.bool_)
    kept[inside[0] : inside[-1] + 1] = True
    near_m = hidden_m(area)
    for end in (0, -1):
        kept &= np.hypot(x - x[end], y - y[end]) > near_m
    return order[kept]
