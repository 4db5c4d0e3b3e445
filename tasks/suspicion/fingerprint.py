"""What is kept of a finished track to know it again: its smoothed line, its cells, its pace.

Pure. Smoothing takes away the noise that a copyist adds; the pace survives moving, turning,
mirroring and scaling.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from shared.datums import Floats
from shared.geo import LocalFrame
from tasks.judging.track_rules import Walk

Cells: TypeAlias = NDArray[np.int64]

# Copies with 10 m of noise come within 5 m of their source only when smoothed.
SMOOTH_S = 10.0
SAMPLE_M = 10.0
# 50 km: nobody walks further within one task, and a track must not fill the memory.
MAX_SAMPLES = 5_000
CELL_M, METRES_PER_DEGREE = 50.0, 111_320.0
MOMENTS = 64
# Less than this on the way is a stay: its pace is the noise of the phone.
LEAST_LENGTH_M = 100.0


@dataclass(frozen=True)
class Fingerprint:
    """One finished track: samples every 10 m (s since 1970, WGS-84), 50-m cells, pace signature.

    `company` holds the ids that people who walked together for a reason share: of the
    participation, of its team's leader, of its captain, of its order. `known_s` is when the server
    had the whole track: a copy is known later than its source. The positions may be gone (erased
    on wish); the signature says nothing of where.
    """

    participation_id: str
    person_id: str
    company: frozenset[str]
    started_s: float
    ended_s: float
    t: Floats
    lat: Floats
    lon: Floats
    cells: Cells
    signature: NDArray[np.float32]
    known_s: float = float("inf")

    def __len__(self) -> int:
        return len(self.t)

    @cached_property
    def frame(self) -> LocalFrame:
        """Local metres about the middle of the samples."""
        return LocalFrame(float(self.lat.mean()), float(self.lon.mean()))

    @cached_property
    def has_pace(self) -> bool:
        """Whether the track went far enough to have a pace of its own."""
        return bool(self.signature.any())


def fingerprint_of(
    walk: Walk,
    participation_id: str = "",
    person_id: str = "",
    company: frozenset[str] = frozenset(),
    known_s: float = float("inf"),
) -> Fingerprint:
    """The fingerprint of a cleaned walk of at least one point."""
    x, y, lat, lon = _smoothed(walk)
    steps = np.hypot(np.diff(x), np.diff(y))
    steps[walk.broken] = 0.0
    along = np.concatenate(([0.0], np.cumsum(steps)))
    places = np.arange(0.0, along[-1] + 1e-9, SAMPLE_M)[:MAX_SAMPLES]
    sampled_lat, sampled_lon = np.interp(places, along, lat), np.interp(places, along, lon)
    return Fingerprint(
        participation_id=participation_id,
        person_id=person_id,
        company=company,
        started_s=float(walk.t[0]),
        ended_s=float(walk.t[-1]),
        t=np.interp(places, along, walk.t),
        lat=sampled_lat,
        lon=sampled_lon,
        cells=city_cells(sampled_lat, sampled_lon),
        signature=_signature(walk.t, x, y, float(along[-1])),
        known_s=known_s,
    )


def _smoothed(walk: Walk) -> NDArray[np.float64]:
    """x, y, lat and lon as means over 10 s before and after, weighted by time, between breaks."""
    t, broken = walk.t, walk.broken
    segment = np.concatenate(([0], np.cumsum(broken)))
    first = np.searchsorted(segment, segment)
    last = np.searchsorted(segment, segment, side="right")
    begin = np.maximum(np.searchsorted(t, t - SMOOTH_S), first)
    end = np.minimum(np.searchsorted(t, t + SMOOTH_S, side="right"), last)
    # A fix beside a gap stands for no more than the window.
    halves = np.where(broken, 0.0, np.minimum(walk.leg_s, SMOOTH_S)) / 2
    weight = np.concatenate((halves, [0.0])) + np.concatenate(([0.0], halves)) + 1e-3
    columns = np.stack((walk.x, walk.y, walk.lat, walk.lon))
    origin = columns[:, :1]
    summed = np.zeros((4, len(t) + 1))
    np.cumsum(weight * (columns - origin), axis=1, out=summed[:, 1:])
    total = np.concatenate(([0.0], np.cumsum(weight)))
    means: NDArray[np.float64] = origin + (summed[:, end] - summed[:, begin]) / (
        total[end] - total[begin]
    )
    return means


def city_cells(lat: Floats, lon: Floats) -> Cells:
    """The numbers of the 50-m cells that positions lie in, the same wherever they are asked.

    Columns are as wide as 50 m at the middle of their degree of latitude.
    """
    row = np.floor(lat * (METRES_PER_DEGREE / CELL_M)).astype(np.int64)
    shrink = np.cos(np.radians(np.floor(lat) + 0.5))
    column = np.floor(lon * (METRES_PER_DEGREE / CELL_M) * shrink).astype(np.int64)
    return np.unique(row * 10_000_000 + column)


def _signature(t: Floats, x: Floats, y: Floats, length_m: float) -> NDArray[np.float32]:
    """The root of the way made in each 64th of the time, of mean 0 and length 1.

    All zeros for a stay. The product of two signatures is their correlation.
    """
    if length_m < LEAST_LENGTH_M:
        return np.zeros(MOMENTS, np.float32)
    moments = np.linspace(t[0], t[-1], MOMENTS + 1)
    moved = np.hypot(np.diff(np.interp(moments, t, x)), np.diff(np.interp(moments, t, y)))
    pace = np.sqrt(moved)
    pace -= pace.mean()
    size = float(np.sqrt((pace**2).sum()))
    return (pace / size if size > 1e-9 else pace * 0).astype(np.float32)
