"""Prospects: what an order would meet is told before it is tried, and is what it then meets."""

from datetime import timedelta

import pytest
from catalog_town import add_person, staff

from catalog import (
    LimitReached,
    OutOfStock,
    RewardKind,
    Stock,
    cancel_voucher,
    order_reward,
    reward_on_offer,
    stock_point,
    withdraw_reward,
)
from catalog.buying_rules import NotYetOnSale
from catalog.ordering import DailyLimitReached, NotOffered, PointPaused
from catalog.providers.delivering import ProviderPaused
from ledger import InsufficientCoins
from people import RealNameMissing, Role
from shared.clock import now, pretending
from shared.database import collection
from shared.errors import DomainError


def told(reward_id, by):
    return reward_on_offer(reward_id, by=by).refusal


def met(reward_id, town, by, **more):
    """What an order meets, tried for real."""
    with pytest.raises(DomainError) as refusal:
        order_reward(reward_id, town.point.id, key="order-of-a-try", by=by, **more)
    return refusal.value


def assert_told_as_met(kind, reward_id, town, by, **more):
    before = told(reward_id, by)
    after = met(reward_id, town, by, **more)
    assert type(before) is type(after) is kind
    assert before.say("zh-CN") == after.say("zh-CN")


def test_who_may_order_is_told_nothing_and_orders(town, offer):
    reward_id, resident = offer(per_person_limit=1, per_day_limit=1), add_person(100)
    offered = reward_on_offer(reward_id, by=resident)
    assert (offered.refusal, offered.is_asked) == (None, True)
    order_reward(reward_id, town.point.id, key="order-001", by=resident)


def test_too_few_coins(town, offer):
    assert_told_as_met(InsufficientCoins, offer(), town, add_person(99))


def test_no_real_name(town, offer):
    assert_told_as_met(RealNameMissing, offer(), town, add_person(real_name=False))


def test_nothing_left(town, offer):
    assert_told_as_met(OutOfStock, offer(supplied=0), town, add_person(100))


def test_withdrawn(town, offer):
    reward_id = offer()
    withdraw_reward(reward_id, by=town.officer)
    assert_told_as_met(NotOffered, reward_id, town, add_person(100))


def test_not_open_yet(town, offer):
    reward_id = offer(on_sale_from=now() + timedelta(days=1))
    assert_told_as_met(NotYetOnSale, reward_id, town, add_person(100))


def test_a_paused_point_keeps_from_ordering_until_another_carries_it(town, offer):
    reward_id, resident = offer(), add_person(100)
    collection(Stock).update_one({"reward_id": reward_id}, {"$set": {"paused": True}})
    assert_told_as_met(PointPaused, reward_id, town, resident)
    stock_point(reward_id, town.far_point.id, supplied=0, by=town.officer)
    assert isinstance(told(reward_id, resident), PointPaused)
    stock_point(reward_id, town.far_point.id, supplied=1, by=town.officer)
    offered = reward_on_offer(reward_id, by=resident)
    assert (offered.refusal, offered.available) == (None, 1)


def test_limits_count_what_is_had_and_not_what_was_cancelled(town, offer):
    reward_id, resident = offer(per_person_limit=2), add_person(500)
    issued = [
        order_reward(reward_id, town.point.id, key=f"order-{number}", by=resident)
        for number in range(2)
    ]
    assert_told_as_met(LimitReached, reward_id, town, resident)
    cancel_voucher(issued[0].id, by=resident)
    assert told(reward_id, resident) is None


def test_a_limit_of_the_day_is_over_with_the_day(town, offer):
    reward_id, resident = offer(per_day_limit=1), add_person(500)
    order_reward(reward_id, town.point.id, key="order-001", by=resident)
    assert_told_as_met(DailyLimitReached, reward_id, town, resident)
    with pretending(now() + timedelta(days=1)):
        assert told(reward_id, resident) is None


def test_a_top_up_whose_provider_is_paused(town, offer, pack_provider):
    pack_provider()
    terms = {"kind": RewardKind.TOP_UP, "provider_id": "sample", "product": "100M"}
    reward_id = offer(price=100, **terms)
    resident = add_person(100)
    assert told(reward_id, resident) is None
    pack_provider(active=False, version=1)
    to = {"recipient_phone": "13800138000"}
    assert_told_as_met(ProviderPaused, reward_id, town, resident, **to)


def test_who_is_no_person_here_asks_for_nobody(town, offer):
    """A command acts for somebody who is kept nowhere: there is nothing to tell them."""
    offered = reward_on_offer(offer(), by=staff(Role.CENTRE_OFFICER, town.district))
    assert (offered.refusal, offered.is_asked) == (None, False)
