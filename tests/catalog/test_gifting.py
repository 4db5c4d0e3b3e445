"""Gifting: once, to a known neighbour, within the day's limits; coins only ever go back."""

from datetime import timedelta

import pytest
from catalog_town import add_person, coins_of, earn
from inboxes import names_in_inbox
from mongoengine.errors import NotUniqueError

from catalog import (
    LimitReached,
    Voucher,
    cancel_voucher,
    gift_voucher,
    giving_back,
    live_qr,
    order_reward,
    scan_voucher,
    telling,
    voucher_of,
    vouchers_of,
)
from catalog.day_count import DayCount
from catalog.gifting import (
    GiftKeyUsed,
    GiftLimitReached,
    GiftToOneself,
    NotGiftable,
    NotOutstanding,
    ReceiverLimitReached,
    ReceiverNotKnown,
)
from catalog.giving_back import VoucherExpired, VoucherNotFound
from catalog.scanning.reading import QrPassedOn, UnknownCode
from ledger import balance_of, voucher
from people import Person, card_of, reissue_card
from people.cards import UnknownCard
from shared.clock import now, pretending
from shared.ids import new_id
from tests.racing import at_once

ROUNDS = 5


def card(person):
    return card_of(person.person_id, by=person).text


@pytest.fixture
def order(town, offer):
    """Orders one voucher over 100 coins for somebody."""

    def order_one(by, **terms):
        return order_reward(offer(price=100, **terms), town.point.id, key=new_id(), by=by)

    return order_one


@pytest.fixture
def giver():
    return add_person(1000)


@pytest.fixture
def neighbour():
    return add_person()


def scan(town, text, *, key="scan-0001", **more):
    return scan_voucher(text, point_id=town.point.id, key=key, by=town.clerk, **more)


def give(held, giver, to, *, key="gift-0001"):
    return gift_voucher(held.id, card(to), key=key, by=giver)


def test_a_gift_is_the_neighbours_and_the_givers_code_is_dead(town, order, giver, neighbour):
    held = order(giver)
    old_code, old_qr = voucher_of(held.id, by=giver).code, live_qr(held.id, by=giver).text
    gift = give(held, giver, neighbour)
    assert (gift.voucher_id, gift.title) == (held.id, "洗衣液")
    with pytest.raises(UnknownCode):
        scan(town, old_code, phone_last4="0000")
    with pytest.raises(QrPassedOn):
        scan(town, old_qr)
    with pytest.raises(VoucherNotFound):
        live_qr(held.id, by=giver)
    assert voucher_of(held.id, by=neighbour).code != old_code
    done = scan(town, live_qr(held.id, by=neighbour).text)
    assert (done.id, done.person_id, done.ordered_by) == (
        held.id,
        neighbour.person_id,
        giver.person_id,
    )


def test_the_card_may_be_read_out_instead(order, giver, neighbour):
    held = order(giver)
    code = card_of(neighbour.person_id, by=neighbour).code.lower()
    gift_voucher(held.id, code, key="gift-0001", by=giver)
    assert voucher_of(held.id, by=neighbour).code


def test_both_are_told_once(order, giver, neighbour):
    held = order(giver)
    for _ in range(2):
        give(held, giver, neighbour)
    assert names_in_inbox(giver) == ["voucher_given_away"]
    assert names_in_inbox(neighbour) == ["voucher_given_to_you"]
    assert telling.tell_moves() == 0


def test_a_process_that_died_before_telling_leaves_it_to_the_sweep(
    order, giver, neighbour, monkeypatch
):
    held = order(giver)
    monkeypatch.setattr("catalog.gifting.try_to_tell", lambda voucher_id: None)
    give(held, giver, neighbour)
    assert names_in_inbox(neighbour) == []
    assert telling.tell_moves() == 1
    assert telling.tell_moves() == 0
    assert names_in_inbox(neighbour) == ["voucher_given_to_you"]


def test_the_same_key_answers_the_same_receipt_and_counts_once(order, giver, neighbour):
    held = order(giver)
    first = give(held, giver, neighbour)
    assert give(held, giver, neighbour) == first
    assert {one.count for one in DayCount.objects} == {1}


def test_the_same_key_for_something_else_is_refused(order, giver, neighbour):
    held, other = order(giver), order(giver)
    give(held, giver, neighbour)
    with pytest.raises(GiftKeyUsed):
        give(other, giver, neighbour)
    with pytest.raises(GiftKeyUsed):
        give(held, giver, add_person())


def test_the_giver_sees_it_as_given_away_and_without_a_code(order, giver, neighbour):
    held, kept = order(giver), order(giver)
    give(held, giver, neighbour)
    listed = {one.voucher.id: one for one in vouchers_of(giver).vouchers}
    assert set(listed) == {held.id, kept.id}
    assert (listed[held.id].is_given_away, listed[held.id].code) == (True, None)
    assert not listed[held.id].can_be_cancelled
    assert not listed[held.id].can_be_given
    assert (listed[kept.id].is_given_away, listed[kept.id].can_be_given) == (False, True)
    assert listed[kept.id].code
    (received,) = vouchers_of(neighbour).vouchers
    assert (received.is_given_away, received.can_be_given, received.fate) == (False, False, "gift")


def test_only_the_holder_may_cancel_a_gift_and_its_coins_go_to_who_paid(order, giver, neighbour):
    held = order(giver)
    give(held, giver, neighbour)
    with pytest.raises(VoucherNotFound):
        cancel_voucher(held.id, by=giver)
    cancel_voucher(held.id, by=neighbour)
    assert (coins_of(giver), coins_of(neighbour)) == (1000, 0)
    assert balance_of(voucher(held.id)) == 0


def test_a_gift_that_expires_brings_its_coins_back_to_who_paid(order, giver, neighbour):
    held = order(giver)
    give(held, giver, neighbour)
    with pretending(now() + timedelta(days=31)):
        assert giving_back.expire_voucher(held.id)
    assert (coins_of(giver), coins_of(neighbour)) == (1000, 0)


def test_a_gift_counts_against_the_limit_of_who_paid(town, offer, giver, neighbour):
    reward_id = offer(price=100, per_person_limit=1)
    held = order_reward(reward_id, town.point.id, key="order-001", by=giver)
    give(held, giver, neighbour)
    with pytest.raises(LimitReached):
        order_reward(reward_id, town.point.id, key="order-002", by=giver)
    earn(neighbour.person_id, 100)
    assert order_reward(reward_id, town.point.id, key="order-001", by=neighbour)


def test_a_gift_is_given_on_to_nobody(order, giver, neighbour):
    held = order(giver)
    give(held, giver, neighbour)
    with pytest.raises(NotGiftable):
        give(held, neighbour, add_person())


def test_a_reward_may_say_that_it_is_not_given_away(order, giver, neighbour):
    with pytest.raises(NotGiftable):
        give(order(giver, can_be_gifted=False), giver, neighbour)


def test_nobody_gives_what_is_not_theirs_or_is_used_up(town, order, giver, neighbour):
    held = order(giver)
    with pytest.raises(VoucherNotFound):
        give(held, neighbour, giver)
    with pretending(now() + timedelta(days=31)), pytest.raises(VoucherExpired):
        give(held, giver, neighbour)
    cancel_voucher(held.id, by=giver)
    with pytest.raises(NotOutstanding):
        give(held, giver, neighbour)
    used = order(giver)
    scan(town, live_qr(used.id, by=giver).text)
    with pytest.raises(NotOutstanding):
        give(used, giver, neighbour)


def test_the_receiver_is_another_person_whose_name_and_card_are_known(order, giver):
    held = order(giver)
    with pytest.raises(GiftToOneself):
        give(held, giver, giver)
    with pytest.raises(ReceiverNotKnown):
        give(held, giver, add_person(real_name=False))
    with pytest.raises(UnknownCard):
        gift_voucher(held.id, "ABCDE-FGHJK", key="gift-0001", by=giver)
    assert DayCount.objects.count() == 0


def test_three_a_day_may_be_given_and_more_on_the_next(order, giver):
    for number in range(3):
        give(order(giver), giver, add_person(), key=f"gift-{number:04}")
    fourth = order(giver)
    with pytest.raises(GiftLimitReached):
        give(fourth, giver, add_person(), key="gift-0003")
    with pretending(now() + timedelta(days=1)):
        give(fourth, giver, add_person(), key="gift-0003")


def test_five_a_day_may_be_taken_from_whoever_gives(order, neighbour):
    for _ in range(5):
        give(order(giver := add_person(100)), giver, neighbour)
    last = add_person(100)
    held = order(last)
    with pytest.raises(ReceiverLimitReached):
        give(held, last, neighbour)
    assert Voucher.objects.get(id=held.id).person_id == last.person_id
    # What the receiver's limit stopped does not count for the giver.
    assert DayCount.objects.get(id__startswith=f"given:{last.person_id}").count == 0


def test_one_gift_sent_six_times_at_once_is_one(order, neighbour):
    for _ in range(ROUNDS):
        giver = add_person(100)
        held = order(giver)
        shown = card(neighbour := add_person())
        answers = at_once(
            6, lambda _, s=shown, h=held, g=giver: gift_voucher(h.id, s, key="gift-0001", by=g)
        )
        assert len({answer.gifted_at for answer in answers}) == 1
        assert DayCount.objects.get(id__startswith=f"given:{giver.person_id}").count == 1
        assert names_in_inbox(neighbour) == ["voucher_given_to_you"]


def test_one_voucher_given_to_two_at_once_goes_to_one(order):
    for _ in range(ROUNDS):
        giver = add_person(100)
        held = order(giver)
        cards = [card(add_person()) for _ in range(2)]
        answers = at_once(
            2,
            lambda number, c=cards, h=held, g=giver: gift_voucher(
                h.id, c[number], key=f"gift-{number:04}", by=g
            ),
        )
        lost = [answer for answer in answers if isinstance(answer, Exception)]
        assert [type(one) for one in lost] == [VoucherNotFound]
        assert Voucher.objects.get(id=held.id).code_turn == 1


def test_gifts_at_once_of_the_last_of_the_day_let_one_through(order):
    for _ in range(ROUNDS):
        giver = add_person(1000)
        for number in range(2):
            give(order(giver), giver, add_person(), key=f"gift-{number:04}")
        held = [order(giver) for _ in range(4)]
        cards = [card(add_person()) for _ in held]
        answers = at_once(
            4,
            lambda number, c=cards, h=held, g=giver: gift_voucher(
                h[number].id, c[number], key=f"last-{number:04}", by=g
            ),
        )
        refused = [answer for answer in answers if isinstance(answer, GiftLimitReached)]
        assert len(refused) == 3
        given = Voucher.objects(ordered_by=giver.person_id, gifted_at__ne=None).count()
        assert given == 3


def test_gift_against_scan_exactly_one_wins(town, order):
    for number in range(10):
        giver, neighbour = add_person(100), add_person()
        held, shown = order(giver), card(neighbour)
        qr = live_qr(held.id, by=giver).text
        acts = [
            lambda h=held, s=shown, g=giver: gift_voucher(h.id, s, key="gift-0001", by=g),
            lambda q=qr, n=number: scan(town, q, key=f"scan-{n:04}"),
        ]
        gift, scanned = at_once(2, lambda which, acts=acts: acts[which]())
        stored = Voucher.objects.get(id=held.id)
        if isinstance(scanned, Voucher):
            assert isinstance(gift, NotOutstanding)
            assert (stored.state, stored.person_id) == ("redeemed", giver.person_id)
        else:
            assert not isinstance(gift, Exception)
            assert isinstance(scanned, QrPassedOn)
            assert (stored.state, stored.person_id) == ("issued", neighbour.person_id)


def test_gift_against_cancel_exactly_one_wins(order):
    for _ in range(10):
        giver, neighbour = add_person(100), add_person()
        held, shown = order(giver), card(neighbour)
        acts = [
            lambda h=held, s=shown, g=giver: gift_voucher(h.id, s, key="gift-0001", by=g),
            lambda h=held, g=giver: cancel_voucher(h.id, by=g),
        ]
        gift, cancelled = at_once(2, lambda which, acts=acts: acts[which]())
        if isinstance(cancelled, Voucher):
            assert isinstance(gift, NotOutstanding)
            assert coins_of(giver) == 100
        else:
            assert isinstance(cancelled, VoucherNotFound)
            assert Voucher.objects.get(id=held.id).person_id == neighbour.person_id
            assert coins_of(giver) == 0


def test_the_database_itself_keeps_a_key_to_one_gift(order, giver, neighbour):
    held, other = order(giver), order(giver)
    give(held, giver, neighbour)
    with pytest.raises(NotUniqueError):
        Voucher.objects(id=other.id).update(set__gift_key="gift-0001")


def test_a_card_that_was_replaced_gives_nothing(order, giver, neighbour):
    held, lost = order(giver), card(neighbour)
    Person.objects(id=neighbour.person_id).update(set__card_version=2)
    with pytest.raises(UnknownCard):
        gift_voucher(held.id, lost, key="gift-0001", by=giver)


def test_a_gift_sent_again_after_the_card_was_renewed_is_the_same(order, giver, neighbour):
    held, shown = order(giver), card(neighbour)
    first = gift_voucher(held.id, shown, key="gift-0001", by=giver)
    reissue_card(neighbour.person_id, 1, by=neighbour)
    assert gift_voucher(held.id, shown, key="gift-0001", by=giver) == first
    with pytest.raises(UnknownCard):
        gift_voucher(held.id, shown, key="gift-0002", by=giver)
    with pytest.raises(UnknownCard):
        gift_voucher(order(giver).id, shown, key="gift-0001", by=giver)
