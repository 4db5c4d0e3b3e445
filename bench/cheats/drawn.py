"""Cheats that nobody walked: drawn lines, a phone on a bench, places jumped between, rides."""

import numpy as np
from shapely.geometry import LineString

from bench.cheats.copies import Walks
from bench.cheats.drawing import (
    Sheet,
    lasting_noise,
    sheet_of,
    some_days_later,
    to_and_fro,
    uneven_along,
    white_noise,
)
from bench.cheats.submission import Rng, Submission, recorded_trace, submitted
from shared.datums import Floats

KMH = 1 / 3.6


def teleport(rng: Rng, walks: Walks, source: str, _: int) -> Submission:
    """An own walk of which two stretches happen somewhere else, there and back at once."""
    sheet = sheet_of(walks[source])
    x, y = sheet.xy
    since = sheet.t - sheet.t[0]
    stretch_s = max(75.0, 0.15 * sheet.duration_s)
    for begin in (0.2, 0.6):
        from_s = (begin + rng.uniform(0.0, 0.1)) * sheet.duration_s
        away = (since >= from_s) & (since < from_s + stretch_s)
        bearing, away_m = rng.uniform(0, 2 * np.pi), rng.uniform(400, 1_200)
        x, y = x + away * away_m * np.cos(bearing), y + away * away_m * np.sin(bearing)
    return submitted(rng, [sheet.trace(rng, sheet.t, x, y)], source, unseen=[source])


def constant_step(rng: Rng, walks: Walks, source: str, _: int) -> Submission:
    """A drawn way, cut into steps of one length, with at most half a metre of jitter."""
    sheet = sheet_of(walks[source])
    interval_s, speed_mps = float(rng.choice((2, 3, 5, 10))), float(rng.uniform(1.1, 1.6))
    t = _moments(rng, sheet, interval_s, sheet.line.length / speed_mps)
    x, y = to_and_fro(sheet.line, speed_mps * (t - t[0]))
    jitter_m = float(rng.uniform(0.0, 0.07)) * speed_mps * interval_s
    east, north = white_noise(rng, len(t), jitter_m)
    return submitted(rng, [sheet.trace(rng, t, x + east, y + north)], source)


def straight_lines(rng: Rng, walks: Walks, source: str, _: int) -> Submission:
    """A way drawn in a few long lines, at a pace that is uneven enough."""
    sheet = sheet_of(walks[source])
    line = LineString(sheet.line.simplify(40.0).coords)
    t = _moments(rng, sheet, 5.0, max(sheet.duration_s, sheet.line.length / 1.4))
    x, y = to_and_fro(line, uneven_along(rng, t, 1.3, 0.35))
    return submitted(rng, [sheet.trace(rng, t, x, y)], source)


def drawn_and_noise(rng: Rng, walks: Walks, source: str, _: int) -> Submission:
    """A drawn way at an uneven pace, each fix thrown off by itself."""
    sheet = sheet_of(walks[source])
    t = _moments(rng, sheet, float(rng.choice((2, 3, 5))), sheet.line.length / 1.3)
    x, y = to_and_fro(sheet.line, uneven_along(rng, t, 1.3, 0.3))
    east, north = white_noise(rng, len(t), float(rng.uniform(3.0, 8.0)))
    return submitted(rng, [sheet.trace(rng, t, x + east, y + north)], source)


def on_a_bench(rng: Rng, walks: Walks, source: str, _: int) -> Submission:
    """A phone that lies somewhere on the way, for as long as the walk takes."""
    sheet = sheet_of(walks[source])
    t = _moments(rng, sheet, float(rng.choice((1, 2, 5))), sheet.duration_s)
    place = sheet.line.interpolate(float(rng.uniform(0.2, 0.8)), normalized=True)
    east, north = lasting_noise(rng, t, float(rng.uniform(1.5, 6.0)))
    return submitted(rng, [sheet.trace(rng, t, place.x + east, place.y + north)], source)


def driven(rng: Rng, walks: Walks, source: str, _: int) -> Submission:
    """The way to and fro in a car, 30 km/h and stops at lights."""
    sheet = sheet_of(walks[source])
    return _ridden(rng, sheet, source, sheet.line, 30 * KMH, stops=True)


def e_bike(rng: Rng, walks: Walks, source: str, number: int) -> Submission:
    """The way on an e-bike at 17 to 23 km/h; every second one to and fro in a small yard."""
    sheet = sheet_of(walks[source])
    line, speed_mps = sheet.line, float(rng.uniform(17, 23)) * KMH
    if number % 2:
        middle = line.interpolate(0.5, normalized=True)
        bearing, half_m = rng.uniform(0, 2 * np.pi), rng.uniform(45, 75)
        dx, dy = half_m * np.cos(bearing), half_m * np.sin(bearing)
        line = LineString([(middle.x - dx, middle.y - dy), (middle.x + dx, middle.y + dy)])
    return _ridden(rng, sheet, source, line, speed_mps, stops=False)


def _ridden(
    rng: Rng, sheet: Sheet, source: str, line: LineString, speed_mps: float, *, stops: bool
) -> Submission:
    t = _moments(rng, sheet, 5.0, sheet.duration_s)
    along = uneven_along(rng, t, speed_mps, 0.15)
    if stops:
        stands = rng.random(len(t)) < 0.03
        for after in range(1, 4):
            stands[after:] |= stands[:-after] & (rng.random(len(t) - after) < 0.6)
        along = np.cumsum(np.where(stands, 0.0, np.diff(along, prepend=0.0)))
    x, y = to_and_fro(line, along)
    east, north = lasting_noise(rng, t, float(rng.uniform(2.0, 3.5)))
    return submitted(rng, [sheet.trace(rng, t, x + east, y + north)], source)


def _moments(rng: Rng, sheet: Sheet, interval_s: float, duration_s: float) -> Floats:
    """Every so many seconds for so long, some days after the walk that is drawn over."""
    moments: Floats = np.arange(0.0, duration_s, interval_s) + np.floor(sheet.t[0])
    return moments + some_days_later(rng)


def mock_flag(rng: Rng, walks: Walks, source: str, _: int) -> Submission:
    """Positions that the phone itself says an app made up: a tenth of them to all."""
    trace = recorded_trace(rng, walks[source])
    trace.mock[rng.random(len(trace)) < rng.uniform(0.1, 1.0)] = True
    return submitted(rng, [trace], source, unseen=[source])
