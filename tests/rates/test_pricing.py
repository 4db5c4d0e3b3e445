"""Pricing: whole coins, each line rounded once, and a breakdown that sums to them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rates import (
    Action,
    EndsBeforeItStarts,
    KindNotRated,
    LastsTooLong,
    NoRateInForce,
    Occasion,
    RateCard,
    RateLine,
    WeatherSpan,
    quote,
    terms_of,
)
from rates.rate_card import Caps, Extra, Multiplier

PURE = True

ZONE = ZoneInfo("Asia/Shanghai")
# A Friday evening, worked; National Day; a Saturday worked in return for it.
SEVEN = datetime(2026, 12, 4, 19, tzinfo=ZONE)
NATIONAL_DAY = datetime(2026, 10, 1, 9, tzinfo=ZONE)
WORKED_SATURDAY = datetime(2026, 10, 10, 9, tzinfo=ZONE)
SATURDAY = datetime(2026, 12, 5, 9, tzinfo=ZONE)


def rated(base=0, per_hour=0, minimum=1, **more):
    return RateLine(kind="patrol", base=base, per_hour=per_hour, minimum=minimum, **more)


def terms(line, **card):
    return terms_of([RateCard(id="c1", unit_id="u1", lines=[line], **card)])


def lasting(duration_s, starts_at=SEVEN, **more):
    return Action("patrol", starts_at, starts_at + timedelta(seconds=duration_s), **more)


def price(line, duration_s, **card):
    return quote(terms(line, **card), lasting(duration_s))


def more(occasion, percent=150, **said):
    return Multiplier(occasion=occasion, percent=percent, **said)


def night(percent=150):
    return more(Occasion.NIGHT, percent, from_minute=22 * 60, until_minute=6 * 60)


def parts(priced):
    return [(line["part"], line["coins"]) for line in priced.breakdown]


def test_a_two_hour_patrol_in_gulou_is_100_coins():
    priced = price(rated(per_hour=50), 2 * 3600)
    assert priced.coins == 100
    assert priced.breakdown == [
        {"part": "time", "coins": 100, "en": "2 h at 50 an hour", "zh-CN": "2 小时 × 每小时 50"}
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


def test_a_kilometre_counts_by_the_metre():
    priced = quote(terms(rated(per_km=20)), lasting(0, distance_m=1_525.9))
    assert parts(priced) == [("distance", 31)]
    assert priced.breakdown[0]["en"] == "1.525 km at 20 a kilometre"


def test_more_than_the_maximum_is_cut_and_said():
    priced = price(rated(base=80, per_hour=50, maximum=100), 3600)
    assert (priced.coins, parts(priced)) == (100, [("base", 80), ("time", 50), ("maximum", -30)])


class TestOccasions:
    def test_a_night_adds_its_share_of_the_time_in_it(self):
        priced = quote(
            terms(rated(base=10, per_hour=60), multipliers=[night()]),
            lasting(4 * 3600, starts_at=SEVEN),  # 19:00 to 23:00: one hour of night
        )
        assert parts(priced) == [("base", 10), ("time", 240), ("night", 30)]

    def test_what_begins_at_night_has_base_and_distance_in_it_too(self):
        after_midnight = datetime(2026, 12, 4, 1, tzinfo=ZONE)
        priced = quote(
            terms(rated(base=10, per_hour=60, per_km=10), multipliers=[night()]),
            lasting(3600, starts_at=after_midnight, distance_m=2_000),
        )
        assert parts(priced)[-1] == ("night", 45)

    @pytest.mark.parametrize(
        ("starts_at", "occasion"),
        [
            (NATIONAL_DAY, "holiday"),
            (SATURDAY, "weekend"),
            (WORKED_SATURDAY, None),
            (SEVEN, None),
        ],
    )
    def test_days_are_those_of_the_chinese_calendar(self, starts_at, occasion):
        both = [more(Occasion.WEEKEND), more(Occasion.HOLIDAY, 300)]
        priced = quote(terms(rated(base=100), multipliers=both), lasting(0, starts_at))
        expected = {"holiday": 200, "weekend": 50}
        assert parts(priced)[1:] == ([(occasion, expected[occasion])] if occasion else [])

    def test_several_add_up_and_none_multiplies_another(self):
        late = datetime(2026, 12, 5, 22, tzinfo=ZONE)
        both = [night(200), more(Occasion.WEEKEND, 200)]
        priced = quote(terms(rated(per_hour=50), multipliers=both), lasting(7200, late))
        assert parts(priced) == [("time", 100), ("night", 100), ("weekend", 100)]

    def test_two_warnings_at_once_count_once(self):
        heat = [
            WeatherSpan(Occasion.HEAT, SEVEN - timedelta(hours=1), SEVEN + timedelta(hours=1)),
            WeatherSpan(Occasion.HEAT, SEVEN, SEVEN + timedelta(hours=1)),
            WeatherSpan(Occasion.STORM, SEVEN, SEVEN + timedelta(hours=2)),
        ]
        hot = terms(rated(per_hour=100), multipliers=[more(Occasion.HEAT, 120)])
        priced = quote(hot, lasting(7200, weather=tuple(heat)))
        assert parts(priced) == [("time", 200), ("heat", 20)]

    def test_a_gap_area_is_its_units_and_what_lies_below_them(self):
        gap = terms(rated(base=50), multipliers=[more(Occasion.GAP_AREA, unit_ids=["street"])])
        inside = lasting(0, unit_ids=frozenset({"city", "street", "grid"}))
        assert parts(quote(gap, inside)) == [("base", 50), ("gap_area", 25)]
        outside = lasting(0, unit_ids=frozenset({"city"}))
        assert parts(quote(gap, outside)) == [("base", 50)]

    def test_of_gap_areas_in_one_another_the_highest_counts(self):
        areas = [
            more(Occasion.GAP_AREA, 150, unit_ids=["street"]),
            more(Occasion.GAP_AREA, 300, unit_ids=["grid"]),
            more(Occasion.GAP_AREA, 900, unit_ids=["grid"], kinds=["care_visit"]),
        ]
        in_grid = lasting(0, unit_ids=frozenset({"city", "street", "grid"}))
        on_street = lasting(0, unit_ids=frozenset({"city", "street"}))
        for order in (areas, areas[::-1]):
            said = terms(rated(base=100), multipliers=order)
            assert parts(quote(said, in_grid)) == [("base", 100), ("gap_area", 200)]
            assert parts(quote(said, on_street)) == [("base", 100), ("gap_area", 50)]

    def test_one_for_other_kinds_adds_nothing(self):
        other = [more(Occasion.GAP_AREA, unit_ids=["u"], kinds=["care_visit"])]
        action = lasting(0, unit_ids=frozenset({"u"}))
        assert parts(quote(terms(rated(base=50), multipliers=other), action)) == [("base", 50)]


class TestExtras:
    def marathon(self, **more):
        name = {"en": "Marathon", "zh": "马拉松安保"}
        day = datetime(2026, 12, 4, tzinfo=ZONE)
        said = {"name": name, "coins": 30, "starts_at": day, "ends_at": day + timedelta(days=1)}
        return Extra(**said | more)

    def test_an_event_adds_its_coins_by_its_name(self):
        priced = quote(terms(rated(base=50), extras=[self.marathon()]), lasting(3600))
        assert parts(priced) == [("base", 50), ("extra", 30)]
        assert priced.breakdown[1]["zh-CN"] == "马拉松安保"

    @pytest.mark.parametrize(
        ("said", "action"),
        [
            ({"kinds": ["care_visit"]}, {}),
            ({"unit_ids": ["street"]}, {"unit_ids": frozenset({"other"})}),
            ({}, {"starts_at": datetime(2026, 12, 5, tzinfo=ZONE)}),
            ({}, {"starts_at": datetime(2026, 12, 3, 22, tzinfo=ZONE)}),
        ],
    )
    def test_elsewhere_at_other_times_and_for_other_kinds_it_adds_nothing(self, said, action):
        priced = quote(
            terms(rated(base=50), extras=[self.marathon(**said)]), lasting(3600, **action)
        )
        assert parts(priced) == [("base", 50)]


def test_a_kind_without_a_line_is_not_rated():
    with pytest.raises(KindNotRated) as refused:
        quote(terms(rated(base=1)), Action("care_visit", SEVEN, SEVEN))
    assert isinstance(refused.value, NoRateInForce)
    assert "care_visit" in str(refused.value)


def test_an_action_ends_after_it_starts_and_within_a_month():
    with pytest.raises(EndsBeforeItStarts):
        quote(terms(rated(base=1)), lasting(-1))
    with pytest.raises(LastsTooLong):
        quote(terms(rated(base=1)), lasting(31 * 24 * 3600 + 1))


def test_the_quote_says_how_long_coins_last_and_which_caps_there_are():
    capped = price(
        rated(base=5, caps=Caps(per_day=9)), 0, coins_last_months=6, caps=Caps(per_week=20)
    )
    assert capped.coins_last_months == 6
    assert [tuple(cap) for cap in capped.caps] == [("kind", "day", 9), ("all", "week", 20)]


COINS = st.integers(0, 10_000)
LINES = st.builds(
    RateLine,
    kind=st.just("patrol"),
    base=COINS,
    per_hour=COINS,
    per_km=COINS,
    minimum=st.integers(1, 10_000),
    maximum=st.none() | st.integers(10_000, 20_000),
)
PERCENT = st.integers(101, 1_000)
MULTIPLIERS = st.lists(
    st.one_of(
        st.builds(
            Multiplier,
            occasion=st.just(Occasion.NIGHT),
            percent=PERCENT,
            from_minute=st.integers(0, 1439),
            until_minute=st.integers(0, 1439),
        ),
        st.builds(
            Multiplier,
            occasion=st.sampled_from([Occasion.WEEKEND, Occasion.HOLIDAY, Occasion.HEAT]),
            percent=PERCENT,
        ),
        st.builds(
            Multiplier,
            occasion=st.just(Occasion.GAP_AREA),
            percent=PERCENT,
            unit_ids=st.sampled_from([["u1"], ["u2"], ["elsewhere"]]),
        ),
    ),
    max_size=4,
    # Of gap areas there may be several around an action.
    unique_by=lambda one: (one.occasion, one.occasion == Occasion.GAP_AREA and one.percent),
)
STARTS = st.integers(0, 420 * 24 * 3600).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
DURATIONS = st.integers(0, 3 * 24 * 3600)
DISTANCES = st.floats(0, 50_000)


def action_of(starts_at, duration_s, distance_m):
    heat = WeatherSpan(Occasion.HEAT, starts_at, starts_at + timedelta(hours=5))
    units = frozenset({"u1", "u2"})
    return lasting(duration_s, starts_at, distance_m=distance_m, unit_ids=units, weather=(heat,))


@given(LINES, MULTIPLIERS, STARTS, DURATIONS, DISTANCES)
def test_any_quote_is_the_sum_of_its_lines_within_minimum_and_maximum(
    line, multipliers, starts_at, duration_s, distance_m
):
    action = action_of(starts_at, duration_s, distance_m)
    priced = quote(terms(line, multipliers=multipliers), action)
    assert priced.coins == sum(one["coins"] for one in priced.breakdown)
    assert line.minimum <= priced.coins
    assert line.maximum is None or priced.coins <= line.maximum
    assert all(
        one["coins"] > 0 or one["part"] in ("time", "distance", "maximum")
        for one in priced.breakdown
    )
    assert [one["part"] for one in priced.breakdown].count("gap_area") <= 1
    assert quote(terms(line, multipliers=multipliers), action) == priced
    assert quote(terms(line, multipliers=multipliers[::-1]), action).coins == priced.coins


@given(LINES, MULTIPLIERS, STARTS, DURATIONS, DURATIONS, DISTANCES, DISTANCES)
def test_more_effort_is_never_worth_less(
    line, multipliers, starts_at, one_s, other_s, one_m, other_m
):
    less = action_of(starts_at, min(one_s, other_s), min(one_m, other_m))
    more_of_it = action_of(starts_at, max(one_s, other_s), max(one_m, other_m))
    priced = terms(line, multipliers=multipliers)
    assert quote(priced, less).coins <= quote(priced, more_of_it).coins


@given(LINES, STARTS, DURATIONS)
def test_a_night_of_all_day_is_worth_as_much_as_a_gap_area(line, starts_at, duration_s):
    all_day = more(Occasion.NIGHT, 170, from_minute=0, until_minute=0)
    everywhere = more(Occasion.GAP_AREA, 170, unit_ids=["u1"])
    action = action_of(starts_at, duration_s, 0.0)
    by_night, by_place = (
        quote(terms(line, multipliers=[one]), action).coins for one in (all_day, everywhere)
    )
    assert by_night == by_place
