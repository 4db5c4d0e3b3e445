"""The holder is told of a hand-over, by whichever pass comes first, and of nothing they did."""

from datetime import timedelta

import pytest
from catalog_town import add_person
from inboxes import names_in_inbox, notices_to

from catalog import (
    NewHandOver,
    Voucher,
    bring_in_hand_overs,
    gift_voucher,
    jobs,
    live_qr,
    make_point_key,
    order_reward,
    scan_voucher,
    telling,
)
from notices import words_of
from people import card_of
from shared.clock import now, pretending


@pytest.fixture
def held(town, offer):
    """A voucher, and who holds it."""
    resident = add_person(100)
    return order_reward(offer(price=100), town.point.id, key="order-001", by=resident), resident


def scanned(town, issued, holder, key="scan-0001"):
    qr = live_qr(issued.id, by=holder).text
    return scan_voucher(qr, point_id=town.point.id, key=key, by=town.clerk)


def test_a_hand_over_is_told_by_the_sweep_once(town, held):
    issued, resident = held
    handed = scanned(town, issued, resident)
    # The counter waits for no notice.
    assert (names_in_inbox(resident), handed.untold) == ([], [telling.FETCHED])
    assert jobs.sweep()["moves_told"] == 1
    assert jobs.sweep()["moves_told"] == 0
    (told,) = notices_to(resident)
    said = words_of(told.name, 1, told.facts, "en")["body"]
    assert "Guxi redemption point" in said
    assert "if that was not you" in said.lower()


def test_a_hand_over_without_network_is_told_as_one(town, held):
    issued, resident = held
    device = make_point_key(town.point.id, label="平板", key="key-0001", by=town.officer)
    line = NewHandOver(
        code=live_qr(issued.id, by=resident).text, handed_over_at=now(), key="line-0001"
    )
    with pretending(now() + timedelta(hours=3)):
        bring_in_hand_overs(town.point.id, [line], point_key=device.secret, by=town.clerk)
    telling.tell_moves()
    assert names_in_inbox(resident) == ["voucher_handed_over_offline"]


def test_of_a_gift_who_holds_it_is_told_and_the_giver_is_not(town, held):
    issued, giver = held
    neighbour = add_person()
    card = card_of(neighbour.person_id, by=neighbour).text
    gift_voucher(issued.id, card, key="gift-0001", by=giver)
    scanned(town, issued, neighbour)
    telling.tell_moves()
    assert names_in_inbox(neighbour)[0] == "voucher_handed_over"
    assert names_in_inbox(giver) == ["voucher_given_away"]


def test_those_that_cannot_be_told_hold_up_nobody(town, offer, monkeypatch):
    monkeypatch.setattr(telling, "MOST_PER_RUN", 1)
    reward_id, people = offer(price=100), [add_person(100) for _ in range(2)]
    for number, resident in enumerate(people):
        issued = order_reward(reward_id, town.point.id, key="order-001", by=resident)
        scanned(town, issued, resident, key=f"scan-{number:04}")
    first = Voucher.objects(person_id=people[0].person_id)
    first.update(set__redeemed_point_id="f" * 24)  # a point that is no more
    assert sum(telling.tell_moves() for _ in range(3)) == 1
    assert names_in_inbox(people[1]) == ["voucher_handed_over"]
    first.update(set__redeemed_point_id=town.point.id)
