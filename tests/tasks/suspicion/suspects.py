"""Tracks for the tests of suspicion: simulated walks, and what cheats make of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from fixtures.walk_simulator import simulate_drive, simulate_walk
from shared.geo import LocalFrame
from tasks.judging.track_rules import clean_walk
from tasks.suspicion.fingerprint import fingerprint_of
from tasks.suspicion.signals import Arrival, walk_signals
from tasks.tracks.track_packing import TrackPoints

FRAME = LocalFrame(26.09, 119.29)
BEGAN = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY_S = 86_400.0
# Streets of a block, 1.3 km once around its corners.
CORNERS = ((0, 0), (120, 0), (120, 180), (300, 180), (300, 60), (420, 60), (420, 330), (150, 330))
STREETS = [tuple(float(v) for v in FRAME.to_degrees(x, y)) for x, y in CORNERS]


def walked(seed=1, *, day=0, route=STREETS, move=simulate_walk, duration_s=None) -> TrackPoints:
    """Somebody's walk along the streets, on some day."""
    began = BEGAN + timedelta(days=day)
    return move(route, began, seed, duration_s=duration_s).columns()


def driven(seed=1) -> TrackPoints:
    return walked(seed, move=simulate_drive, duration_s=1_200)


def drawn(t, x, y=None) -> TrackPoints:
    """Fixes at seconds t and metres x, y, with the fields a phone fills in."""
    t, x = np.asarray(t, float), np.asarray(x, float)
    lat, lon = FRAME.to_degrees(x, np.zeros_like(x) if y is None else np.asarray(y, float))
    rng = np.random.default_rng(len(t))
    t_ms = np.round((BEGAN.timestamp() + t) * 1000).astype(np.int64)
    fields = rng.uniform(4, 20, len(t)).round(1), rng.normal(20, 6, len(t)).round()
    return TrackPoints.of(t_ms, lat.round(6), lon.round(6), *fields)


def later(points, seconds=3 * DAY_S) -> TrackPoints:
    return replace(points, t_ms=points.t_ms + round(seconds * 1000))


def blurred(points, metres, seed=1) -> TrackPoints:
    """Each fix thrown off by itself."""
    rng = np.random.default_rng(seed)
    x, y = FRAME.to_metres(points.lat, points.lon)
    return placed(points, x + rng.normal(0, metres, len(x)), y + rng.normal(0, metres, len(y)))


def placed(points, x, y) -> TrackPoints:
    lat, lon = FRAME.to_degrees(x, y)
    return replace(points, lat=lat.round(6), lon=lon.round(6))


def backwards(points) -> TrackPoints:
    t_ms = points.t_ms[0] + points.t_ms[-1] - points.t_ms[::-1]
    return replace(points, t_ms=t_ms, lat=points.lat[::-1], lon=points.lon[::-1])


def resampled(points, every_s=7.0) -> TrackPoints:
    t_ms = np.arange(points.t_ms[0], points.t_ms[-1], round(every_s * 1000))
    lat, lon = (np.interp(t_ms, points.t_ms, column) for column in (points.lat, points.lon))
    return TrackPoints.of(t_ms, lat.round(6), lon.round(6))


def turned(points, degrees=70.0, scale=1.1) -> TrackPoints:
    """The walk somewhere else: turned, mirrored, scaled, two kilometres away."""
    x, y = FRAME.to_metres(points.lat, points.lon)
    place = np.conj(x + 1j * y) * scale * np.exp(1j * np.radians(degrees)) + 2_000
    return placed(points, place.real, place.imag)


def walk_of(points):
    return clean_walk(points, FRAME)


def span(points):
    return points.t_ms.min() / 1000, points.t_ms.max() / 1000 + 10


def in_time(points, *, every=60, late_s=3.0, mocked=0, clock_s=0.0):
    """The uploads of a track: one for each so many fixes, some seconds after the newest."""
    t = np.sort(points.t_ms) / 1000
    ends = [t[min(first + every, len(t)) - 1] for first in range(0, len(t), every)]
    return [Arrival(float(end + late_s + clock_s), float(end), every, mocked) for end in ends]


def signalled(points, moves="walks", arrivals=None, **more):
    """The names of a track's own signals, with their weights."""
    arrivals = in_time(points) if arrivals is None else arrivals
    found = walk_signals(walk_of(points), points, arrivals, moves, span(points), **more)
    return {signal.signal: signal.weight for signal in found}


def print_of(points, name="mine", person=None, company=(), **more):
    people = frozenset([name, *company])
    return fingerprint_of(walk_of(points), name, person or f"walker-of-{name}", people, **more)
