"""Simulated walks for the tests of the benchmarks: no recording is needed for them."""

from datetime import UTC, datetime, timedelta

import numpy as np

from fixtures.walk_simulator import simulate_walk
from shared.geo import LocalFrame
from tasks.tracks.track_packing import TrackPoints

BEGAN_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def winding(seed: int, legs: int = 12, leg_m: float = 140.0) -> list[tuple[float, float]]:
    """Corners of a way through a town that never goes back on itself."""
    rng = np.random.default_rng(seed)
    bearing = rng.uniform(0, 6) + np.cumsum(rng.uniform(-0.7, 0.7, legs))
    x = np.concatenate(([0.0], np.cumsum(leg_m * np.cos(bearing))))
    y = np.concatenate(([0.0], np.cumsum(leg_m * np.sin(bearing))))
    lat, lon = LocalFrame(26.09 + 0.02 * seed, 119.29).to_degrees(x, y)
    return list(zip(lat.tolist(), lon.tolist(), strict=True))


def some_walks(count: int = 3) -> dict[str, TrackPoints]:
    """Walks of about a mile and a half an hour, each on another day in another quarter."""
    return {
        f"s{seed}": simulate_walk(winding(seed), BEGAN_AT + timedelta(days=seed), seed).columns()
        for seed in range(count)
    }
