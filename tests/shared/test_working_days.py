"""Working days: public holidays, weekend days worked in return, and years not known yet."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.working_days import DayKind, day_kind, known_years, working_day

PURE = True


@pytest.mark.parametrize(
    ("day", "is_worked"),
    [
        (date(2026, 10, 1), False),  # National Day, a Thursday
        (date(2026, 9, 30), True),
        (date(2025, 1, 26), True),  # a Sunday worked in return for the Spring Festival
        (date(2025, 1, 28), False),
        (date(2026, 11, 21), False),  # an ordinary Saturday
        (date(2026, 11, 23), True),
    ],
)
def test_holidays_and_days_worked_in_return_are_known(day, is_worked):
    assert working_day(day) == (is_worked, True)


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 10, 1), DayKind.HOLIDAY),
        (date(2026, 10, 3), DayKind.HOLIDAY),  # a Saturday of the National Day holiday
        (date(2026, 10, 10), DayKind.WORKED),  # a Saturday worked in return for it
        (date(2026, 10, 11), DayKind.WEEKEND),
        (date(2026, 10, 12), DayKind.WORKED),
    ],
)
def test_a_day_is_worked_or_a_weekend_or_a_holiday(day, kind):
    assert day_kind(day) == kind


@given(st.dates(date(1990, 1, 1), date(2060, 12, 31)))
def test_only_days_that_are_worked_are_no_weekend_and_no_holiday(day):
    assert (day_kind(day) == DayKind.WORKED) == working_day(day).is_worked


@given(st.dates(date(1990, 1, 1), date(2060, 12, 31)))
def test_beyond_the_known_years_weekdays_are_taken_and_said_to_be_a_guess(day):
    first, last = known_years()
    answer = working_day(day)
    assert answer.is_known == (first <= day.year <= last)
    if not answer.is_known:
        assert answer.is_worked == (day.weekday() < 5)


def test_a_known_year_has_about_250_working_days():
    year = known_years()[1]
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
    assert 240 <= sum(working_day(day).is_worked for day in days) <= 256
