"""Months and quarters of the business time zone, whatever the moment."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honours.leagues.season_spans import span_around

PURE = True

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST, LAST = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (2000, 2099))
MOMENTS = st.floats(FIRST, LAST).map(lambda at: datetime.fromtimestamp(at, UTC))
ZONES = st.sampled_from([SHANGHAI, ZoneInfo("America/New_York"), ZoneInfo("UTC")])
LENGTHS = st.sampled_from(["month", "quarter"])


@given(MOMENTS, LENGTHS, ZONES)
def test_a_moment_lies_in_its_span_and_spans_join_without_gaps(moment, length, zone):
    span = span_around(moment, length, zone)
    assert span.since <= moment < span.until
    assert span_around(span.since, length, zone) == span
    after = span_around(span.until, length, zone)
    assert after.since == span.until
    assert after.period > span.period
    before = span_around(span.since - timedelta(microseconds=1), length, zone)
    assert before.until == span.since


@pytest.mark.parametrize(
    ("moment", "length", "period", "since", "until"),
    [
        # The evening of the last of October in UTC is November in Shanghai.
        ("2026-10-31T17:00", "month", "2026-11", "2026-10-31T16:00", "2026-11-30T16:00"),
        ("2026-12-31T15:59", "month", "2026-12", "2026-11-30T16:00", "2026-12-31T16:00"),
        ("2026-11-20T00:00", "quarter", "2026Q4", "2026-09-30T16:00", "2026-12-31T16:00"),
        ("2026-12-31T16:00", "quarter", "2027Q1", "2026-12-31T16:00", "2027-03-31T16:00"),
    ],
)
def test_spans_are_those_of_the_calendar_in_shanghai(moment, length, period, since, until):
    span = span_around(datetime.fromisoformat(moment).replace(tzinfo=UTC), length, SHANGHAI)
    ends = tuple(one.strftime("%Y-%m-%dT%H:%M") for one in (span.since, span.until))
    assert (span.period, *ends) == (period, since, until)
