"""Giving back: by the reward's rules, to whom it came from, once; recalls reach every voucher."""

from datetime import timedelta

import pytest
from catalog_town import add_person, coins_of, staff
from inboxes import names_in_inbox

from catalog import (
    Reward,
    Stock,
    Voucher,
    VoucherState,
    cancel_voucher,
    gift_voucher,
    giving_back,
    jobs,
    order_reward,
    recall_reward,
)
from catalog.expiring import fate_of
from catalog.giving_back import TooLateToCancel, UnderDelivery
from catalog.reward import ExpiryRule, RewardKind
from ledger import Entry, balance_of, expired, holdings_of, voucher, wallet
from people import Role, card_of
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
    assert [names_in_inbox(resident) for resident in people] == [["voucher_recalled"]] * 3


def test_the_sweep_goes_on_with_a_recall_that_was_cut_off_or_is_large(town, offer, monkeypatch):
    reward_id = offer(price=100)
    people = [add_person(100) for _ in range(4)]
    for resident in people:
        order_reward(reward_id, town.point.id, key="order-001", by=resident)
    monkeypatch.setattr(giving_back, "MOST_RECALLED", 1)
    assert recall_reward(reward_id, by=town.officer) == 1
    assert jobs.sweep()["recalled"] == 3
    assert not any(jobs.sweep().values())
    assert [coins_of(resident) for resident in people] == [100] * 4
    assert [names_in_inbox(resident) for resident in people] == [["voucher_recalled"]] * 4
    assert {each.ended_by for each in Voucher.objects} == {town.officer.person_id}
    assert not Reward.objects.get().is_recall_open


def test_a_recall_killed_before_it_withdrew_is_finished_by_the_sweep(town, offer, monkeypatch):
    reward_id, resident = offer(price=100), add_person(200)
    order_reward(reward_id, town.point.id, key="order-001", by=resident)

    def killed(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(giving_back, "withdraw_reward", killed)
    with pytest.raises(KeyboardInterrupt):
        recall_reward(reward_id, by=town.officer)
    assert jobs.sweep()["recalled"] == 1
    assert (coins_of(resident), Reward.objects.get().is_offered()) == (200, False)
    assert Stock.objects.get().withdrawn


def test_of_a_gift_that_was_not_used_giver_and_holder_are_told(town, offer):
    giver, neighbour, reward_id = add_person(200), add_person(), offer(price=100)
    for number in range(2):
        held = order_reward(reward_id, town.point.id, key=f"order-{number:03}", by=giver)
        card = card_of(neighbour.person_id, by=neighbour).text
        gift_voucher(held.id, card, key=f"gift-{number:04}", by=giver)
    recall_reward(reward_id, by=town.officer)
    assert names_in_inbox(giver)[:2] == ["gift_coins_back"] * 2
    assert names_in_inbox(neighbour)[:2] == ["gift_recalled"] * 2


def test_who_lets_a_voucher_lapse_is_told_so(ordered):
    issued, resident = ordered()
    with pretending(issued.expires_at):
        jobs.sweep()
    assert names_in_inbox(resident)[0] == "voucher_lapsed"
    assert names_in_inbox(resident).count("voucher_lapsed") == 1


def test_a_top_up_that_lapses_before_it_was_sent_costs_nothing(town, offer, pack_provider):
    pack_provider()
    terms = {"kind": RewardKind.TOP_UP, "provider_id": "sample", "product": "100M"}
    reward_id, resident = offer(price=100, **terms), add_person(100)
    # As one drafted when it could still be said.
    Reward.objects(id=reward_id).update(set__expiry_rule=ExpiryRule.FORFEITS)
    issued = order_reward(
        reward_id, town.point.id, key="order-001", by=resident, recipient_phone="13800138000"
    )
    assert (issued.returns_at_expiry, fate_of(issued)) == (False, "returns")
    with pretending(issued.expires_at):
        assert giving_back.expire_voucher(issued.id)
    assert holdings_of(wallet(resident.person_id)).available == 100
    assert Stock.objects.get().available == 10


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
