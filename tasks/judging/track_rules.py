"""From raw fixes to a walk that can be judged: bad fixes, spikes, breaks, leg speeds, thinning.

Arrays in, one immutable `Walk` out, with a count of what was dropped and why. The order of the
steps matters: speeds are looked at after spikes are gone, and before anything fast is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from shared.datums import Floats
from shared.geo import LocalFrame, leg_lengths_m
from tasks.tracks.track_packing import TrackPoints

Flags: TypeAlias = NDArray[np.bool_]

POOR_ACCURACY_M = 100.0
CLAIM_SLACK_S = 1.0
# A leg is allowed when a runner with a noisy phone could have made it.
ALLOWED_MPS, ALLOWED_SLACK_M = 5.0, 30.0
LOOK_AHEAD_S, LOOK_AHEAD_POINTS = 60.0, 120
# An honest walk needs less than one; only a flood of noise is cut short by this.
LOOKS_PER_POINT = 10
COLD_START_S, COLD_START_POINTS = 60.0, 3
TELEPORT_M, TELEPORT_MPS, TELEPORT_RATIO, TELEPORT_SLOW_MPS = 150.0, 15.0, 3.0, 3.0
# Across a gap somebody may have taken the underground, which is no teleport.
TELEPORT_GAP_MPS = 60.0
SHORT_LEG_S, LONG_LEG_S = 90.0, 300.0
LONG_LEG_MPS = 3.0
# A phone on a bench "walks" kilometres in its own noise; a line thinned to 15 m hardly does.
THIN_M = 15.0
DISPLACEMENT_S, PATH_S = 30.0, 60.0
FAST_MPS = 4.2
NULL_ISLAND_DEGREES = 0.001


@dataclass(frozen=True)
class Walk:
    """A cleaned track of n points and n - 1 legs; leg k leads from point k to point k + 1.

    Times in s since 1970, degrees in WGS-84, x and y in metres of the area's frame. A `broken`
    leg (a gap, a teleport, a new segment) joins nothing. `thin` are the indexes of the thinned
    line. `dropped` counts the fixes left out, by reason.
    """

    t: Floats
    lat: Floats
    lon: Floats
    x: Floats
    y: Floats
    broken: Flags
    teleport: Flags
    thin: NDArray[np.intp]
    thin_m: Floats
    speed_mps: Floats
    given: int
    dropped: MappingProxyType[str, int]

    def __len__(self) -> int:
        return len(self.t)

    @cached_property
    def leg_s(self) -> Floats:
        """Seconds of each leg."""
        return np.diff(self.t)

    @cached_property
    def leg_m(self) -> Floats:
        """Straight metres of each leg in the local frame."""
        return np.hypot(np.diff(self.x), np.diff(self.y))

    @cached_property
    def short(self) -> Flags:
        """Legs of at most 90 s: what happened between their ends is known."""
        return ~self.broken & (self.leg_s <= SHORT_LEG_S)

    @cached_property
    def bridged(self) -> Flags:
        """Legs of 90 to 300 s that a walker can have made: they count where both ends are in."""
        slow = self.leg_m <= LONG_LEG_MPS * self.leg_s + ALLOWED_SLACK_M
        return ~self.broken & (self.leg_s > SHORT_LEG_S) & slow

    @cached_property
    def thin_whole(self) -> Flags:
        """Thinned legs with no broken leg inside."""
        return _none_within(self.broken, self.thin)

    @property
    def distance_m(self) -> float:
        """Geodesic metres along the thinned line, broken legs left out."""
        return float(self.thin_m[self.thin_whole].sum())

    @property
    def duration_s(self) -> float:
        """Seconds from the first kept point to the last."""
        return float(self.t[-1] - self.t[0]) if len(self) else 0.0

    def fast(self, fast_mps: float) -> Flags:
        """Legs in which somebody moved faster than that over 30 or 60 s: they earn nothing."""
        return ~self.broken & (self.speed_mps > fast_mps)

    def thin_slow(self, fast_mps: float) -> Flags:
        """Thinned legs with neither a broken nor a fast leg inside."""
        return _none_within(self.broken | self.fast(fast_mps), self.thin)


def clean_walk(
    points: TrackPoints,
    frame: LocalFrame,
    claim: tuple[float, float] | None = None,
    segment_starts: Flags | None = None,
    pauses: Sequence[tuple[float, float]] = (),
) -> Walk:
    """The walk in the fixes of one track; `claim` is its start and finish in s since 1970.

    `segment_starts` flags fixes that a recorder marked as the first of a new segment. Fixes
    within one of the `pauses` (from, until) go, and the leg over it joins nothing.
    """
    starts = np.zeros(len(points), np.bool_) if segment_starts is None else segment_starts
    dropped: dict[str, int] = {}
    t = points.t_ms / 1000.0
    kept = _without_bad_fixes(points, t, claim, pauses, dropped)
    kept = _in_order(kept, t, points.accuracy_m, dropped)
    starts = _carried(starts, kept)
    t, lat, lon = t[kept], points.lat[kept], points.lon[kept]
    x, y = frame.to_metres(lat, lon)
    stays, jumped = _without_spikes(t, x, y)
    dropped["spike"] = int((~stays).sum())
    starts, jumped = _carried(starts, np.flatnonzero(stays)), jumped[stays]
    t, lat, lon, x, y = (column[stays] for column in (t, lat, lon, x, y))
    first, last = _without_cold_start(t, jumped)
    dropped["cold_start"] = len(t) - (last - first)
    t, lat, lon, x, y = (column[first:last] for column in (t, lat, lon, x, y))
    starts, jumped = starts[first:last], jumped[first:last]
    teleport = _teleports(t, x, y, jumped)
    broken = teleport | starts[1:] | (np.diff(t) > LONG_LEG_S) | _paused_legs(t, pauses)
    thin = _thinned(x, y, broken)
    thin_m = leg_lengths_m(lat[thin], lon[thin])
    speed_mps = _leg_speeds(t, x, y, broken, thin, thin_m)
    counts = MappingProxyType({reason: n for reason, n in dropped.items() if n})
    columns = (t, lat, lon, x, y, broken, teleport, thin, thin_m, speed_mps)
    for column in columns:
        column.setflags(write=False)
    return Walk(*columns, given=len(points), dropped=counts)


def _without_bad_fixes(
    points: TrackPoints,
    t: Floats,
    claim: tuple[float, float] | None,
    pauses: Sequence[tuple[float, float]],
    dropped: dict[str, int],
) -> NDArray[np.intp]:
    """Indexes of the fixes that can be used; an accuracy of 0 or none is unknown, not bad."""
    lat, lon = points.lat, points.lon
    reasons = {
        "not_finite": ~(np.isfinite(lat) & np.isfinite(lon)),
        "out_of_range": (np.abs(lat) > 90) | (np.abs(lon) > 180),
        "null_island": (np.abs(lat) < NULL_ISLAND_DEGREES) & (np.abs(lon) < NULL_ISLAND_DEGREES),
        "poor_accuracy": points.accuracy_m > POOR_ACCURACY_M,
    }
    if claim is not None:
        early, late = t < claim[0] - CLAIM_SLACK_S, t > claim[1] + CLAIM_SLACK_S
        # First, so that what was never part of the walk is not blamed on the phone.
        reasons = {"outside_claim": early | late, **reasons}
    if pauses:
        paused = np.logical_or.reduce([(t > since) & (t < until) for since, until in pauses])
        reasons = {"paused": paused, **reasons}
    good = np.ones(len(points), np.bool_)
    for reason, bad in reasons.items():
        dropped[reason] = int((good & bad).sum())
        good &= ~bad
    return np.flatnonzero(good)


def _paused_legs(t: Floats, pauses: Sequence[tuple[float, float]]) -> Flags:
    """The legs within which a pause lies, whole or in part."""
    paused = np.zeros(max(len(t) - 1, 0), np.bool_)
    for since, until in pauses:
        paused |= (t[:-1] < until) & (t[1:] > since)
    return paused


def _in_order(
    kept: NDArray[np.intp], t: Floats, accuracy_m: Floats, dropped: dict[str, int]
) -> NDArray[np.intp]:
    """The indexes by time, one per time: the most accurate, unknown accuracies last."""
    if len(kept) < 2 or (np.diff(t[kept]) > 0).all():
        return kept
    known = np.where(accuracy_m[kept] > 0, accuracy_m[kept], np.inf)
    ordered = kept[np.lexsort((known, t[kept]))]
    fresh = np.concatenate(([True], np.diff(t[ordered]) > 0))
    dropped["same_time"] = int((~fresh).sum())
    return ordered[fresh]


def _carried(starts: Flags, kept: NDArray[np.intp]) -> Flags:
    """Segment starts of the kept points; a dropped point's start moves to the next kept one."""
    if not starts.any():
        return np.zeros(len(kept), np.bool_)
    segment = np.cumsum(starts)[kept]
    return np.concatenate(([False], np.diff(segment) != 0))[: len(kept)]


def _without_spikes(t: Floats, x: Floats, y: Floats) -> tuple[Flags, Flags]:
    """Which points stay, and which of them were jumped to and never came back from.

    The last good point never advances past a rejected one. A jump that does not come back within
    60 s is a vehicle or a move, and evidence: it stays.
    """
    stays, jumped = np.ones(len(t), np.bool_), np.zeros(len(t), np.bool_)
    reach = ALLOWED_MPS * np.diff(t) + ALLOWED_SLACK_M
    forbidden = np.hypot(np.diff(x), np.diff(y)) > reach
    if not forbidden.any():
        return stays, jumped
    points = list(zip(t.tolist(), x.tolist(), y.tolist(), strict=True))
    suspects = (np.flatnonzero(forbidden) + 1).tolist()
    done_to, looks_left = 0, LOOKS_PER_POINT * len(points)
    for at in suspects:
        if at <= done_to:
            continue
        # Noise all over looks ahead from every point; what is left unlooked at counts as jumps.
        back = _return_from(points, at) if looks_left > 0 else None
        looks_left -= (back or at + LOOK_AHEAD_POINTS) - at
        if back is None:
            jumped[at] = True
        else:
            stays[at:back] = False
            done_to = back
    return stays, jumped


def _return_from(points: list[tuple[float, float, float]], at: int) -> int | None:
    """The first point after `at` that a walker can have reached from the one before `at`."""
    t0, x0, y0 = points[at - 1]
    # The number of points is bounded too: a flood of fixes in one second must not cost an hour.
    for j in range(at + 1, min(len(points), at + 1 + LOOK_AHEAD_POINTS)):
        t, x, y = points[j]
        if t - t0 > LOOK_AHEAD_S:
            return None
        reach = ALLOWED_MPS * (t - t0) + ALLOWED_SLACK_M
        if (x - x0) ** 2 + (y - y0) ** 2 <= reach * reach:
            return j
    return None


def _without_cold_start(t: Floats, jumped: Flags) -> tuple[int, int]:
    """The range of points left when a phone's first wrong places, or its last, are cut off."""
    jumps = np.flatnonzero(jumped)
    first, last = 0, len(t)
    if not len(jumps):
        return first, last
    early = (t[jumps] - t[0] <= COLD_START_S) & (jumps <= len(t) / 10)
    cold = jumps[early | (jumps < COLD_START_POINTS)]
    if len(cold):
        first = int(cold[-1])
    if jumps[-1] > first and last - jumps[-1] < COLD_START_POINTS:
        last = int(jumps[-1])
    return first, last


def _teleports(t: Floats, x: Floats, y: Floats, jumped: Flags) -> Flags:
    """Legs that nothing explains: far, fast, and much faster than the minutes around them."""
    legs = np.zeros(max(len(t) - 1, 0), np.bool_)
    at = np.flatnonzero(jumped[1:])
    if not len(at):
        return legs
    along = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))))
    leg_s, leg_m = t[at + 1] - t[at], along[at + 1] - along[at]
    speed = leg_m / leg_s
    before = np.searchsorted(t, t[at] - PATH_S)
    after = np.searchsorted(t, t[at + 1] + PATH_S, side="right") - 1
    around = np.maximum(
        _mean_speed(along, t, before, at), _mean_speed(along, t, at + 1, after)
    ).clip(min=TELEPORT_SLOW_MPS)
    sudden = (leg_m >= TELEPORT_M) & (speed > TELEPORT_MPS) & (speed > TELEPORT_RATIO * around)
    legs[at] = sudden & ((leg_s <= SHORT_LEG_S) | (speed > TELEPORT_GAP_MPS))
    return legs


def _mean_speed(along: Floats, t: Floats, begin: NDArray[np.intp], end: NDArray[np.intp]) -> Floats:
    seconds = t[end] - t[begin]
    mean: Floats = (along[end] - along[begin]) / np.where(seconds > 0, seconds, np.inf)
    return mean


def _thinned(x: Floats, y: Floats, broken: Flags) -> NDArray[np.intp]:
    """Indexes of points at least 15 m from the last one kept, anew after every broken leg."""
    kept: list[int] = []
    xs, ys = x.tolist(), y.tolist()
    edges = [0, *(np.flatnonzero(broken) + 1).tolist(), len(xs)] if xs else []
    least = THIN_M * THIN_M
    for first, end in pairwise(edges):
        kept.append(first)
        last_x, last_y = xs[first], ys[first]
        for index in range(first + 1, end):
            dx, dy = xs[index] - last_x, ys[index] - last_y
            if dx * dx + dy * dy >= least:
                kept.append(index)
                last_x, last_y = xs[index], ys[index]
    return np.array(kept, np.intp)


def _none_within(flagged: Flags, thin: NDArray[np.intp]) -> Flags:
    """Thinned legs within which no leg of the walk is flagged."""
    if len(thin) < 2:
        return np.zeros(0, np.bool_)
    before = np.concatenate(([0], np.cumsum(flagged)))
    none: Flags = before[thin[1:]] == before[thin[:-1]]
    return none


def _leg_speeds(
    t: Floats, x: Floats, y: Floats, broken: Flags, thin: NDArray[np.intp], thin_m: Floats
) -> Floats:
    """Per leg the larger of two speeds: 30 s of displacement, 60 s along the thinned line.

    Displacement alone misses whoever rides to and fro in a yard; neither looks across a break.
    """
    if len(t) < 2:
        return np.zeros(0)
    segment = np.concatenate(([0], np.cumsum(broken)))
    firsts = np.searchsorted(segment, segment[:-1])
    lasts = np.searchsorted(segment, segment[:-1], side="right") - 1
    displaced = _displacement_speeds(t, x, y, firsts, lasts)
    walked_m = np.where(_none_within(broken, thin), thin_m, 0.0)
    along = np.concatenate(([0.0], np.cumsum(walked_m)))
    end = np.minimum(t[:-1] + PATH_S, t[lasts])
    begin = np.maximum(np.minimum(t[:-1], end - PATH_S), t[firsts])
    path_m = np.interp(end, t[thin], along) - np.interp(begin, t[thin], along)
    speeds: Floats = np.maximum(displaced, path_m / np.maximum(end - begin, 1e-3))
    speeds[broken] = 0.0
    return speeds


def _displacement_speeds(
    t: Floats, x: Floats, y: Floats, firsts: NDArray[np.intp], lasts: NDArray[np.intp]
) -> Floats:
    """Metres between the ends of a window of 30 s or a little more, by its seconds.

    It begins with the leg; near a break it ends with it instead, or is the whole short segment.
    """
    legs = np.arange(len(t) - 1)
    ahead = np.searchsorted(t, t[:-1] + DISPLACEMENT_S)
    forward = ahead <= lasts
    behind = np.searchsorted(t, t[1:] - DISPLACEMENT_S, side="right") - 1
    begin = np.where(forward, legs, np.maximum(behind, firsts))
    end = np.where(forward, np.minimum(ahead, lasts), np.where(behind < firsts, lasts, legs + 1))
    metres = np.hypot(x[end] - x[begin], y[end] - y[begin])
    return np.asarray(metres / np.maximum(t[end] - t[begin], 1e-3), np.float64)
