"""Cheats by way of the phone: fields that never change, two phones, late or wrong clocks, a gap."""

from dataclasses import replace

import numpy as np

from bench.cheats.copies import Walks
from bench.cheats.drawing import lasting_noise, sheet_of
from bench.cheats.submission import Rng, Submission, recorded_trace, submitted


def constant_fields(rng: Rng, walks: Walks, source: str, _: int) -> Submission:
    """One accuracy and one altitude from the first fix to the last."""
    trace = recorded_trace(rng, walks[source])
    constant = replace(
        trace,
        accuracy_m=np.full(len(trace), round(float(rng.uniform(3, 20)), 1)),
        altitude_m=np.full(len(trace), float(rng.integers(5, 60))),
    )
    return submitted(rng, [constant], source, unseen=[source])


def gap(rng: Rng, walks: Walks, source: str, _: int) -> Submission:
    """The first and the last fifth of the time; what was between, the phone does not say."""
    trace = recorded_trace(rng, walks[source])
    share = (trace.t - trace.t[0]) / (trace.t[-1] - trace.t[0])
    return submitted(rng, [trace.part((share < 0.2) | (share > 0.8))], source, unseen=[source])


def two_phones_one_walker(rng: Rng, walks: Walks, source: str, _: int) -> Submission:
    """A second phone, of another account, in the pocket of whoever walked."""
    sheet = sheet_of(walks[source])
    t = np.arange(sheet.t[0] + rng.uniform(0, 5), sheet.t[-1], 5.0)
    x, y = (np.interp(t, sheet.t, column) for column in sheet.xy)
    east, north = lasting_noise(rng, t, float(rng.uniform(1.5, 5.0)))
    return submitted(rng, [sheet.trace(rng, t, x + east, y + north)], source)


def two_phones_one_account(rng: Rng, walks: Walks, source: str, _: int) -> Submission:
    """A second phone, elsewhere at the same time, feeds the same account."""
    own = recorded_trace(rng, walks[source])
    sheet = sheet_of(walks[source])
    bearing, away_m = rng.uniform(0, 2 * np.pi), rng.uniform(90, 900)
    x, y = (column[::-1] for column in sheet.xy)
    other = sheet.trace(
        rng, sheet.t, x + away_m * np.cos(bearing), y + away_m * np.sin(bearing)
    ).part(rng.random(len(own)) < 0.8)
    return submitted(rng, [own, other], source, unseen=[source])


def late_batch(rng: Rng, walks: Walks, source: str, _: int) -> Submission:
    """An own walk of which nothing comes in until long after its finish has."""
    trace = recorded_trace(rng, walks[source])
    kept_back_s = float(rng.uniform(2_000, 40_000))
    return submitted(rng, [trace], source, unseen=[source], kept_back_s=kept_back_s)


def clock_skew(rng: Rng, walks: Walks, source: str, number: int) -> Submission:
    """A phone whose clock, and so every fix, is minutes behind; one in three is ahead."""
    trace = recorded_trace(rng, walks[source])
    lag_s = float(rng.uniform(330, 1_500))
    if number % 3 == 2:
        lag_s = -float(rng.uniform(90, 900))
    return submitted(rng, [trace], source, unseen=[source], lag_s=lag_s)
