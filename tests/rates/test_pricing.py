"""Pricing: whole coins, rounded once, and a breakdown that sums to them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rates import EndsBeforeItStarts, KindNotRated, NoRateInForce, RateCard, RateLine, quote

PURE = True

SEVEN = datetime(2026, 12, 4, 11, tzinfo=UTC)

COINS = st.integers(0, 10_000)
LINES = st.builds(
    RateLine, kind=st.just("patrol"), base=COINS, per_hour=COINS, minimum=st.integers(1, 10_000)
)
DURATIONS = st.integers(0, 24 * 3600)


def price(line, duration_s):
    card = RateCard(unit_id="u1", lines=[line])
    return quote(card, "patrol", SEVEN, SEVEN + timedelta(seconds=duration_s))


def rated(base=0, per_hour=0, minimum=1):
    return RateLine(kind="patrol", base=base, per_hour=per_hour, minimum=minimum)


def test_a_two_hour_patrol_in_gulou_is_100_coins():
    priced = price(rated(per_hour=50), 2 * 3600)
    assert priced.coins == 100
    assert priced.breakdown == [
        {"coins": 100, "en": "2 h at 50 an hour", "zh-CN": "2 小时 × 每小时 50"}
    ]


def test_every_part_stands_in_the_breakdown():
    priced = price(rated(base=10, per_hour=40, minimum=100), 90 * 60)
    assert priced.coins == 100
    assert [(line["coins"], line["en"]) for line in priced.breakdown] == [
        (10, "Base"),
        (60, "1 h 30 min at 40 an hour"),
        (30, "Raised to the minimum of 100"),
    ]
    assert priced.breakdown[2]["zh-CN"] == "补足至最低 100"


@pytest.mark.parametrize(
    ("duration_s", "coins"), [(0, 1), (35, 1), (36, 1), (107, 1), (108, 2), (180, 3), (3600, 50)]
)
def test_half_a_coin_is_rounded_up(duration_s, coins):
    assert price(rated(per_hour=50), duration_s).coins == coins


def test_a_kind_without_a_line_is_not_rated():
    card = RateCard(unit_id="u1", lines=[rated(base=1)])
    with pytest.raises(KindNotRated) as refused:
        quote(card, "care_visit", SEVEN, SEVEN)
    assert isinstance(refused.value, NoRateInForce)
    assert refused.value.facts == {"unit_id": "u1", "kind": "care_visit"}
    assert "care_visit" in refused.value.say("en")


def test_an_end_before_the_start_is_refused():
    with pytest.raises(EndsBeforeItStarts):
        price(rated(per_hour=50), -1)


@given(LINES, DURATIONS)
def test_the_breakdown_sums_to_the_coins_and_no_part_is_negative(line, duration_s):
    priced = price(line, duration_s)
    assert sum(part["coins"] for part in priced.breakdown) == priced.coins
    assert all(part["coins"] >= 0 for part in priced.breakdown)
    assert priced.coins >= line.minimum >= 1


@given(LINES, DURATIONS, DURATIONS)
def test_longer_is_never_worth_less(line, one_s, other_s):
    shorter, longer = sorted((one_s, other_s))
    assert price(line, shorter).coins <= price(line, longer).coins


@given(LINES, DURATIONS)
def test_rounding_is_off_by_half_a_coin_at_most(line, duration_s):
    exact = line.base + line.per_hour * duration_s / 3600
    coins = price(line, duration_s).coins
    assert coins == line.minimum or abs(coins - exact) <= 0.5
