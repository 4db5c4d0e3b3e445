"""Stocking: supplies are totals, brought by officers to redemption points."""

import pytest
from catalog_town import add_person
from pymongo.errors import WriteError

from catalog import RewardKind, Stock, draft_reward, order_reward, stock_point, withdraw_reward
from catalog.offering import NotARedemptionPoint, RewardWithdrawn
from catalog.stocking import StockBelowOrdered, StockedByCodes, StockedElsewhere, StockOutOfRange
from shared.database import collection
from tests.racing import at_once

TERMS = {"title": "洗衣液", "price": 100, "validity_days": 30}


def test_a_supply_is_a_total_so_that_telling_it_twice_adds_nothing(town, offer):
    reward_id = offer(supplied=10)
    for _ in range(2):
        stock = stock_point(reward_id, town.point.id, supplied=12, by=town.officer)
        assert (stock.supplied, stock.available) == (12, 12)


def test_a_new_supply_keeps_what_is_ordered(town, offer):
    reward_id = offer(supplied=5)
    for number in range(3):
        order_reward(reward_id, town.point.id, key=f"order-{number}", by=add_person(100))
    stock = stock_point(reward_id, town.point.id, supplied=4, by=town.officer)
    assert (stock.supplied, stock.available) == (4, 1)
    with pytest.raises(StockBelowOrdered) as refusal:
        stock_point(reward_id, town.point.id, supplied=2, by=town.officer)
    assert refusal.value.facts == {"ordered": 3}


def test_when_it_is_low_is_said_changed_left_alone_and_unsaid(town, offer):
    reward_id = offer(supplied=5)
    for low_at, kept in (({"low_at": 2}, 2), ({}, 2), ({"low_at": 0}, 0), ({"low_at": None}, None)):
        stock = stock_point(reward_id, town.point.id, supplied=5, by=town.officer, **low_at)
        assert stock.low_at == kept
        assert Stock.objects.get(id=stock.id).low_at == kept


def test_only_redemption_points_are_stocked_and_only_sensibly(town, offer):
    reward_id = offer()
    with pytest.raises(NotARedemptionPoint):
        stock_point(reward_id, town.district.id, supplied=1, by=town.officer)
    for bad in ({"supplied": -1}, {"supplied": 10**9}, {"supplied": 1, "low_at": -1}):
        with pytest.raises(StockOutOfRange) as refusal:
            stock_point(reward_id, town.point.id, by=town.officer, **bad)
        assert refusal.value.field == list(bad)[-1]


def test_what_is_withdrawn_is_not_stocked_again(town, offer):
    reward_id = offer()
    withdraw_reward(reward_id, by=town.officer)
    with pytest.raises(RewardWithdrawn):
        stock_point(reward_id, town.point.id, supplied=11, by=town.officer)


def test_the_stock_of_a_ticket_is_its_codes(town):
    ticket = draft_reward(
        town.district.id, key="draft-001", by=town.officer, kind=RewardKind.TICKET, **TERMS
    )
    with pytest.raises(StockedByCodes):
        stock_point(ticket.id, town.point.id, supplied=1, by=town.officer)


def test_a_top_up_is_stocked_where_its_provider_is_paid(town, pack_provider):
    pack_provider()
    terms = TERMS | {"kind": RewardKind.TOP_UP, "provider_id": "sample", "product": "100M"}
    top_up = draft_reward(town.district.id, key="draft-001", by=town.officer, **terms)
    assert stock_point(top_up.id, town.point.id, supplied=1, by=town.officer).available == 1
    with pytest.raises(StockedElsewhere):
        stock_point(top_up.id, town.far_point.id, supplied=1, by=town.officer)


def test_ten_officers_opening_one_stock_make_one(town, offer):
    reward_id = offer()
    answers = at_once(
        10, lambda _: stock_point(reward_id, town.far_point.id, supplied=6, by=town.officer)
    )
    assert {stock.available for stock in answers} == {6}
    assert Stock.objects(reward_id=reward_id, point_id=town.far_point.id).count() == 1


def test_the_server_itself_refuses_an_oversold_stock(town, offer):
    offer(supplied=1)
    with pytest.raises(WriteError):
        collection(Stock).update_one({}, {"$inc": {"available": -2}})
