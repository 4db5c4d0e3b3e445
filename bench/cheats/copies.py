"""Cheats that send in what somebody else walked: replayed, blurred, turned, put together."""

from collections.abc import Callable

import numpy as np
from shapely.geometry import LineString
from shapely.ops import substring

from bench.cheats.drawing import (
    Sheet,
    lasting_noise,
    sheet_of,
    some_days_later,
    to_and_fro,
    uneven_along,
    white_noise,
)
from bench.cheats.submission import Rng, Submission, Trace, recorded_trace, submitted
from shared.datums import Floats
from tasks.tracks.track_packing import TrackPoints

Walks = dict[str, TrackPoints]
Make = Callable[[Rng, Walks, str, int], Submission]


def blurred(axis_m: float) -> Make:
    """A cheat that adds so much white noise, to the east and to the north, to another's walk."""

    def copy(rng: Rng, walks: Walks, source: str, _: int) -> Submission:
        sheet = sheet_of(walks[source])
        east, north = white_noise(rng, len(sheet.points), axis_m)
        x, y = sheet.xy
        return _another_day(rng, sheet.trace(rng, sheet.t, x + east, y + north), source)

    return copy


def resampled(rng: Rng, walks: Walks, source: str, _: int) -> Submission:
    """Another's walk at other moments, a little faster or slower, with a metre of noise."""
    sheet = sheet_of(walks[source])
    pace = float(rng.uniform(0.85, 1.15))
    interval_s = float(rng.choice((2.0, 3.0, 4.0, 7.0, 9.0)))
    t = sheet.t[0] + np.arange(0.0, sheet.duration_s / pace, interval_s)
    at = sheet.t[0] + (t - t[0]) * pace
    east, north = white_noise(rng, len(t), 1.0)
    x, y = (np.interp(at, sheet.t, column) for column in sheet.xy)
    return _another_day(rng, sheet.trace(rng, t, x + east, y + north), source)


def replayed(rng: Rng, walks: Walks, source: str, _: int) -> Submission:
    """Another's walk as it was, on another day."""
    return _another_day(rng, recorded_trace(rng, walks[source]), source)


def reversed_copy(rng: Rng, walks: Walks, source: str, _: int) -> Submission:
    """Another's walk from its end to its beginning, with half a metre of noise."""
    sheet = sheet_of(walks[source])
    t = sheet.t[0] + (sheet.t[-1] - sheet.t[::-1])
    x, y = (column[::-1] for column in sheet.xy)
    east, north = white_noise(rng, len(t), 0.5)
    return _another_day(rng, sheet.trace(rng, t, x + east, y + north), source)


def scaled(rng: Rng, walks: Walks, source: str, _: int) -> Submission:
    """Another's walk drawn larger or smaller about its middle, with 3 m of jitter."""
    sheet = sheet_of(walks[source])
    factor = 1.0 + float(rng.choice((-1, 1)) * rng.uniform(0.08, 0.3))
    x, y = (np.median(column) + factor * (column - np.median(column)) for column in sheet.xy)
    east, north = white_noise(rng, len(x), 3.0)
    return _another_day(rng, sheet.trace(rng, sheet.t, x + east, y + north), source)


def moved(rng: Rng, walks: Walks, source: str, number: int) -> Submission:
    """Another's walk put somewhere else, turned, every second one mirrored."""
    sheet = sheet_of(walks[source])
    angle, bearing = rng.uniform(0.3, 2 * np.pi - 0.3), rng.uniform(0, 2 * np.pi)
    away_m = rng.uniform(600, 3_000)
    x, y = (column - np.median(column) for column in sheet.xy)
    x = -x if number % 2 else x
    turned_x = x * np.cos(angle) - y * np.sin(angle) + away_m * np.cos(bearing)
    turned_y = x * np.sin(angle) + y * np.cos(angle) + away_m * np.sin(bearing)
    return _another_day(rng, sheet.trace(rng, sheet.t, turned_x, turned_y), source)


def stitched(rng: Rng, walks: Walks, source: str, number: int) -> Submission:
    """A piece of another's walk, then something else: a fresh way, or a piece of a third's."""
    sheet = sheet_of(walks[source])
    x, y = sheet.xy
    walked = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))))
    cut = int(np.searchsorted(walked, rng.uniform(0.5, 0.62) * walked[-1]))
    east, north = white_noise(rng, cut, 1.0)
    first = sheet.trace(rng, sheet.t[:cut], x[:cut] + east, y[:cut] + north)
    rest = _fresh_way if number % 2 else _third_piece
    return _another_day(rng, first.joined(rest(rng, walks, source, sheet, cut)), source)


def _fresh_way(rng: Rng, _: Walks, __: str, sheet: Sheet, cut: int) -> Trace:
    """The rest of the way, walked by nobody: another pace, other noise."""
    x, y = sheet.xy
    begin = sheet.line.project(LineString([(x[cut], y[cut]), (x[cut], y[cut] + 0.1)]).centroid)
    rest = substring(sheet.line, min(begin, sheet.line.length - 50.0), sheet.line.length)
    t = sheet.t[cut] + np.arange(0.0, max(120.0, sheet.t[-1] - sheet.t[cut]), 5.0)
    along = uneven_along(rng, t, 1.3, 0.3)
    return _noisy(rng, sheet, t, *to_and_fro(rest, along))


def _third_piece(rng: Rng, walks: Walks, source: str, sheet: Sheet, cut: int) -> Trace:
    """The beginning of a third one's walk, moved to where the first piece ends."""
    others = [
        name for name in walks if name != source and len(walks[name]) > len(walks[source]) / 3
    ]
    other = sheet_of(walks[others[int(rng.integers(len(others)))]])
    count = min(len(other.points), len(sheet.points) - cut)
    x, y = sheet.xy
    other_x, other_y = (column[:count] for column in other.xy)
    t = sheet.t[cut - 1] + 5.0 + other.t[:count] - other.t[0]
    return _noisy(rng, sheet, t, other_x - other_x[0] + x[cut], other_y - other_y[0] + y[cut])


def _noisy(rng: Rng, sheet: Sheet, t: Floats, x: Floats, y: Floats) -> Trace:
    east, north = lasting_noise(rng, t, 2.0)
    return sheet.trace(rng, t, x + east, y + north)


def _another_day(rng: Rng, trace: Trace, source: str) -> Submission:
    return submitted(rng, [trace.later(some_days_later(rng))], source)
