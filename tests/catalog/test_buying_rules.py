"""Who may order a reward and when, on values alone."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.buying_rules import (
    BuyerFromElsewhere,
    BuyerLevelTooLow,
    BuyerNotMeant,
    NotForSale,
    NotYetOnSale,
    OutsideSaleHours,
    SaleOver,
    day_start,
    next_opening,
    refusal_to_sell,
)
from catalog.reward import Buyers, Reward, SaleHours

PURE = True

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Clocks there change, one of them by half an hour, one at midnight.
ZONES = [SHANGHAI, *map(ZoneInfo, ("Europe/Berlin", "Australia/Lord_Howe", "America/Havana"))]
# A Monday noon in Fuzhou.
NOON = datetime(2017, 12, 4, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
EVERY_DAY = list(range(1, 8))


def a_reward(**terms):
    return Reward(**{"price": 100, **terms})


def somebody(level=0, groups=(), trade="", roles=()):
    held = [SimpleNamespace(role=role) for role in roles]
    return SimpleNamespace(level=level, groups=list(groups), trade=trade, memberships=held)


def refusal(reward, person=None, moment=NOON, **homes):
    return refusal_to_sell(reward, person or somebody(), moment, SHANGHAI, **homes)


def hours(from_hour, until_hour, weekdays=EVERY_DAY):
    return SaleHours(
        weekdays=weekdays, from_minute=from_hour * 60, until_minute=int(until_hour * 60)
    )


def test_what_asks_nothing_is_sold_to_anybody_at_any_time():
    assert refusal(a_reward()) is None


def test_what_has_no_price_is_not_sold_at_all():
    assert isinstance(refusal(a_reward(price=0)), NotForSale)


def test_before_its_launch_it_says_when_it_opens():
    reward = a_reward(on_sale_from=NOON + HOUR)
    found = refusal(reward)
    assert isinstance(found, NotYetOnSale)
    assert found.facts == {"opens_at": NOON + HOUR, "opens_local": "2017-12-04 13:00"}
    assert "2017-12-04 13:00" in found.say("zh-CN")
    assert refusal(reward, moment=NOON + HOUR) is None


def test_a_sale_ends_with_the_moment_it_said():
    reward = a_reward(on_sale_until=NOON)
    assert refusal(reward, moment=NOON - MINUTE) is None
    found = refusal(reward)
    assert isinstance(found, SaleOver)
    assert found.facts["ended_local"] == "2017-12-04 12:00"


def test_outside_its_hours_it_says_when_they_are_next():
    reward = a_reward(sale_hours=[hours(18, 20, weekdays=[3])])
    found = refusal(reward)
    assert isinstance(found, OutsideSaleHours)
    assert found.facts["opens_local"] == "2017-12-06 18:00"
    assert refusal(reward, moment=found.facts["opens_at"]) is None
    assert refusal(reward, moment=found.facts["opens_at"] + 2 * HOUR - MINUTE) is None
    over = refusal(reward, moment=found.facts["opens_at"] + 2 * HOUR)
    assert over.facts["opens_local"] == "2017-12-13 18:00"


def test_hours_over_midnight_are_two_spans_and_have_no_gap_between():
    reward = a_reward(sale_hours=[hours(22, 24), hours(0, 2)])
    midnight = day_start(NOON, SHANGHAI)
    for minutes in (-120, -1, 0, 1, 119):
        assert refusal(reward, moment=midnight + minutes * MINUTE) is None, minutes
    for minutes in (-121, 120):
        found = refusal(reward, moment=midnight + minutes * MINUTE)
        assert isinstance(found, OutsideSaleHours), minutes


def test_a_launch_outside_the_hours_opens_with_the_hours():
    reward = a_reward(on_sale_from=NOON + HOUR, sale_hours=[hours(18, 20)])
    assert refusal(reward).facts["opens_local"] == "2017-12-04 18:00"


def test_hours_that_do_not_come_again_before_the_end_are_over():
    reward = a_reward(sale_hours=[hours(8, 10)], on_sale_until=NOON + HOUR)
    found = refusal(reward)
    assert isinstance(found, SaleOver)
    assert found.facts["ended_at"] == NOON + HOUR


def test_a_level_too_low_says_both_levels():
    reward = a_reward(buyers=Buyers(least_level=3))
    found = refusal(reward, somebody(level=2))
    assert isinstance(found, BuyerLevelTooLow)
    assert found.facts == {"least_level": 3, "level": 2}
    assert refusal(reward, somebody(level=3)) is None


@pytest.mark.parametrize(
    ("buyers", "meant"),
    [
        (Buyers(groups=["tea", "dance"]), somebody(groups=["dance", "x"])),
        (Buyers(trades=["courier", "driver"]), somebody(trade="driver")),
        (Buyers(roles=["captain", "auxiliary"]), somebody(roles=["resident", "captain"])),
    ],
)
def test_of_each_list_one_is_enough_and_none_is_not(buyers, meant):
    reward = a_reward(buyers=buyers)
    assert refusal(reward, meant) is None
    found = refusal(reward)
    assert isinstance(found, BuyerNotMeant)
    assert len(found.facts["wanted"].split(", ")) == 2


def test_all_lists_are_asked():
    reward = a_reward(buyers=Buyers(groups=["tea"], trades=["driver"]))
    assert isinstance(refusal(reward, somebody(groups=["tea"])), BuyerNotMeant)
    assert refusal(reward, somebody(groups=["tea"], trade="driver")) is None


def test_a_home_elsewhere_says_where_it_should_be():
    reward = a_reward(buyers=Buyers(unit_id="street"))
    assert refusal(reward, home_ids=("city", "street", "grid")) is None
    found = refusal(reward, home_ids=("city",), place="鼓西街道")
    assert isinstance(found, BuyerFromElsewhere)
    assert "鼓西街道" in found.say("zh-CN")


def test_who_is_never_meant_hears_that_rather_than_when_it_opens():
    reward = a_reward(buyers=Buyers(least_level=3), on_sale_from=NOON + HOUR)
    assert isinstance(refusal(reward), BuyerLevelTooLow)


# ---- the clock on the wall, whatever the zone does to it

_MOMENTS = st.integers(0, 10 * 365 * 1_440).map(
    lambda minutes: datetime(2016, 1, 1, tzinfo=UTC) + minutes * MINUTE
)
_SPANS = st.tuples(
    st.lists(st.integers(1, 7), min_size=1, max_size=7, unique=True),
    st.lists(st.integers(0, 1_440), min_size=2, max_size=2, unique=True).map(sorted),
)
_HOURS = st.lists(
    _SPANS.map(
        lambda span: SaleHours(weekdays=span[0], from_minute=span[1][0], until_minute=span[1][1])
    ),
    min_size=1,
    max_size=3,
)


def wall_says_open(spans, moment, zone):
    """The same question asked of the wall clock in words of its own."""
    local = moment.astimezone(zone)
    minute = (local.hour, local.minute)
    return any(
        local.isoweekday() in span.weekdays
        and divmod(span.from_minute, 60) <= minute < divmod(span.until_minute, 60)
        for span in spans
    )


@given(_MOMENTS, _HOURS, st.sampled_from(ZONES))
def test_it_is_sold_exactly_when_the_wall_clock_is_within_the_hours(moment, spans, zone):
    found = refusal_to_sell(a_reward(sale_hours=spans), somebody(), moment, zone)
    assert (found is None) == wall_says_open(spans, moment, zone)


@given(_MOMENTS, _HOURS, st.sampled_from(ZONES), st.floats(0, 1))
def test_it_opens_when_it_says_and_not_a_moment_before(moment, spans, zone, part):
    reward = a_reward(sale_hours=spans)
    opens_at = next_opening(reward, moment, zone)
    if opens_at is None:  # hours that a change of the clock skips, on that day alone
        assert zone is not SHANGHAI
        return
    assert opens_at >= moment
    assert wall_says_open(spans, opens_at, zone)
    between = moment + part * (opens_at - moment)
    if between < opens_at:
        assert not wall_says_open(spans, between, zone)


@given(_MOMENTS, st.timedeltas(-timedelta(days=9), timedelta(days=9)), _HOURS)
def test_no_sale_outside_the_window_whatever_the_hours(moment, offset, spans):
    starts = moment + offset
    reward = a_reward(sale_hours=spans, on_sale_from=starts, on_sale_until=starts + HOUR)
    if refusal(reward, moment=moment) is None:
        assert starts <= moment < starts + HOUR
    opens_at = next_opening(reward, moment, SHANGHAI)
    assert opens_at is None or starts <= opens_at < starts + HOUR


@given(_MOMENTS, st.sampled_from(ZONES))
def test_a_day_starts_at_its_first_moment(moment, zone):
    began_at = day_start(moment, zone)
    today = moment.astimezone(zone).date()
    assert began_at <= moment
    assert began_at.astimezone(zone).date() == today
    assert (began_at - MINUTE).astimezone(zone).date() < today


def test_a_day_starts_at_midnight_of_the_town():
    assert day_start(NOON, SHANGHAI) == datetime(2017, 12, 3, 16, tzinfo=UTC)


def test_hours_that_the_clock_skips_open_when_it_has_moved_on():
    berlin = ZoneInfo("Europe/Berlin")
    spring = date(2024, 3, 31)
    night = SaleHours(weekdays=EVERY_DAY, from_minute=150, until_minute=200)
    before = datetime(2024, 3, 31, 0, 30, tzinfo=UTC)
    opens_at = next_opening(a_reward(sale_hours=[night]), before, berlin)
    assert opens_at == datetime(2024, 3, 31, 1, tzinfo=UTC)
    assert opens_at.astimezone(berlin).date() == spring
