"""Giving back: by the reward's rules, to whom it came from, once; recalls reach every voucher."""

from datetime import timedelta

import pytest
from catalog_town import add_person, coins_of, staff

from catalog import (
    Reward,
    Stock,
    Voucher,
    VoucherState,
    cancel_voucher,
    giving_back,
    order_reward,
    recall_reward,
)
from catalog.giving_back import TooLateToCancel, UnderDelivery
from catalog.reward import ExpiryRule
from ledger import Entry, balance_of, expired, voucher
from people import Role
from shared.clock import now, pretending
from shared.errors import NotAllowed


@pytest.fixture
def ordered(town, offer):
    """Somebody's voucher of a reward with these rules, and its owner."""

    def order(**rules):
        reward_id, resident = offer(price=100), add_person(100)
        terms = {f"set__{name}": rule for name, rule in rules.items()} or {"inc__version": 1}
        Reward.objects(id=reward_id).update(**terms)
        return order_reward(reward_id, town.point.id, key="order-001", by=resident), resident

    return order


def test_a_reward_that_forfeits_keeps_the_coins_of_an_unused_voucher(ordered):
    issued, resident = ordered(expiry_rule=ExpiryRule.FORFEITS)
    with pretending(issued.expires_at):
        assert giving_back.expire_voucher(issued.id)
        assert not giving_back.expire_voucher(issued.id)
    assert coins_of(resident) == 0
    assert balance_of(voucher(issued.id)) == 0
    entry = Entry.objects.get(key=f"expiry:{issued.id}")
    assert {leg.account: leg.amount for leg in entry.legs}[expired()] == 100
    assert Stock.objects.get().available == 10


def test_the_rule_that_counts_is_the_one_at_the_order(ordered):
    issued, resident = ordered()
    Reward.objects().update(set__expiry_rule=ExpiryRule.FORFEITS, set__cancel_hours=0)
    assert cancel_voucher(issued.id, by=resident).state == VoucherState.CANCELLED
    assert coins_of(resident) == 100


def test_after_the_hours_to_cancel_the_voucher_stays(ordered):
    issued, resident = ordered(cancel_hours=2)
    with (
        pretending(issued.issued_at + timedelta(hours=2)),
        pytest.raises(TooLateToCancel) as refusal,
    ):
        cancel_voucher(issued.id, by=resident)
    assert "until_local" in refusal.value.facts
    with pretending(issued.issued_at + timedelta(hours=2, seconds=-1)):
        assert cancel_voucher(issued.id, by=resident).state == VoucherState.CANCELLED


def test_a_reward_that_cannot_be_cancelled_never_is(ordered):
    issued, resident = ordered(cancel_hours=0)
    with pytest.raises(TooLateToCancel):
        cancel_voucher(issued.id, by=resident)
    assert coins_of(resident) == 0


def test_what_is_with_its_provider_is_not_cancelled(ordered):
    issued, resident = ordered()
    Voucher.objects().update(set__state=VoucherState.DELIVERING)
    with pytest.raises(UnderDelivery):
        cancel_voucher(issued.id, by=resident)
    Voucher.objects().update(set__state=VoucherState.ISSUED)
    cancel_voucher(issued.id, by=resident)


def test_a_recall_gives_every_outstanding_voucher_back_and_sells_no_more(town, offer):
    reward_id = offer(price=100, validity_days=30)
    people = [add_person(100) for _ in range(3)]
    for resident in people:
        order_reward(reward_id, town.point.id, key="order-001", by=resident)
    assert recall_reward(reward_id, by=town.officer) == 3
    assert recall_reward(reward_id, by=town.officer) == 0
    assert [coins_of(resident) for resident in people] == [100] * 3
    assert {each.ended_reason for each in Voucher.objects} == {giving_back.RECALLED}
    assert Stock.objects.get().available == 10
    assert Stock.objects.get().withdrawn


def test_only_an_officer_of_the_rewards_unit_recalls_it(town, offer):
    reward_id = offer()
    elsewhere = staff(Role.CENTRE_OFFICER, town.other_district)
    with pytest.raises(NotAllowed):
        recall_reward(reward_id, by=elsewhere)
    assert Reward.objects.get().is_offered()


def test_who_no_longer_holds_a_voucher_does_not_end_it(ordered):
    issued, _resident = ordered()
    given_to = add_person()
    Voucher.objects().update(set__person_id=given_to.person_id, set__gifted_at=now())
    assert not giving_back.end_voucher(issued, VoucherState.CANCELLED)


def test_a_gifts_coins_go_back_to_who_paid_them(ordered):
    issued, payer = ordered()
    neighbour = add_person()
    Voucher.objects().update(set__person_id=neighbour.person_id, set__gifted_at=now())
    assert cancel_voucher(issued.id, by=neighbour).state == VoucherState.CANCELLED
    assert (coins_of(payer), coins_of(neighbour)) == (100, 0)
