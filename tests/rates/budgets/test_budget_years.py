"""Years and quarters of budgets turn at midnight of the business time zone."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rates import budget_quarter_of, budget_year_of, quarter_ends_at

PURE = True

BEGAN_AT = datetime(2000, 1, 2, tzinfo=UTC)
MOMENTS = st.integers(0, 3_155_000_000).map(lambda seconds: BEGAN_AT + timedelta(seconds=seconds))
TICK = timedelta(milliseconds=1)


def test_the_third_quarter_begins_on_the_first_of_july_in_the_business_time_zone():
    begins_at = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)
    assert budget_quarter_of(begins_at - TICK) == 2
    assert budget_quarter_of(begins_at) == 3
    assert quarter_ends_at(2026, 2) == begins_at


def test_the_last_quarter_ends_with_the_year():
    end = quarter_ends_at(2026, 4)
    assert end == datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert (budget_year_of(end), budget_quarter_of(end)) == (2027, 1)


@given(MOMENTS)
def test_every_moment_lies_in_the_quarter_that_has_not_ended_and_the_one_before_has(moment):
    year, quarter = budget_year_of(moment), budget_quarter_of(moment)
    before = (year, quarter - 1) if quarter > 1 else (year - 1, 4)
    assert quarter_ends_at(*before) <= moment < quarter_ends_at(year, quarter)
