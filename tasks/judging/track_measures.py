"""What a walk did in an area, in numbers: seconds, metres, visits, shares. Pure, no verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiLineString
from shapely.geometry.base import BaseGeometry

from shared.datums import Floats
from tasks.judging.areas import TOLERANCE_M, CompiledArea, cell_numbers
from tasks.judging.track_rules import Flags, Walk

# Legs held against checkpoints at a time: about 100 MB of numbers.
MAX_CHORDS = 1_000_000

# (seconds since 1970 at which a visit began, at which it ended, seconds spent inside)
Visit: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True)
class Evidence:
    """One cleaned walk held against one compiled area; `fast_mps` is what no walker does."""

    walk: Walk
    area: CompiledArea
    fast_mps: float

    @cached_property
    def inside(self) -> Flags:
        """Whether each point is in the area or within 15 m of it."""
        return self.area.holds(self.walk.x, self.walk.y)

    @cached_property
    def fast(self) -> Flags:
        """Legs too fast for walking."""
        return self.walk.fast(self.fast_mps)

    @cached_property
    def judged_s(self) -> Floats:
        """Seconds of each leg whose speed is known; 0 for broken ones."""
        return np.where(self.walk.broken, 0.0, self.walk.leg_s)

    def time_inside_s(self) -> float:
        """Seconds inside the area: slow legs, half of those that cross its edge."""
        walk, inside = self.walk, self.inside.astype(np.float64)
        share = (inside[:-1] + inside[1:]) / 2
        short = np.where(walk.short & ~self.fast, share, 0.0)
        bridged = walk.bridged & ~self.fast & (share == 1.0)
        return float((walk.leg_s * (short + bridged)).sum())

    def distance_inside_m(self) -> float:
        """Geodesic metres of the thinned line inside the area, without fast stretches."""
        inside = self.inside[self.walk.thin].astype(np.float64)
        share = (inside[:-1] + inside[1:]) / 2
        slow = self.walk.thin_slow(self.fast_mps)
        return float((self.walk.thin_m * share)[slow].sum())

    def fast_share(self) -> float | None:
        """The share of the judged time that was too fast; None where no time can be judged."""
        total_s = float(self.judged_s.sum())
        return float(self.judged_s[self.fast].sum()) / total_s if total_s > 0 else None

    def share_within(self, starts_at: float, ends_at: float) -> float:
        """The share of the judged time between two moments (s since 1970)."""
        t = self.walk.t
        overlap = np.minimum(t[1:], ends_at) - np.maximum(t[:-1], starts_at)
        within = np.where(self.walk.broken, 0.0, overlap.clip(min=0.0))
        total_s = float(self.judged_s.sum())
        return float(within.sum()) / total_s if total_s > 0 else 0.0

    def route_share(self) -> float:
        """The share of the route with slow walking within its corridor and 15 m."""
        samples = self.area.route_samples
        pieces = self._slow_pieces()
        if not len(samples) or pieces is None:
            return 0.0
        near = shapely.dwithin(samples, pieces, self.area.corridor_m + TOLERANCE_M)
        return float(np.mean(near))

    def _slow_pieces(self) -> BaseGeometry | None:
        """The thinned line cut at broken and fast legs; None where nothing is left."""
        walk = self.walk
        slow = walk.thin_slow(self.fast_mps)
        if not slow.any():
            return None
        ends = np.stack((walk.thin[:-1][slow], walk.thin[1:][slow]), axis=1)
        pieces = MultiLineString(list(np.stack((walk.x[ends], walk.y[ends]), axis=2)))
        shapely.prepare(pieces)
        return pieces

    def cells_share(self) -> float:
        """The share of the area's 50-m cells with a point in them, not reached fast."""
        if not len(self.area.cells) or not len(self.walk):
            return 0.0
        slow = ~np.concatenate((self.fast, [False])) & ~np.concatenate(([False], self.fast))
        visited = np.unique(cell_numbers(self.walk.x[slow], self.walk.y[slow]))
        return float(np.isin(self.area.cells, visited, assume_unique=True).mean())

    def visits(
        self, lat: Sequence[float], lon: Sequence[float], radius_m: float
    ) -> list[list[Visit]]:
        """For each checkpoint its visits in order: runs of legs through the circle r + 15 m."""
        x, y = self.area.frame.to_metres(lat, lon)
        # Some at a time: fifty checkpoints against a day's track would fill the memory at once.
        count = max(1, MAX_CHORDS // max(1, len(self.walk)))
        slices = (slice(first, first + count) for first in range(0, len(x), count))
        return [one for part in slices for one in self._visits(x[part], y[part], radius_m)]

    def _visits(self, x: Floats, y: Floats, radius_m: float) -> list[list[Visit]]:
        chords = _chords(self.walk, x, y, radius_m + TOLERANCE_M)
        slow = ~self.fast[chords.leg]
        counted = self.walk.short[chords.leg] & slow
        # Through a gap of minutes nobody knows the way, unless both its ends are in the circle.
        whole = (chords.enter == 0.0) & (chords.leave == 1.0)
        stayed = self.walk.bridged[chords.leg] & slow & whole
        return _runs(self.walk, chords.only(counted | stayed), len(x))


@dataclass(frozen=True)
class _Chords:
    """Legs through circles, by circle and then by leg: which, and the shares of the leg inside."""

    circle: NDArray[np.intp]
    leg: NDArray[np.intp]
    enter: Floats
    leave: Floats

    def only(self, wanted: Flags) -> "_Chords":
        """Those wanted, of which something lies inside."""
        kept = wanted & (self.leave > self.enter)
        return _Chords(*(column[kept] for column in vars(self).values()))


def _chords(walk: Walk, x: Floats, y: Floats, radius_m: float) -> _Chords:
    """Where each leg enters and leaves each circle that it can reach.

    A phone that reports once a minute passes a checkpoint between two fixes: chords see that.
    """
    away = (walk.x[None, :-1] - x[:, None]) ** 2 + (walk.y[None, :-1] - y[:, None]) ** 2
    circle, leg = np.nonzero(away <= (radius_m + walk.leg_m + 1e-6) ** 2)
    ax, ay = walk.x[leg] - x[circle], walk.y[leg] - y[circle]
    dx, dy = np.diff(walk.x)[leg], np.diff(walk.y)[leg]
    a = dx * dx + dy * dy
    b = ax * dx + ay * dy
    c = ax * ax + ay * ay - radius_m * radius_m
    root = b * b - a * c
    moving = a > 1e-12
    width = np.sqrt(root.clip(min=0.0))
    scale = np.where(moving, a, 1.0)
    enter = np.where(moving, ((-b - width) / scale).clip(0.0, 1.0), 0.0)
    leave = np.where(moving, ((-b + width) / scale).clip(0.0, 1.0), 1.0)
    misses = np.where(moving, root <= 0.0, c > 0.0)
    return _Chords(circle, leg, np.where(misses, 0.0, enter), np.where(misses, 0.0, leave))


def _runs(walk: Walk, chords: _Chords, circles: int) -> list[list[Visit]]:
    """For each circle its visits in order: consecutive legs with time in it."""
    visits: list[list[Visit]] = [[] for _ in range(circles)]
    circle, leg = chords.circle, chords.leg
    if not len(leg):
        return visits
    fresh = (np.diff(leg) != 1) | (np.diff(circle) != 0)
    first = np.concatenate(([0], np.flatnonzero(fresh) + 1))
    last = np.concatenate((first[1:], [len(leg)])) - 1
    leg_s = walk.leg_s[leg]
    begins = walk.t[leg[first]] + chords.enter[first] * leg_s[first]
    ends = walk.t[leg[last]] + chords.leave[last] * leg_s[last]
    seconds = np.add.reduceat((chords.leave - chords.enter) * leg_s, first)
    rows = zip(
        circle[first].tolist(), begins.tolist(), ends.tolist(), seconds.tolist(), strict=True
    )
    for of, begin, end, inside_s in rows:
        visits[of].append((begin, end, inside_s))
    return visits


def reached(visits: list[list[Visit]], dwell_s: float, in_order: bool) -> int:
    """How many checkpoints were visited for at least `dwell_s`; in order: the longest such row.

    In order means that a visit ends after the one before began, so that overlapping circles
    do not fail anybody.
    """
    stays = [[visit for visit in one if visit[2] >= dwell_s] for one in visits]
    if not in_order:
        return sum(bool(one) for one in stays)
    # earliest[k]: the earliest beginning of the last visit of any row of k checkpoints.
    earliest = [float("-inf")]
    for one in stays:
        for length in range(len(earliest) - 1, -1, -1):
            begin = next((v[0] for v in one if v[1] >= earliest[length]), None)
            if begin is None:
                continue
            begin = max(begin, earliest[length])
            if length + 1 == len(earliest):
                earliest.append(begin)
            else:
                earliest[length + 1] = min(earliest[length + 1], begin)
    return len(earliest) - 1
