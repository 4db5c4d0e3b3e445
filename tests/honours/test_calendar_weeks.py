"""ISO weeks by name."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honours.calendar_weeks import BadWeek, day_in, iso_year_of, monday_of, week_later, week_of

PURE = True

DAYS = st.dates(date(2001, 1, 1), date(2099, 12, 1))


def test_around_new_year_a_week_belongs_to_the_year_of_its_thursday():
    assert week_of(date(2027, 1, 1)) == "2026-W53"
    assert week_of(date(2027, 1, 4)) == "2027-W01"
    assert iso_year_of(week_of(date(2024, 12, 30))) == 2025


@given(DAYS, st.integers(-60, 60))
def test_weeks_are_counted_as_days_are(day, weeks):
    assert week_later(week_of(day), weeks) == week_of(day + timedelta(weeks=weeks))


@given(DAYS, DAYS)
def test_names_of_weeks_sort_as_days_do(first, second):
    if first <= second:
        assert week_of(first) <= week_of(second)


@given(DAYS)
def test_a_week_begins_on_its_monday(day):
    monday = monday_of(week_of(day))
    assert monday.weekday() == 0
    assert 0 <= (day - monday).days <= 6


@pytest.mark.parametrize("week", ["2026-W54", "2025-W53", "2026-W00", "2026-47", "", "1999-W01"])
def test_what_is_no_week_is_refused_by_field(week):
    with pytest.raises(BadWeek) as refusal:
        monday_of(week)
    assert refusal.value.field == "week"


def test_a_late_evening_there_is_another_day_than_here():
    moment = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)
    assert day_in(moment, ZoneInfo("Asia/Shanghai")) == date(2026, 11, 23)
