"""Offering: rewards are drafted, offered, withdrawn and stocked by officers who reach them."""

import pytest
from catalog_town import add_person, staff
from pymongo.errors import WriteError

from catalog import (
    DraftKeyUsed,
    NotARedemptionPoint,
    RewardInvalid,
    RewardNotFound,
    RewardState,
    RewardWithdrawn,
    Stock,
    StockBelowOrdered,
    StockOutOfRange,
    draft_reward,
    offer_reward,
    order_reward,
    stock_point,
    withdraw_reward,
)
from people import Role
from shared.database import collection
from shared.errors import NotAllowed
from tests.racing import at_once

TERMS = {"title": "洗衣液", "price": 100, "validity_days": 30}


def test_a_draft_is_offered_and_withdrawn_and_each_step_is_safe_to_repeat(town):
    reward = draft_reward(town.district.id, key="draft-001", by=town.officer, **TERMS)
    assert reward.state == RewardState.DRAFT
    for _ in range(2):
        assert offer_reward(reward.id, by=town.officer).version == 2
    for _ in range(2):
        withdrawn = withdraw_reward(reward.id, by=town.officer)
        assert (withdrawn.state, withdrawn.version) == (RewardState.WITHDRAWN, 3)


def test_a_withdrawn_reward_is_not_offered_or_stocked_again(town):
    reward = draft_reward(town.district.id, key="draft-001", by=town.officer, **TERMS)
    withdraw_reward(reward.id, by=town.officer)
    with pytest.raises(RewardWithdrawn):
        offer_reward(reward.id, by=town.officer)
    with pytest.raises(RewardWithdrawn):
        stock_point(reward.id, town.point.id, supplied=1, by=town.officer)


def test_the_same_key_is_the_same_draft_and_never_another(town):
    first = draft_reward(town.district.id, key="draft-001", by=town.officer, **TERMS)
    again = draft_reward(town.district.id, key="draft-001", by=town.officer, **TERMS)
    assert again.id == first.id
    with pytest.raises(DraftKeyUsed):
        draft_reward(town.district.id, key="draft-001", by=town.officer, **{**TERMS, "price": 7})


def test_officers_elsewhere_and_clerks_may_not_draft_offer_stock_or_withdraw(town):
    reward = draft_reward(town.district.id, key="draft-001", by=town.officer, **TERMS)
    for by in (
        staff(Role.CENTRE_OFFICER, town.other_district),
        staff(Role.CLERK, town.district),
        staff(Role.RATE_ADMIN, town.city),
    ):
        for act in (
            lambda by: draft_reward(town.district.id, key="draft-002", by=by, **TERMS),
            lambda by: offer_reward(reward.id, by=by),
            lambda by: stock_point(reward.id, town.point.id, supplied=1, by=by),
            lambda by: withdraw_reward(reward.id, by=by),
        ):
            with pytest.raises(NotAllowed):
                act(by)


def test_an_admin_of_the_city_reaches_every_district(town):
    admin = staff(Role.ADMIN, town.city)
    reward = draft_reward(town.district.id, key="draft-001", by=admin, **TERMS)
    assert stock_point(reward.id, town.point.id, supplied=3, by=admin).available == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price", 0),
        ("price", -5),
        ("price", 10**12),
        ("validity_days", 0),
        ("validity_days", 10_000),
        ("per_person_limit", 0),
        ("title", " "),
        ("title", "长" * 81),
        ("description", "x" * 2_001),
    ],
)
def test_terms_that_cannot_be_meant_are_refused_by_field(town, field, value):
    with pytest.raises(RewardInvalid) as refusal:
        draft_reward(town.district.id, key="draft-001", by=town.officer, **{**TERMS, field: value})
    assert refusal.value.field == field


def test_no_such_reward(town):
    with pytest.raises(RewardNotFound):
        offer_reward("0" * 24, by=town.officer)


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


def test_only_redemption_points_are_stocked_and_only_sensibly(town, offer):
    reward_id = offer()
    with pytest.raises(NotARedemptionPoint):
        stock_point(reward_id, town.district.id, supplied=1, by=town.officer)
    for supplied in (-1, 10**9):
        with pytest.raises(StockOutOfRange):
            stock_point(reward_id, town.point.id, supplied=supplied, by=town.officer)


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
