"""One verdict: 1,440 points in chunks of 60, an area of 200 corners, 8 checkpoints with dwell."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from bench.parts.scalar_verdict import ScalarMeasures, ScalarTask, compile_scalar, measure
from bench.parts.timed_acts import median_ms, rotated
from fixtures.factories import CENTRE
from fixtures.walk_simulator import simulate_walk
from shared.geo import LocalFrame
from tasks.judging.areas import validated_area
from tasks.judging.checks import Judgement, judge, validate_checks
from tasks.tracks.track_packing import TrackPoints, pack_points, unpack_points

POINTS, CHUNK_POINTS = 1_440, 60
CORNERS, CHECKPOINTS = 200, 8
RADIUS_M, RIPPLE_M = 350.0, 20.0
BEGAN_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Work:
    """One walk as it is stored, and the task it is judged by."""

    chunks: list[tuple[bytes, int]]
    area: dict[str, Any]
    checks: list[dict[str, Any]]
    window: tuple[float, float]


def verdict_figures(rounds: int, slot_s: float) -> dict[str, float]:
    """`ms` of our verdict, decoding included; `speedup` over the scalar loops on the same walk."""
    work = work_to_judge()
    scalar = compile_scalar(work.area, work.checks)
    slots = rotated(
        {
            "ours": [lambda: judged(work)],
            "scalar": [lambda: measured_by_loops(work, scalar)],
        },
        rounds,
        slot_s,
    )
    ours_ms, scalar_ms = median_ms(slots["ours"]), median_ms(slots["scalar"])
    return {
        "ms": round(ours_ms, 3),
        "scalar_ms": round(scalar_ms, 2),
        "speedup": round(scalar_ms / ours_ms, 2),
    }


def judged(work: Work) -> Judgement:
    """Our verdict, from the stored bytes."""
    points = unpack_points(work.chunks)
    return judge(work.area, work.checks, work.window, work.window, points, "wgs84")


def measured_by_loops(work: Work, task: ScalarTask) -> ScalarMeasures:
    """The loops' measures, from the same bytes."""
    return measure(task, work.chunks)


def work_to_judge() -> Work:
    """A simulated walk of two hours around eight checkpoints, packed as it is stored."""
    frame = LocalFrame(*CENTRE)
    angles = np.arange(CHECKPOINTS + 1) * 2 * np.pi / CHECKPOINTS
    lat, lon = frame.to_degrees(0.7 * RADIUS_M * np.cos(angles), 0.7 * RADIUS_M * np.sin(angles))
    places = list(zip(lat.tolist(), lon.tolist(), strict=True))
    walk = simulate_walk(places, BEGAN_AT, seed=5, duration_s=9_000).columns()
    first_s = walk.t_ms[0] / 1000
    chunks = [_packed(walk, first) for first in range(0, POINTS, CHUNK_POINTS)]
    area = validated_area({"shape": "polygon", "geometry": _outline(frame)})
    checks = validate_checks(_checks(places[:CHECKPOINTS]), area)
    window = (first_s - 60, first_s + timedelta(hours=4).total_seconds())
    return Work(chunks, area, checks, window)


def _packed(walk: TrackPoints, first: int) -> tuple[bytes, int]:
    part = slice(first, first + CHUNK_POINTS)
    columns = (walk.t_ms, walk.lat, walk.lon, walk.accuracy_m, walk.altitude_m)
    return pack_points(TrackPoints(*(column[part] for column in columns))), CHUNK_POINTS


def _outline(frame: LocalFrame) -> dict[str, Any]:
    """A polygon of 200 corners, rippled as outlines traced by hand are."""
    angles = np.arange(CORNERS) * 2 * math.pi / CORNERS
    radius_m = RADIUS_M + RIPPLE_M * np.sin(24 * angles)
    lat, lon = frame.to_degrees(radius_m * np.cos(angles), radius_m * np.sin(angles))
    ring = [[round(b, 7), round(a, 7)] for a, b in zip(lat.tolist(), lon.tolist(), strict=True)]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def _checks(places: list[tuple[float, float]]) -> list[dict[str, Any]]:
    points = [{"lat": lat, "lon": lon} for lat, lon in places]
    return [
        {"check": "inside_time", "parameters": {"min_s": 3_600}},
        {"check": "inside_distance", "parameters": {"min_m": 3_000}},
        {"check": "checkpoints", "parameters": {"points": points, "dwell_s": 10, "needed": 7}},
        {"check": "plausible_speed"},
    ]
