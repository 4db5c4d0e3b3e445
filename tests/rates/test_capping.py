"""Caps: what one person gets in a day, a week, a month is bounded, and what is cut is said."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rates import Cap, RateCard, RateLine, Scope, Span, caps_of, span_around, terms_of, within_caps
from rates.rate_card import Caps

PURE = True

ZONE = ZoneInfo("Asia/Shanghai")
DAY = Cap(Scope.KIND, Span.DAY, 100)
WEEK = Cap(Scope.ALL, Span.WEEK, 250)

CAPS = st.lists(
    st.builds(Cap, st.sampled_from(Scope), st.sampled_from(Span), st.integers(1, 500)),
    unique_by=lambda cap: cap[:2],
)


def test_what_is_left_of_a_cap_is_paid_and_the_rest_is_said_to_be_cut():
    capped = within_caps(80, [DAY], {DAY: 60})
    assert capped.coins == 40
    assert capped.breakdown == [
        {
            "part": "cap_day",
            "coins": -40,
            "en": "Cut: at most 100 a day, 60 earned already",
            "zh-CN": "封顶扣减：每日最多 100，已得 60",
        }
    ]


def test_the_tightest_cap_decides():
    assert within_caps(80, [DAY, WEEK], {DAY: 10, WEEK: 240}).coins == 10
    assert within_caps(80, [DAY, WEEK], {DAY: 10, WEEK: 300}).coins == 0


def test_below_all_caps_nothing_is_cut():
    assert within_caps(80, [DAY, WEEK], {}).breakdown == []


@given(st.integers(0, 1_000), CAPS, st.integers(0, 600))
def test_never_more_than_a_cap_leaves_nor_less_than_nothing(coins, caps, earned):
    capped = within_caps(coins, caps, dict.fromkeys(caps, earned))
    assert 0 <= capped.coins <= coins
    assert all(capped.coins + earned <= max(cap.most, earned) for cap in caps)
    assert capped.coins == coins + sum(line["coins"] for line in capped.breakdown)
    if capped.coins < coins:
        assert any(capped.coins == max(0, cap.most - earned) for cap in caps)


def test_the_caps_of_a_kind_are_its_lines_and_the_cards():
    line = RateLine(
        kind="patrol", base=1, per_hour=0, minimum=1, caps=Caps(per_day=9, per_month=90)
    )
    terms = terms_of([RateCard(id="c", unit_id="u", lines=[line], caps=Caps(per_week=50))])
    assert [cap.plain() for cap in caps_of(terms, "patrol")] == [
        {"scope": "kind", "span": "day", "most": 9},
        {"scope": "kind", "span": "month", "most": 90},
        {"scope": "all", "span": "week", "most": 50},
    ]
    assert [cap.span for cap in caps_of(terms, "care_visit")] == ["week"]


@given(CAPS)
def test_a_task_keeps_a_cap_as_plain_values(caps):
    assert [Cap.of(cap.plain()) for cap in caps] == caps


@pytest.mark.parametrize(
    ("span", "since", "until"),
    [
        (Span.DAY, (2026, 11, 22), (2026, 11, 23)),
        (Span.WEEK, (2026, 11, 16), (2026, 11, 23)),
        (Span.MONTH, (2026, 11, 1), (2026, 12, 1)),
    ],
)
def test_spans_are_those_of_the_business_time_zone(span, since, until):
    # Half past midnight of Sunday there, still Saturday in UTC.
    moment = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
    expected = tuple(datetime(*day, tzinfo=ZONE).astimezone(UTC) for day in (since, until))
    assert span_around(span, moment, ZONE) == expected


@given(st.sampled_from(Span), st.integers(0, 4_000 * 24 * 3600))
def test_every_moment_lies_in_one_span_alone(span, seconds):
    moment = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    since, until = span_around(span, moment, ZONE)
    assert since <= moment < until
    assert span_around(span, until, ZONE)[0] == until
    assert span_around(span, since - timedelta(microseconds=1), ZONE)[1] == since
