"""A track's chunks as bytes: five columns of delta varints, decoded for a whole track at once.

One chunk is t, lat, lon, accuracy, altitude, one column after the other, in ms, 1e-6 degree,
1e-6 degree, dm, m: the first value, then differences (for t differences of differences), zigzag,
LEB128. About six bytes a point.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from shared.datums import Floats
from shared.errors import Invalid
from shared.i18n import Text

Whole: TypeAlias = NDArray[np.int64]

COLUMNS = 5
_DEGREE = 1_000_000
# What stands for "not given". No real value is near: an accuracy of 0 is given (and means that
# the phone does not know), no place on land or in the air has an altitude of -20 km.
_NO_ACCURACY_DM = -1
_NO_ALTITUDE_M = -20_000
MAX_ACCURACY_M = 1_000_000.0
ALTITUDES_M = (-12_000.0, 100_000.0)
_MAX_T_MS = 1 << 53
_MAX_VARINT_BYTES = 10


class UnpackablePoints(Invalid):
    """Raised when points are given that no track may hold: not finite, or not on Earth."""

    message = Text("The point at index {index} cannot be kept.", "第 {index} 个定位点无法保存。")


class CorruptTrack(Exception):
    """Raised when stored bytes are no chunk of this form: a fault of ours or of the disk."""


@dataclass(frozen=True)
class TrackPoints:
    """A track as columns of equal length: ms since 1970, WGS-84 degrees, metres (NaN = none)."""

    t_ms: Whole
    lat: Floats
    lon: Floats
    accuracy_m: Floats
    altitude_m: Floats

    def __len__(self) -> int:
        return len(self.t_ms)

    @classmethod
    def of(
        cls,
        t_ms: Sequence[int] | Whole,
        lat: Sequence[float] | Floats,
        lon: Sequence[float] | Floats,
        accuracy_m: Iterable[float | None] | None = None,
        altitude_m: Iterable[float | None] | None = None,
    ) -> "TrackPoints":
        """Columns from plain lists; None stands for a missing accuracy or altitude."""
        return cls(
            np.asarray(t_ms, np.int64),
            np.asarray(lat, np.float64),
            np.asarray(lon, np.float64),
            _optional(accuracy_m, len(t_ms)),
            _optional(altitude_m, len(t_ms)),
        )


def _optional(values: Iterable[float | None] | None, count: int) -> Floats:
    if values is None:
        return np.full(count, np.nan)
    return np.array([np.nan if value is None else value for value in values], np.float64)


def pack_points(points: TrackPoints) -> bytes:
    """The points as one chunk. Raises UnpackablePoints. Empty points make empty bytes.

    Positions are rounded to 1e-6 degree (0.1 m), accuracies to dm, altitudes to m; a negative
    accuracy is how some phones say "unknown", so it becomes a missing one.
    """
    out = bytearray()
    _write(out, _steps_of_steps(points.t_ms.tolist()))
    _write(out, _steps(_degrees(points.lat.tolist(), 90.0)))
    _write(out, _steps(_degrees(points.lon.tolist(), 180.0)))
    _write(out, _steps(_accuracies(points.accuracy_m.tolist())))
    _write(out, _steps(_altitudes(points.altitude_m.tolist())))
    return bytes(out)


def _steps_of_steps(t_ms: list[int]) -> list[int]:
    """The first time, the first step, then how much each step differs from the one before."""
    for index, value in enumerate(t_ms):
        if not 0 <= value < _MAX_T_MS:
            raise UnpackablePoints(index=index)
    return t_ms[:1] + _steps([after - before for before, after in pairwise(t_ms)])


def _steps(values: list[int]) -> list[int]:
    """The first value, then how much each differs from the one before."""
    return values[:1] + [after - before for before, after in pairwise(values)]


def _degrees(values: list[float], limit: float) -> list[int]:
    for index, value in enumerate(values):
        if not abs(value) <= limit:
            raise UnpackablePoints(index=index)
    return [round(value * _DEGREE) for value in values]


def _accuracies(values: list[float]) -> list[int]:
    packed = []
    for index, value in enumerate(values):
        if value > MAX_ACCURACY_M:
            raise UnpackablePoints(index=index)
        missing = math.isnan(value) or value < 0
        packed.append(_NO_ACCURACY_DM if missing else round(value * 10))
    return packed


def _altitudes(values: list[float]) -> list[int]:
    least, most = ALTITUDES_M
    packed = []
    for index, value in enumerate(values):
        missing = math.isnan(value)
        if not missing and not least <= value <= most:
            raise UnpackablePoints(index=index)
        packed.append(_NO_ALTITUDE_M if missing else round(value))
    return packed


def _write(out: bytearray, values: list[int]) -> None:
    """Append the values as zigzag LEB128 varints."""
    append = out.append
    for value in values:
        left = value << 1 if value >= 0 else ~(value << 1)
        while left > 127:
            append(left & 127 | 128)
            left >>= 7
        append(left)


def unpack_points(chunks: Sequence[tuple[bytes, int]]) -> TrackPoints:
    """The points of (bytes, number of points) chunks, in the order given. Raises CorruptTrack.

    All chunks are joined and decoded together: a chunk at a time costs many times more.
    """
    sizes = np.array([size for _, size in chunks if size], np.int64)
    buffer = b"".join(data for data, _ in chunks)
    if any(size < 0 for _, size in chunks) or any(
        bool(data) != bool(size) for data, size in chunks
    ):
        raise CorruptTrack("a chunk's bytes and its number of points disagree")
    if not len(sizes):
        return TrackPoints.of([], [], [])
    ends = np.cumsum([len(data) for data, size in chunks if size])
    values = _varints(np.frombuffer(buffer, np.uint8), ends, sizes)
    columns = _columns(values, sizes)
    lat, lon = columns[1] / _DEGREE, columns[2] / _DEGREE
    _refuse_impossible(columns[0], lat, lon)
    accuracy_m = np.where(columns[3] < 0, np.nan, columns[3] / 10)
    altitude_m = np.where(columns[4] == _NO_ALTITUDE_M, np.nan, columns[4])
    return TrackPoints(columns[0], lat, lon, accuracy_m, altitude_m.astype(np.float64))


def _varints(octets: NDArray[np.uint8], ends: Whole, sizes: Whole) -> Whole:
    """Every value of the joined chunks; each chunk must hold whole varints, five a point."""
    last = np.flatnonzero(octets < 128)
    counted = np.searchsorted(last, ends)
    if not np.array_equal(counted, np.cumsum(sizes) * COLUMNS) or (octets[ends - 1] > 127).any():
        raise CorruptTrack("a chunk does not hold as many values as its points need")
    first = np.empty_like(last)
    first[0] = 0
    first[1:] = last[:-1] + 1
    length = last - first + 1
    if length.max() > _MAX_VARINT_BYTES:
        raise CorruptTrack("a value is longer than ten bytes")
    raw = np.zeros(len(last), np.uint64)
    for k in range(int(length.max())):
        longer = length > k
        low = octets[first[longer] + k].astype(np.uint64) & np.uint64(127)
        raw[longer] |= low << np.uint64(7 * k)
    return (raw >> np.uint64(1)).astype(np.int64) ^ -(raw & np.uint64(1)).astype(np.int64)


def _columns(values: Whole, sizes: Whole) -> list[Whole]:
    """The five columns over all chunks, differences summed up again within each chunk."""
    starts = np.cumsum(sizes) - sizes
    of_chunk = np.repeat(np.arange(len(sizes)), sizes)
    within = np.arange(int(sizes.sum())) - starts[of_chunk]
    base = starts[of_chunk] * COLUMNS + within
    columns = [values[base + number * sizes[of_chunk]] for number in range(COLUMNS)]
    firsts = columns[0][starts]
    steps = _summed(columns[0], starts, of_chunk) - firsts[of_chunk]
    columns[0] = _summed(steps, starts, of_chunk) + firsts[of_chunk]
    for number in range(1, COLUMNS):
        columns[number] = _summed(columns[number], starts, of_chunk)
    return columns


def _summed(values: Whole, starts: Whole, of_chunk: Whole) -> Whole:
    """Running sums that begin anew with each chunk."""
    total = np.cumsum(values)
    before = total[starts] - values[starts]
    summed: Whole = total - before[of_chunk]
    return summed


def _refuse_impossible(t_ms: Whole, lat: Floats, lon: Floats) -> None:
    if (t_ms < 0).any() or (np.abs(lat) > 90).any() or (np.abs(lon) > 180).any():
        raise CorruptTrack("a point is outside time or off the Earth")
