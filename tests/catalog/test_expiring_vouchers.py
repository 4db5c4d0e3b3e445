"""Told before the end: each holder once, three days ahead, with what becomes of the coins."""

from datetime import timedelta

import pytest
from catalog_town import add_person
from inboxes import notices_to

from catalog import (
    ExpiryRule,
    Voucher,
    VoucherState,
    cancel_voucher,
    gift_voucher,
    order_reward,
)
from catalog.expiring import fate_of, tell_expiring
from catalog.telling import AWARDED
from notices import words_of
from people import card_of
from shared.clock import now, pretending
from shared.database import collection
from shared.ids import new_id

NOTICE = "voucher_ends_soon"


@pytest.fixture
def order(town, offer):
    """Orders one voucher over 100 coins; terms are the reward's."""

    def order_one(by, **terms):
        return order_reward(offer(price=100, **terms), town.point.id, key=new_id(), by=by)

    return order_one


def told_to(person):
    """What the notices of ends in the inbox say, in English."""
    found = [one for one in notices_to(person) if one.name == NOTICE]
    return [words_of(one.name, 1, one.facts, "en")["body"] for one in found]


def tell_in(**later):
    with pretending(now() + timedelta(**later)):
        return tell_expiring()


def test_three_days_before_the_end_and_no_earlier_and_once(order):
    resident = add_person(100)
    order(resident)
    assert tell_in(days=26, hours=23) == 0
    assert tell_in(days=27, minutes=1) == 1
    assert tell_in(days=28) == 0
    (said,) = told_to(resident)
    assert "go back into your wallet" in said


def test_a_short_voucher_is_told_of_when_a_third_of_its_time_is_left(order):
    resident = add_person(100)
    order(resident, validity_days=3)
    assert tell_expiring() == 0
    assert tell_in(days=1, hours=23) == 0
    assert tell_in(days=2, minutes=1) == 1


def test_coins_that_would_be_lost_are_said_to_be(order):
    resident = add_person(100)
    held = order(resident, expiry_rule=ExpiryRule.FORFEITS)
    assert fate_of(held) == "forfeits"
    tell_in(days=28)
    (said,) = told_to(resident)
    assert "do not come back" in said


def test_of_a_gift_the_holder_is_told_where_its_coins_go_and_the_giver_is_not(order):
    giver, neighbour = add_person(100), add_person()
    held = order(giver)
    card = card_of(neighbour.person_id, by=neighbour).text
    gift_voucher(held.id, card, key="gift-0001", by=giver)
    tell_in(days=28)
    (said,) = told_to(neighbour)
    assert "who gave it to you" in said
    assert told_to(giver) == []


def test_a_gift_made_after_the_giver_was_told_is_told_of_anew(order):
    giver, neighbour = add_person(100), add_person()
    held = order(giver)
    card = card_of(neighbour.person_id, by=neighbour).text
    tell_in(days=28)
    with pretending(now() + timedelta(days=28)):
        gift_voucher(held.id, card, key="gift-0001", by=giver)
    assert tell_in(days=28, hours=1) == 1
    assert (len(told_to(giver)), len(told_to(neighbour))) == (1, 1)


def test_an_award_is_worth_no_coins_to_its_holder(order):
    resident = add_person(100)
    held = Voucher(fund="fund:x:2026", returns_at_expiry=True, untold=[AWARDED])
    assert fate_of(held) == "award"
    assert fate_of(order(resident)) == "returns"


def test_nobody_is_told_of_what_is_over_or_cancelled(order):
    resident = add_person(200)
    cancel_voucher(order(resident).id, by=resident)
    order(resident)
    assert tell_in(days=31) == 0
    assert told_to(resident) == []


def test_a_process_that_died_after_telling_tells_nobody_twice(order):
    resident = add_person(100)
    held = order(resident)
    tell_in(days=28)
    collection(Voucher).update_one({"_id": held.id}, {"$set": {"expiry_told": False}})
    assert tell_in(days=28) == 1
    assert len(told_to(resident)) == 1
    assert Voucher.objects.get(id=held.id).state == VoucherState.ISSUED
