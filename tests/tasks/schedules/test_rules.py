"""Recurrence rules: what they name, what they may not say, and that they always end."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.schedules.rules import MAX_COUNT, MAX_SPAN, BadRule, dates_of, rule_of

PURE = True
MONDAY = date(2026, 11, 23)


def named(text, *, starts_on=MONDAY, since=MONDAY, days=30):
    until = since + timedelta(days=days)
    return list(dates_of(rule_of(text), starts_on, since=since, until=until))


def test_every_day_is_every_day():
    assert named("FREQ=DAILY", days=3) == [MONDAY + timedelta(days=n) for n in range(4)]


def test_weekdays_are_taken_by_name():
    found = named("RRULE:FREQ=WEEKLY;BYDAY=MO,FR", days=8)
    assert found == [date(2026, 11, 23), date(2026, 11, 27), date(2026, 11, 30)]


def test_every_other_week_counts_from_the_first_day():
    late = MONDAY + timedelta(days=7)
    assert named("FREQ=WEEKLY;INTERVAL=2", since=late, days=8) == [date(2026, 12, 7)]


def test_the_last_friday_of_each_month():
    found = named("FREQ=MONTHLY;BYDAY=-1FR", days=60)
    assert found == [date(2026, 11, 27), date(2026, 12, 25)]


def test_the_first_working_weekday_of_a_month():
    found = named("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", days=45)
    assert found == [date(2026, 12, 1), date(2027, 1, 1)]


def test_a_day_that_a_month_lacks_is_skipped():
    assert named("FREQ=MONTHLY;BYMONTHDAY=31", days=70) == [date(2026, 12, 31), date(2027, 1, 31)]


def test_a_count_counts_from_the_first_day_not_from_the_first_asked_for():
    since = MONDAY + timedelta(days=2)
    assert named("FREQ=DAILY;COUNT=4", since=since) == [since, since + timedelta(days=1)]


def test_the_day_of_until_is_the_last_one():
    assert named("FREQ=DAILY;UNTIL=20261124") == [MONDAY, date(2026, 11, 24)]


def test_a_rule_that_names_no_day_ends_all_the_same():
    assert named("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31;COUNT=1", days=100_000) == []


def test_nothing_is_planned_more_than_ten_years_ahead():
    found = named("FREQ=YEARLY", days=10_000)
    assert found[-1] <= MONDAY + MAX_SPAN
    assert len(found) == 11


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FREQ",
        "FREQ=HOURLY",
        "FREQ=MINUTELY",
        "FREQ=SECONDLY",
        "BYDAY=MO",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;BYHOUR=7",
        "FREQ=YEARLY;BYEASTER=0",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=100000",
        f"FREQ=DAILY;COUNT={MAX_COUNT + 1}",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=3;UNTIL=20270101",
        "FREQ=DAILY;UNTIL=20261301",
        "FREQ=DAILY;UNTIL=20270101T000000Z",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=2MO",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=1,1",
        "FREQ=DAILY;BYSETPOS=1",
        "FREQ=DAILY;WKST=1",
        "FREQ=DAILY;BYMONTH=１",
        "FREQ=DAILY\nDTSTART:20260101",
        "FREQ=DAILY;" + "BYMONTH=1," * 40 + "1",
    ],
)
def test_what_a_rule_may_not_say_is_refused(text):
    with pytest.raises(BadRule):
        rule_of(text)


@given(st.text(max_size=60) | st.text("FREQ=DAILYWKSBUNTO;,0123456789+-MOTUR", max_size=60))
def test_any_text_is_a_rule_or_refused(text):
    try:
        rule = rule_of(text)
    except BadRule:
        return
    list(dates_of(rule, MONDAY, since=MONDAY, until=MONDAY + timedelta(days=60)))


RULES = st.builds(
    lambda frequency, interval, count: f"FREQ={frequency};INTERVAL={interval};COUNT={count}",
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.integers(1, 10),
    st.integers(1, 50),
)


@given(RULES, st.integers(0, 300), st.integers(0, 300))
def test_two_spans_side_by_side_name_what_the_whole_span_names(text, first, second):
    rule = rule_of(text)
    middle, end = MONDAY + timedelta(days=first), MONDAY + timedelta(days=first + second + 1)
    before = list(dates_of(rule, MONDAY, since=MONDAY, until=middle))
    after = list(dates_of(rule, MONDAY, since=middle + timedelta(days=1), until=end))
    assert before + after == list(dates_of(rule, MONDAY, since=MONDAY, until=end))
