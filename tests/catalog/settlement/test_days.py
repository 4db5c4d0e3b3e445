"""Days of the business time zone: where they begin and end, and which statement takes what."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.settlement.days import (
    day_begins,
    day_ends,
    day_of,
    day_to_close,
    last_closable_day,
)

PURE = True
FUZHOU = ZoneInfo("Asia/Shanghai")
zones = st.sampled_from([FUZHOU, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu")])
EPOCH = datetime(2001, 1, 1, tzinfo=UTC)
moments = st.integers(0, 2_800_000_000_000).map(lambda ms: EPOCH + timedelta(milliseconds=ms))
some_days = st.dates(date(2001, 1, 1), date(2090, 1, 1))


@given(moments, zones)
def test_every_moment_lies_in_its_day(moment, zone):
    day = day_of(moment, zone)
    assert day_begins(day, zone) <= moment < day_ends(day, zone)


@given(some_days, zones)
def test_a_day_ends_where_the_next_begins(day, zone):
    assert day_ends(day, zone) == day_begins(day + timedelta(days=1), zone)


@given(moments, zones)
def test_a_day_can_be_closed_ten_minutes_after_its_end(moment, zone):
    day = last_closable_day(moment, zone)
    assert day_ends(day, zone) + timedelta(minutes=10) <= moment
    assert day_ends(day + timedelta(days=1), zone) + timedelta(minutes=10) > moment


def test_new_years_eve_ends_at_sixteen_oclock_of_greenwich():
    assert day_ends(date(2026, 2, 16), FUZHOU) == datetime(2026, 2, 16, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("oldest", "last", "goes_on", "day"),
    [
        (5, None, False, 5),
        (5, 4, False, 5),
        (5, 3, True, 5),
        (5, 5, True, 5),
        (5, 5, False, 6),
        (3, 5, False, 6),
        (3, 5, True, 5),
    ],
)
def test_what_was_handed_over_goes_to_its_day_or_to_the_one_after_the_last(
    oldest, last, goes_on, day
):
    before = None if last is None else date(2026, 3, last)
    assert day_to_close(date(2026, 3, oldest), before, goes_on=goes_on) == date(2026, 3, day)
