"""Substituting: old for new in one step, the difference in coins with it, or nothing."""

from datetime import timedelta

import pytest
from catalog_town import add_person, coins_of, earn

from catalog import (
    OutOfStock,
    Reward,
    Stock,
    Voucher,
    VoucherState,
    cancel_voucher,
    order_reward,
    stock_point,
    substitute_voucher,
    substituting,
    withdraw_reward,
)
from catalog.giving_back import TooLateToCancel, VoucherAlreadyRedeemed
from catalog.ordering import NotAtThisPoint, NotOffered, OrderKeyUsed
from catalog.substituting import NotSubstitutable, SameAgain, VoucherEnded
from ledger import Balance, InsufficientCoins, balance_of, voucher, wallet
from shared.clock import now, pretending
from tests.racing import at_once


@pytest.fixture
def held(town, offer):
    """A voucher over 100 coins, its owner with 50 more, another reward of the price asked for."""

    def hold(price):
        resident = add_person(150)
        issued = order_reward(offer(price=100), town.point.id, key="order-001", by=resident)
        return issued, resident, offer(price=price)

    return hold


def left(reward_id):
    return Stock.objects.get(reward_id=reward_id).available


@pytest.mark.parametrize(("price", "coins"), [(80, 70), (100, 50), (150, 0)])
def test_the_difference_is_paid_or_given_back(town, held, price, coins):
    issued, resident, other = held(price)
    fresh = substitute_voucher(issued.id, other, town.point.id, key="swap-0001", by=resident)
    assert (fresh.state, fresh.price, fresh.substitutes) == ("issued", price, issued.id)
    assert coins_of(resident) == coins
    assert (balance_of(voucher(issued.id)), balance_of(voucher(fresh.id))) == (0, price)
    old = Voucher.objects.get(id=issued.id)
    assert (old.state, old.ended_reason) == ("cancelled", "substituted")
    assert old.substituted_by == fresh.id
    assert (left(issued.reward_id), left(other)) == (10, 9)


def test_the_lots_that_paid_the_old_one_pay_the_new_one(town, held):
    issued, resident, other = held(100)
    earn(resident.person_id, 30, key="2", lasts_months=3)
    before = Balance.objects.get(id=f"{wallet(resident.person_id)}|FUB").lots
    fresh = substitute_voucher(issued.id, other, town.point.id, key="swap-0001", by=resident)
    cancel_voucher(fresh.id, by=resident)
    assert Balance.objects.get(id=f"{wallet(resident.person_id)}|FUB").lots == before
    assert coins_of(resident) == 180


def test_the_same_key_answers_the_same_voucher_and_another_use_is_refused(town, held):
    issued, resident, other = held(80)
    swap = (issued.id, other, town.point.id)
    fresh = substitute_voucher(*swap, key="swap-0001", by=resident)
    assert substitute_voucher(*swap, key="swap-0001", by=resident).id == fresh.id
    with pytest.raises(OrderKeyUsed):
        substitute_voucher(issued.id, other, town.far_point.id, key="swap-0001", by=resident)
    with pytest.raises(OrderKeyUsed):
        substitute_voucher(*swap, key="order-001", by=resident)
    with pytest.raises(VoucherEnded):
        substitute_voucher(*swap, key="swap-0002", by=resident)
    with pytest.raises(OrderKeyUsed):
        order_reward(other, town.point.id, key="swap-0001", by=resident)
    assert coins_of(resident) == 70


def test_what_cannot_be_had_changes_nothing(town, held, offer):
    issued, resident, other = held(200)
    with pytest.raises(InsufficientCoins):
        substitute_voucher(issued.id, other, town.point.id, key="swap-0001", by=resident)
    empty = offer(price=80, supplied=0)
    with pytest.raises(OutOfStock):
        substitute_voucher(issued.id, empty, town.point.id, key="swap-0001", by=resident)
    gone = offer(price=80)
    withdraw_reward(gone, by=town.officer)
    with pytest.raises(NotOffered):
        substitute_voucher(issued.id, gone, town.point.id, key="swap-0001", by=resident)
    with pytest.raises(NotAtThisPoint):
        substitute_voucher(issued.id, other, town.far_point.id, key="swap-0001", by=resident)
    same = (issued.reward_id, issued.point_id)
    with pytest.raises(SameAgain):
        substitute_voucher(issued.id, *same, key="swap-0001", by=resident)
    assert Voucher.objects.get(id=issued.id).state == VoucherState.ISSUED
    assert (coins_of(resident), left(issued.reward_id)) == (50, 9)


def test_the_same_reward_may_be_fetched_elsewhere(town, held):
    issued, resident, _ = held(1)
    stock_point(issued.reward_id, town.far_point.id, supplied=1, by=town.officer)
    at_the_far = (issued.reward_id, town.far_point.id)
    fresh = substitute_voucher(issued.id, *at_the_far, key="swap-0001", by=resident)
    assert fresh.point_id == town.far_point.id


def test_a_limit_of_one_lets_the_same_reward_be_fetched_elsewhere(town, held):
    issued, resident, _ = held(1)
    Reward.objects(id=issued.reward_id).update(set__per_person_limit=1)
    stock_point(issued.reward_id, town.far_point.id, supplied=1, by=town.officer)
    at_the_far = (issued.reward_id, town.far_point.id)
    substitute_voucher(issued.id, *at_the_far, key="swap-0001", by=resident)


def test_after_its_time_to_cancel_a_voucher_is_not_exchanged_either(town, held):
    issued, resident, other = held(80)
    Voucher.objects(id=issued.id).update(set__cancel_until=now())
    with pretending(now() + timedelta(seconds=1)), pytest.raises(TooLateToCancel):
        substitute_voucher(issued.id, other, town.point.id, key="swap-0001", by=resident)


def test_gifts_and_awards_stay_what_they_are(town, held):
    issued, resident, other = held(80)
    Voucher.objects(id=issued.id).update(set__gifted_at=now())
    with pytest.raises(NotSubstitutable):
        substitute_voucher(issued.id, other, town.point.id, key="swap-0001", by=resident)


def test_a_hand_over_between_look_and_exchange_wins(town, held, monkeypatch):
    issued, resident, other = held(80)
    orderable = substituting._orderable

    def handed_over_meanwhile(*arguments):
        handed = {"state": "redeemed", "redeemed_at": now(), "redeemed_by": "c", "scan_key": "s"}
        point = {"redeemed_point_id": town.point.id}
        Voucher.objects(id=issued.id).update(__raw__={"$set": handed | point})
        return orderable(*arguments)

    monkeypatch.setattr(substituting, "_orderable", handed_over_meanwhile)
    with pytest.raises(VoucherAlreadyRedeemed):
        substitute_voucher(issued.id, other, town.point.id, key="swap-0001", by=resident)
    assert (coins_of(resident), left(other)) == (50, 10)


def test_exchange_against_cancellation_leaves_one_of_both(town, held):
    for _ in range(4):
        issued, resident, other = held(80)
        acts = [
            lambda i=issued, r=resident: cancel_voucher(i.id, by=r),
            lambda i=issued, r=resident, o=other: substitute_voucher(
                i.id, o, town.point.id, key="swap-0001", by=r
            ),
        ]
        _cancelled, swapped = at_once(2, lambda which, acts=acts: acts[which]())
        if isinstance(swapped, Voucher):
            assert (coins_of(resident), left(other)) == (70, 9)
        else:
            assert isinstance(swapped, VoucherEnded)
            assert (coins_of(resident), left(other)) == (150, 10)
        assert left(issued.reward_id) == 10
