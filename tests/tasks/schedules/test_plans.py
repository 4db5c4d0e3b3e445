"""Plans: which days count, when their duties begin, and what is said of days not known."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from shared.working_days import known_years
from tasks.schedules.plans import DayTime, Note, Plan, SchoolCalendarDays, days_of, occurrences_of
from tasks.schedules.rules import rule_of
from tasks.schedules.schedule import Days

PURE = True
CHINA = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)
ARRIVAL = DayTime("arrival", time(7, 30), 15, 60)
DISMISSAL = DayTime("dismissal", time(16, 30), 15, 45, "放学护学")
TERM = SchoolCalendarDays(
    terms=((date(2026, 9, 1), date(2027, 1, 22)),),
    holidays=((date(2026, 11, 26), date(2026, 11, 27)),),
    extra_days=frozenset({date(2026, 11, 28)}),
)


def plan(**changes):
    said = {"rule": rule_of("FREQ=DAILY"), "starts_on": MONDAY, "times": (ARRIVAL, DISMISSAL)}
    return Plan(**said | changes)


def found(made, *, since=MONDAY, days=6, zone=CHINA, calendars=()):
    until = since + timedelta(days=days)
    return occurrences_of(made, since=since, until=until, zone=zone, calendars=calendars)


def days_in(occurrences):
    return [day.isoformat()[5:] for day in sorted({one.day for one in occurrences})]


def test_a_school_morning_begins_a_quarter_of_an_hour_before_the_bell():
    first, second = found(plan(), days=0)
    assert first.occurrence == "2026-11-23.arrival"
    assert first.starts_at == datetime(2026, 11, 22, 23, 15, tzinfo=UTC)
    assert first.ends_at - first.starts_at == timedelta(minutes=60)
    assert second.occurrence == "2026-11-23.dismissal"
    assert second.starts_at == datetime(2026, 11, 23, 8, 15, tzinfo=UTC)


def test_dates_left_out_are_left_out_and_extra_ones_are_added():
    made = plan(
        rule=rule_of("FREQ=WEEKLY;BYDAY=MO"),
        dates_left_out=frozenset({date(2026, 11, 30)}),
        extra_dates=frozenset({date(2026, 11, 25), date(2026, 11, 30)}),
    )
    assert days_in(found(made, days=14)) == ["11-23", "11-25", "12-07"]


def test_after_the_last_day_only_extra_dates_remain():
    made = plan(ends_on=date(2026, 11, 24), extra_dates=frozenset({date(2026, 11, 28)}))
    assert days_in(found(made)) == ["11-23", "11-24", "11-28"]


def test_working_days_know_holidays_and_the_sundays_worked_for_them():
    made = plan(starts_on=date(2025, 1, 20), days=Days.WORKING_DAYS)
    seen = days_in(found(made, since=date(2025, 1, 24), days=12))
    assert seen == ["01-24", "01-26", "01-27", "02-05"]


def test_working_days_of_a_year_not_known_yet_are_weekdays_and_said_to_be_so():
    monday = date(known_years()[1] + 2, 1, 1)
    monday += timedelta(days=-monday.weekday() % 7)
    seen = found(plan(starts_on=monday, days=Days.WORKING_DAYS), since=monday)
    assert {one.day.weekday() for one in seen} == {0, 1, 2, 3, 4}
    assert {one.note for one in seen} == {Note.HOLIDAYS_UNKNOWN}


def test_school_days_are_the_working_days_of_a_term_and_the_saturdays_taught():
    seen = found(plan(days=Days.SCHOOL_DAYS), days=8, calendars=[TERM])
    assert days_in(seen) == ["11-23", "11-24", "11-25", "11-28", "11-30", "12-01"]
    assert {one.note for one in seen} == {None}


def test_without_a_school_calendar_nothing_is_planned_and_that_is_said():
    made = plan(days=Days.SCHOOL_DAYS)
    assert found(made) == []
    notes = days_of(made, since=MONDAY, until=MONDAY + timedelta(days=2))
    assert [note for _, note in notes] == [Note.NO_SCHOOL_CALENDAR] * 3
    after_term = found(made, since=date(2027, 2, 1), calendars=[TERM])
    assert after_term == []


def test_the_holidays_between_two_terms_are_covered_and_need_no_note():
    two = SchoolCalendarDays(terms=(TERM.terms[0], (date(2027, 2, 22), date(2027, 7, 2))))
    between = plan(days=Days.SCHOOL_DAYS)
    days = days_of(between, since=date(2027, 1, 25), until=date(2027, 2, 5), calendars=[two])
    assert list(days) == []


def test_the_zone_is_the_settings_not_chinas():
    berlin = ZoneInfo("Europe/Berlin")
    summer = found(plan(starts_on=date(2026, 3, 27)), since=date(2026, 3, 27), zone=berlin, days=3)
    starts = {one.day: one.starts_at.hour for one in summer if one.time_of_day == ARRIVAL}
    # The clocks change on Sunday, 29 March 2026: 07:15 there is 06:15 UTC, then 05:15.
    assert [starts[date(2026, 3, day)] for day in (27, 28, 29, 30)] == [6, 6, 5, 5]


def test_a_time_that_the_clocks_skip_or_double_is_planned_once():
    berlin = ZoneInfo("Europe/Berlin")
    night = plan(times=(DayTime("night", time(2, 30), 0, 60),), starts_on=date(2026, 3, 1))
    for day in (date(2026, 3, 29), date(2026, 10, 25)):
        (one,) = found(night, since=day, days=0, zone=berlin)
        assert one.starts_at.astimezone(berlin).date() == day


def test_a_duty_after_midnight_may_begin_on_the_day_before():
    (one,) = found(plan(times=(DayTime("night", time(0, 5), 15, 60),)), days=0)
    assert (one.day, one.starts_at) == (MONDAY, datetime(2026, 11, 22, 15, 50, tzinfo=UTC))


@given(
    st.sets(st.integers(0, 60)),
    st.sets(st.integers(0, 60)),
    st.sampled_from(Days),
    st.integers(0, 50),
    st.integers(0, 20),
)
def test_every_occurrence_is_there_once_in_order_and_in_its_span(left, extra, days, since, length):
    first, last = MONDAY + timedelta(days=since), MONDAY + timedelta(days=since + length)
    made = plan(
        days=days,
        dates_left_out=frozenset(MONDAY + timedelta(days=n) for n in left),
        extra_dates=frozenset(MONDAY + timedelta(days=n) for n in extra),
    )
    seen = occurrences_of(made, since=first, until=last, zone=CHINA, calendars=[TERM])
    names = [one.occurrence for one in seen]
    assert len(set(names)) == len(names)
    assert [one.starts_at for one in seen] == sorted(one.starts_at for one in seen)
    assert all(first <= one.day <= last and one.day not in made.dates_left_out for one in seen)
