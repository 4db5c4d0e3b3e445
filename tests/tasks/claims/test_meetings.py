"""When a captain's track stands for a member: near it, twice, far enough apart."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.claims.meetings import Met, points_within, time_needed_s, together_within
from tasks.tracks.track_packing import TrackPoints

PURE = True

BEGAN_S = 1_700_000_000.0
LAT, LON = 26.09, 119.29


def track(duration_s=3_600, every_s=60):
    """A captain who walks straight north at a metre and a bit a second."""
    seconds = range(0, duration_s + 1, every_s)
    return TrackPoints.of(
        [int((BEGAN_S + second) * 1000) for second in seconds],
        [LAT + second * 1e-5 for second in seconds],
        [LON for _ in seconds],
    )


def met(after_s, *, off_m=0.0):
    return Met(BEGAN_S + after_s, LAT + after_s * 1e-5, LON + off_m / 100_000)


def test_two_meetings_half_the_needed_time_apart_are_enough():
    assert together_within([met(600), met(1_500)], track(), 1_800) == (
        BEGAN_S + 600,
        BEGAN_S + 1_500,
    )


@pytest.mark.parametrize(
    "meetings",
    [
        [],
        [met(600)],
        [met(600), met(1_499)],
        [met(600), met(3_000, off_m=400)],
        [met(600), met(3_600 + 300)],
        [met(-400), met(600)],
    ],
)
def test_one_or_too_near_in_time_or_off_the_track_is_not(meetings):
    assert together_within(meetings, track(), 1_800) is None


def test_without_a_track_there_is_no_being_together():
    empty = TrackPoints.of([], [], [])
    assert together_within([met(0), met(3_000)], empty, 600) is None


@given(st.lists(st.integers(0, 3_600), max_size=8), st.integers(60, 7_200))
def test_what_stands_for_the_member_lies_between_two_meetings(seconds, needed_s):
    whole = track()
    span = together_within([met(second) for second in seconds], whole, needed_s)
    if span is None:
        assert len(set(seconds)) < 2 or max(seconds) - min(seconds) < needed_s / 2
        return
    assert span == (BEGAN_S + min(seconds), BEGAN_S + max(seconds))
    kept = whole.t_ms[points_within(whole, *span)] / 1000
    assert all(span[0] <= moment <= span[1] for moment in kept)
    assert len(kept) == sum(span[0] <= moment <= span[1] for moment in whole.t_ms / 1000)


def test_the_time_needed_is_what_the_checks_ask_for_or_half_the_window():
    starts_at = datetime(2026, 3, 2, 11, tzinfo=UTC)
    ends_at = starts_at + timedelta(hours=2)
    inside = {"check": "inside_time", "parameters": {"min_s": 2_400}}
    speed = {"check": "plausible_speed", "parameters": {}}
    assert time_needed_s([speed, inside], starts_at, ends_at) == 2_400
    assert time_needed_s([speed], starts_at, ends_at) == 3_600
