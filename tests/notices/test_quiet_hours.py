"""Quiet hours: what is made in them waits for their end, on the clocks of the city."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.quiet_hours import DAY_MINUTES, clock_of, minute_of, shown_from

PURE = True

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = (22 * 60, 7 * 60)
minutes = st.integers(0, DAY_MINUTES - 1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
moments = st.integers(0, 3 * 10**9).map(lambda second: EPOCH + timedelta(seconds=second))


def at(clock, day=4):
    return datetime.fromisoformat(f"2017-12-{day:02d}T{clock}:00+08:00")


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        (at("21:59"), at("21:59")),
        (at("22:00"), at("07:00", 5)),
        (at("23:59"), at("07:00", 5)),
        (at("00:00"), at("07:00")),
        (at("06:59"), at("07:00")),
        (at("07:00"), at("07:00")),
        (at("12:00"), at("12:00")),
    ],
)
def test_a_night_that_spans_midnight_ends_in_the_morning(made, shown):
    assert shown_from(made, *NIGHT, SHANGHAI) == shown


def test_hours_within_one_day_end_on_it():
    assert shown_from(at("13:10"), 13 * 60, 14 * 60, SHANGHAI) == at("14:00")
    assert shown_from(at("22:10"), 13 * 60, 14 * 60, SHANGHAI) == at("22:10")


@given(moments, minutes)
def test_equal_times_are_no_quiet_hours(moment, minute):
    assert shown_from(moment, minute, minute, SHANGHAI) == moment


@given(moments, minutes, minutes, st.sampled_from([SHANGHAI, ZoneInfo("Europe/Berlin")]))
def test_nothing_is_shown_early_or_a_day_late_and_the_end_is_never_quiet(moment, begin, end, zone):
    shown = shown_from(moment, begin, end, zone)
    # A day on which clocks are put back is an hour longer.
    assert moment <= shown <= moment + timedelta(hours=25)
    if zone is SHANGHAI:
        assert shown_from(shown, begin, end, zone) == shown


def test_a_night_in_which_clocks_are_put_forward_ends_by_the_clock():
    berlin = ZoneInfo("Europe/Berlin")
    made = datetime(2017, 3, 25, 23, 0, tzinfo=berlin)
    shown = shown_from(made, *NIGHT, berlin)
    assert shown.astimezone(berlin).strftime("%d %H:%M") == "26 07:00"
    assert shown - made.astimezone(UTC) == timedelta(hours=7)


@given(minutes)
def test_clocks_and_minutes_are_the_same_thing(minute):
    assert minute_of(clock_of(minute)) == minute
