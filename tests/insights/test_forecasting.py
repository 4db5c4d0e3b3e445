"""The pace of past weeks burnt down: when a budget is used up, and how sure that is."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.forecasting import WEEK, Z, forecast

PURE = True

NOW = datetime(2026, 11, 2, tzinfo=UTC)
END = NOW + 8 * WEEK
weekly = st.lists(st.integers(-500, 5_000), min_size=1, max_size=8)
coins = st.integers(0, 200_000)


def burnt(weeks, left, *, ends_at=END):
    return forecast(weeks, left, moment=NOW, ends_at=ends_at)


def test_a_steady_pace_is_divided_into_what_is_left():
    found = burnt([100] * 8, 400)
    assert found.used_up_at == found.earliest_at == found.latest_at == NOW + 4 * WEEK
    assert (found.per_week, found.weeks, found.left_at_end, found.lasts) == (100, 8, -400, False)


def test_what_outlives_its_period_lasts():
    found = burnt([100] * 8, 800)
    assert (found.lasts, found.left_at_end) == (True, 0)
    assert burnt([100] * 8, 799).lasts is False


def test_without_a_whole_week_nothing_is_said():
    found = burnt([], 400)
    assert (found.weeks, found.per_week, found.used_up_at, found.lasts) == (0, None, None, None)


def test_one_week_alone_says_a_day_but_no_range():
    found = burnt([100], 400)
    assert found.used_up_at == NOW + 4 * WEEK
    assert (found.earliest_at, found.latest_at) == (None, None)


def test_what_comes_back_is_never_used_up():
    found = burnt([-10, -20, -30], 400)
    assert (found.used_up_at, found.latest_at, found.lasts) == (None, None, True)


def test_what_is_gone_is_used_up_now():
    found = burnt([100, 120], 0)
    assert found.used_up_at == found.earliest_at == found.latest_at == NOW


def test_a_wild_pace_may_never_use_it_up():
    found = burnt([0, 0, 0, 900], 10_000)
    assert found.earliest_at < found.used_up_at
    assert found.latest_at is None


def test_the_edges_solve_the_interval_they_are_taken_from():
    weeks, left = [90, 110, 100, 130, 70, 100, 95, 105], 1_000
    found = burnt(weeks, left)
    mean, deviation = 100.0, (2_050 / 7) ** 0.5
    for at, sign in ((found.earliest_at, 1), (found.latest_at, -1)):
        h = (at - NOW) / WEEK
        edge = mean * h + sign * Z * deviation * (h + h * h / 8) ** 0.5
        assert edge == pytest.approx(left, abs=0.01)


@given(weekly, coins)
def test_the_day_lies_in_its_range(weeks, left):
    found = burnt(weeks, left)
    if found.used_up_at and found.earliest_at:
        assert found.earliest_at <= found.used_up_at
    if found.used_up_at and found.latest_at:
        assert found.used_up_at <= found.latest_at
        assert found.earliest_at is not None
    assert found.earliest_at is None or found.earliest_at >= NOW


@given(weekly, coins, st.integers(1, 50_000))
def test_more_coins_never_last_shorter(weeks, left, more):
    poor, rich = burnt(weeks, left), burnt(weeks, left + more)
    for name in ("used_up_at", "earliest_at", "latest_at"):
        if getattr(poor, name) and getattr(rich, name):
            assert getattr(poor, name) <= getattr(rich, name)
    assert poor.left_at_end < rich.left_at_end
    assert rich.lasts or not poor.lasts
