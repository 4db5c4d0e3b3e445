"""The copy check against ten thousand stored tracks, before anything is compared in full."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle

import numpy as np

from bench.parts.timed_acts import median_ms, rotated
from fixtures.factories import CENTRE
from fixtures.walk_simulator import simulate_walk
from shared.geo import LocalFrame
from tasks.judging.track_rules import clean_walk
from tasks.suspicion.copy_index import CopyIndex
from tasks.suspicion.fingerprint import Fingerprint, city_cells, fingerprint_of

STORED = 10_000
MODELS, ASKED = 60, 100
# A third of the tracks lie within 4 by 4 km, the others all over 40 by 40.
DENSE_SHARE, DENSE_M, WIDE_M = 1 / 3, 2_000.0, 20_000.0
BEGAN_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def copies_figures(rounds: int, slot_s: float, stored: int = STORED) -> dict[str, float]:
    """`ms` of finding which of the stored tracks a new one must be compared with.

    Each asked track is another's walk moved by a few metres, so that there is one to find.
    """
    rng = np.random.default_rng(7)
    models = [_model(rng, seed) for seed in range(MODELS)]
    tracks = [_placed(rng, models[number % MODELS], number) for number in range(stored)]
    index = CopyIndex(tracks)
    asked = [_again(rng, tracks[int(rng.integers(stored))]) for _ in range(min(ASKED, stored))]
    found = [index.candidates(one) for one in asked]
    right = sum(
        one.participation_id.removesuffix("-again") in ids
        for one, ids in zip(asked, found, strict=True)
    )
    turns = cycle(asked)
    slots = rotated({"ours": [lambda: index.candidates(next(turns))]}, rounds, slot_s)
    return {
        "ms": round(median_ms(slots["ours"]), 4),
        "stored": stored,
        "candidates": round(float(np.mean([len(ids) for ids in found])), 2),
        "sources_found_share": round(right / len(asked), 3),
    }


def _model(rng: np.random.Generator, seed: int) -> Fingerprint:
    """The fingerprint of a simulated walk of twenty minutes to an hour and a half."""
    frame = LocalFrame(*CENTRE)
    turns = np.cumsum(rng.uniform(-1.6, 1.6, 14))
    x, y = (np.cumsum(120.0 * way(turns)) for way in (np.cos, np.sin))
    lat, lon = frame.to_degrees(x, y)
    route = list(zip(lat.tolist(), lon.tolist(), strict=True))
    seconds = float(rng.uniform(1_200, 5_400))
    walk = simulate_walk(route, BEGAN_AT, seed, interval_s=10.0, duration_s=seconds)
    return fingerprint_of(clean_walk(walk.columns(), frame))


def _placed(rng: np.random.Generator, model: Fingerprint, number: int) -> Fingerprint:
    """A model somewhere in town, at another time, at a pace of its own."""
    reach_m = DENSE_M if rng.random() < DENSE_SHARE else WIDE_M
    frame = LocalFrame(*CENTRE)
    x, y = frame.to_metres(model.lat, model.lon)
    lat, lon = frame.to_degrees(
        x + rng.uniform(-reach_m, reach_m), y + rng.uniform(-reach_m, reach_m)
    )
    later_s = float(rng.integers(0, 90)) * 86_400
    return replace(
        model,
        participation_id=f"track-{number:06d}",
        person_id=f"person-{number % 3_000:06d}",
        started_s=model.started_s + later_s,
        ended_s=model.ended_s + later_s,
        t=model.t + later_s,
        lat=lat,
        lon=lon,
        cells=city_cells(lat, lon),
        signature=rng.permutation(model.signature),
    )


def _again(rng: np.random.Generator, source: Fingerprint) -> Fingerprint:
    """The same way on another day, a few metres off, at its source's pace."""
    lat, lon = (column + rng.normal(0, 2e-5, len(column)) for column in (source.lat, source.lon))
    later = {name: getattr(source, name) + 86_400.0 for name in ("started_s", "ended_s", "t")}
    name = f"{source.participation_id}-again"
    return replace(
        source, participation_id=name, lat=lat, lon=lon, cells=city_cells(lat, lon), **later
    )
