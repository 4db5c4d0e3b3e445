"""How long claims, offers and pauses hold: figures, and what holds for all of them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.claims.lease_rules import (
    LEAST_OFFER,
    LEFT_TO_OTHERS,
    LONGEST_PAUSE,
    OFFER_STANDS,
    PAUSES_IN_ALL,
    SECOND_THOUGHTS,
    extended_lease_end,
    free_end,
    lease_end,
    night_end,
    offer_end,
    pause_left,
)

PURE = True

SEVEN = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
NINE = SEVEN + timedelta(hours=2)
moments = st.timedeltas(timedelta(days=-30), timedelta(days=30)).map(lambda away: SEVEN + away)
spans = st.timedeltas(timedelta(minutes=1), timedelta(hours=12))


def minutes(count):
    return timedelta(minutes=count)


def test_a_claim_of_the_day_before_is_held_from_the_windows_start_on():
    assert lease_end(SEVEN - timedelta(days=1), SEVEN, NINE, 30) == SEVEN + minutes(30)


def test_a_claim_within_the_window_is_held_from_the_claim_on():
    assert lease_end(SEVEN + minutes(40), SEVEN, NINE, 30) == SEVEN + minutes(70)


@given(moments, moments, spans, st.integers(0, 1_440))
def test_a_lease_never_reaches_past_the_window(claimed_at, starts_at, length, hold):
    ends_at = starts_at + length
    held_until = lease_end(claimed_at, starts_at, ends_at, hold)
    assert held_until <= ends_at
    assert held_until <= extended_lease_end(held_until, ends_at) <= ends_at


def test_a_claim_is_free_to_go_until_two_hours_before_or_ten_minutes_after_claiming():
    day_before = SEVEN - timedelta(days=1)
    assert free_end(day_before, SEVEN, 120) == SEVEN - timedelta(hours=2)
    assert free_end(SEVEN - minutes(5), SEVEN, 120) == SEVEN - minutes(5) + SECOND_THOUGHTS


@pytest.mark.parametrize(
    ("before_start", "stands"), [(600, 15), (30, 15), (20, 10), (4, 2), (1, 2), (-60, 2)]
)
def test_an_offer_stands_shorter_the_nearer_the_start_is(before_start, stands):
    moment = SEVEN - minutes(before_start)
    assert offer_end(moment, SEVEN, NINE, awake_from=moment) == moment + minutes(stands)


@given(moments, moments, spans)
def test_an_offer_stands_two_to_fifteen_minutes_within_the_window(moment, starts_at, length):
    ends_at = starts_at + length
    until = offer_end(moment, starts_at, ends_at, awake_from=moment)
    assert until <= ends_at
    if moment + LEAST_OFFER <= ends_at:
        assert LEAST_OFFER <= until - moment <= OFFER_STANDS


@pytest.mark.parametrize(
    ("made", "ends"),
    [
        ("2026-03-02 21:59", "2026-03-02 21:59"),
        ("2026-03-02 22:00", "2026-03-03 07:00"),
        ("2026-02-28 23:30", "2026-03-01 07:00"),
        ("2026-03-02 03:10", "2026-03-02 07:00"),
        ("2026-03-02 07:00", "2026-03-02 07:00"),
        ("2026-03-02 12:00", "2026-03-02 12:00"),
    ],
)
def test_the_night_ends_in_the_morning_that_follows_by_the_clocks_there(made, ends):
    made_at, ends_at = (
        datetime.fromisoformat(one).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
        for one in (made, ends)
    )
    assert night_end(made_at, 22 * 60, 7 * 60) == ends_at


def test_quiet_hours_at_noon_end_the_same_day_and_equal_minutes_are_none():
    one = SEVEN.replace(hour=13, minute=10)
    assert night_end(one, 13 * 60, 14 * 60) == one.replace(hour=14, minute=0)
    assert night_end(one.replace(hour=15), 13 * 60, 14 * 60) == one.replace(hour=15)
    assert night_end(one, 13 * 60 + 10, 13 * 60 + 10) == one


@pytest.mark.parametrize("days", [0, 1, 5])
def test_an_offer_made_at_night_stands_until_people_are_up(days):
    awake_from = SEVEN
    starts_at = awake_from + OFFER_STANDS + LEFT_TO_OTHERS + timedelta(days=days)
    made = awake_from - timedelta(hours=8)
    until = offer_end(made, starts_at, starts_at + timedelta(hours=1), awake_from=awake_from)
    assert until == awake_from + OFFER_STANDS


def test_where_the_start_is_near_the_morning_the_night_goes_on_offering():
    starts_at = SEVEN + OFFER_STANDS + LEFT_TO_OTHERS - minutes(1)
    made = SEVEN - timedelta(hours=3)
    assert offer_end(made, starts_at, NINE, awake_from=SEVEN) == made + OFFER_STANDS


@given(moments, moments, spans, st.timedeltas(timedelta(), timedelta(hours=9)))
def test_no_offer_outlasts_the_window_or_leaves_the_others_no_time(moment, starts_at, length, nap):
    ends_at = starts_at + length
    until = offer_end(moment, starts_at, ends_at, awake_from=moment + nap)
    assert until <= ends_at
    assert until <= moment + OFFER_STANDS or until <= starts_at - LEFT_TO_OTHERS


@given(st.lists(st.timedeltas(timedelta(), LONGEST_PAUSE), max_size=6))
def test_pauses_take_an_hour_each_and_two_in_all(lengths):
    pauses, taken = [], timedelta()
    for length in lengths:
        left = pause_left(pauses)
        assert timedelta() <= left <= LONGEST_PAUSE
        used = min(length, left)
        pauses.append((SEVEN, SEVEN + used))
        taken += used
    assert taken <= PAUSES_IN_ALL
