"""What the cheats draw with: metres of a walk, noise that lasts, a pace along a line."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString

from bench.cheats.submission import Rng, Trace, seen_by_a_phone, wandering
from bench.parts.tasks_around import Measured, measured
from shared.datums import Floats
from tasks.tracks.track_packing import TrackPoints

NOISE_MEMORY_S = 30.0
PACE_MEMORY_S = 15.0


@dataclass(frozen=True)
class Sheet:
    """One honest walk to draw over: its fixes in metres of a frame around it, its line."""

    points: TrackPoints
    plan: Measured

    @property
    def t(self) -> Floats:
        """Its times, s since 1970."""
        return self.points.t_ms / 1000.0

    @property
    def xy(self) -> tuple[Floats, Floats]:
        """Its fixes in metres."""
        return self.plan.frame.to_metres(self.points.lat, self.points.lon)

    @property
    def line(self) -> LineString:
        """Where it led, simplified."""
        return self.plan.line

    @property
    def duration_s(self) -> float:
        """From its first fix to its last."""
        return float(self.t[-1] - self.t[0])

    def trace(self, rng: Rng, t: Floats, x: Floats, y: Floats) -> Trace:
        """Places in its metres, as a phone sends them."""
        lat, lon = self.plan.frame.to_degrees(x, y)
        return seen_by_a_phone(rng, t, np.round(lat, 6), np.round(lon, 6))


def sheet_of(points: TrackPoints) -> Sheet:
    """A walk to draw over."""
    return Sheet(points, measured(points))


def some_days_later(rng: Rng) -> float:
    """A day or more, in seconds: when a copy is sent in."""
    return float(rng.integers(1, 40) * 86_400 + rng.integers(-10_800, 10_800))


def lasting_noise(
    rng: Rng, t: Floats, axis_m: float, memory_s: float = NOISE_MEMORY_S
) -> tuple[Floats, Floats]:
    """Metres off to the east and north, as a phone among houses is."""
    east, north = (axis_m * wandering(rng, t, memory_s) for _ in range(2))
    return east, north


def white_noise(rng: Rng, count: int, axis_m: float) -> tuple[Floats, Floats]:
    """Metres off that forget themselves at once: what a program adds."""
    east, north = rng.normal(0.0, axis_m, (2, count))
    return east, north


def uneven_along(rng: Rng, t: Floats, speed_mps: float, unevenness: float) -> Floats:
    """Metres travelled until each moment, at a pace that wanders about `speed_mps`."""
    pace = speed_mps * np.exp(unevenness * wandering(rng, t, PACE_MEMORY_S))
    return np.concatenate(([0.0], np.cumsum(pace[:-1] * np.diff(t))))


def to_and_fro(line: LineString, along_m: Floats) -> tuple[Floats, Floats]:
    """Places on a line after so many metres, turning at its ends."""
    at_m = line.length - np.abs(along_m % (2 * line.length) - line.length)
    places = shapely.get_coordinates(shapely.line_interpolate_point(line, at_m))
    return places[:, 0], places[:, 1]
