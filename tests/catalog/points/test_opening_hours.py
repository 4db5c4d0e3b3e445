"""Opening hours: open or not at a moment, and the next opening, by the wall clock of the city."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from catalog.points.opening_hours import (
    DAY_MINUTES,
    OpeningHours,
    Span,
    WeekSpan,
    is_open_at,
    merged,
    next_opening,
)

PURE = True

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2017, 12, 4)
NINE_TO_FIVE = Span(9 * 60, 17 * 60)
WEEKDAYS = OpeningHours(tuple(WeekSpan(day, NINE_TO_FIVE) for day in range(1, 6)))

spans = st.tuples(st.integers(0, DAY_MINUTES - 1), st.integers(1, DAY_MINUTES)).map(
    lambda pair: Span(min(pair), max(pair))
)
days = st.integers(0, 20).map(lambda ahead: MONDAY + timedelta(days=ahead))
hours = st.builds(
    OpeningHours,
    weekly=st.lists(st.builds(WeekSpan, st.integers(1, 7), spans), max_size=8).map(tuple),
    closed=st.frozensets(days, max_size=5),
    extra=st.dictionaries(days, st.lists(spans, min_size=1, max_size=3).map(tuple), max_size=3),
)
moments = st.integers(0, 20 * DAY_MINUTES).map(
    lambda minutes: datetime(2017, 12, 3, 16, 0, tzinfo=UTC) + timedelta(minutes=minutes)
)


def local(day, hour, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


def test_it_is_open_from_its_first_minute_up_to_its_last():
    assert not is_open_at(WEEKDAYS, local(MONDAY, 8, 59), ZONE)
    assert is_open_at(WEEKDAYS, local(MONDAY, 9), ZONE)
    assert is_open_at(WEEKDAYS, local(MONDAY, 16, 59), ZONE)
    assert not is_open_at(WEEKDAYS, local(MONDAY, 17), ZONE)


def test_the_city_s_clock_counts_whatever_the_moment_s_zone():
    assert is_open_at(WEEKDAYS, datetime(2017, 12, 4, 1, 0, tzinfo=UTC), ZONE)
    assert not is_open_at(WEEKDAYS, datetime(2017, 12, 4, 9, 0, tzinfo=UTC), ZONE)


def test_after_friday_it_opens_on_monday():
    friday = MONDAY + timedelta(days=4)
    opens_at = next_opening(WEEKDAYS, local(friday, 18), ZONE)
    assert opens_at == local(MONDAY + timedelta(days=7), 9)


def test_a_closed_day_is_passed_over_and_a_day_of_its_own_hours_goes_before_it():
    tuesday = MONDAY + timedelta(days=1)
    closed = OpeningHours(WEEKDAYS.weekly, closed=frozenset({tuesday}))
    assert next_opening(closed, local(tuesday, 0), ZONE) == local(tuesday + timedelta(days=1), 9)
    extra = OpeningHours(
        WEEKDAYS.weekly, closed=frozenset({tuesday}), extra={tuesday: (Span(600, 660),)}
    )
    assert next_opening(extra, local(tuesday, 0), ZONE) == local(tuesday, 10)
    assert not is_open_at(extra, local(tuesday, 12), ZONE)


def test_open_through_midnight_is_two_spans_that_leave_no_gap():
    late = OpeningHours((WeekSpan(1, Span(1_200, 1_440)), WeekSpan(2, Span(0, 60))))
    midnight = local(MONDAY + timedelta(days=1), 0)
    assert is_open_at(late, midnight - timedelta(seconds=1), ZONE)
    assert is_open_at(late, midnight, ZONE)


def test_who_never_opens_has_no_next_opening():
    assert next_opening(OpeningHours(()), local(MONDAY, 9), ZONE) is None


def test_a_span_at_an_hour_that_the_clocks_leave_out_opens_on_another_day():
    berlin = ZoneInfo("Europe/Berlin")
    night = OpeningHours((WeekSpan(7, Span(130, 150)),))  # 02:10 to 02:30 on Sundays
    before = datetime(2017, 3, 26, 0, 0, tzinfo=berlin)  # the clocks go from 02:00 to 03:00
    opens_at = next_opening(night, before, berlin)
    assert opens_at == datetime(2017, 4, 2, 2, 10, tzinfo=berlin)


@given(st.lists(spans, max_size=6), st.integers(0, DAY_MINUTES - 1))
def test_merging_changes_no_minute_and_leaves_gaps_between(some, minute):
    joined = merged(tuple(some))
    assert any(one.from_minute <= minute < one.until_minute for one in some) == any(
        one.from_minute <= minute < one.until_minute for one in joined
    )
    pairs = pairwise(joined)
    assert all(one.until_minute < after.from_minute for one, after in pairs)


@given(hours, moments)
def test_at_its_next_opening_it_is_open_and_at_no_minute_before(some, moment):
    opens_at = next_opening(some, moment, ZONE)
    assume(opens_at is not None)
    assert opens_at >= moment
    assert is_open_at(some, opens_at, ZONE)
    between = int((opens_at - moment).total_seconds() // 60)
    for minutes in range(0, between, max(1, between // 50)):
        assert not is_open_at(some, moment + timedelta(minutes=minutes), ZONE)


@given(hours, moments)
def test_without_a_next_opening_it_is_open_at_no_time_of_the_weeks_ahead(some, moment):
    never = next_opening(some, moment, ZONE) is None
    steps = [moment + timedelta(minutes=37 * step) for step in range(900)]
    assert not (never and any(is_open_at(some, step, ZONE) for step in steps))


@given(hours, days, st.integers(0, DAY_MINUTES - 1))
def test_a_closed_day_without_hours_of_its_own_is_never_open(some, day, minute):
    shut = OpeningHours(some.weekly, closed=some.closed | {day})
    assert not is_open_at(shut, local(day, minute // 60, minute % 60), ZONE)
