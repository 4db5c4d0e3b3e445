"""A voucher in its holder's hand: what is shown of it, to whom, and in which lists."""

from datetime import timedelta

import pytest
from catalog_town import add_person, staff

from catalog import (
    VoucherState,
    cancel_voucher,
    confirm_statement,
    gift_voucher,
    live_qr,
    open_ticket,
    order_reward,
    scan_voucher,
    settle_statement,
    voucher_in_hand,
    voucher_of,
    vouchers_of,
)
from catalog.giving_back import VoucherNotFound
from catalog.settlement.closing import close_days
from catalog.settlement.point_statement import PointStatement
from fixtures.factories import put_card
from people import Role, card_of
from shared.clock import now, pretending
from shared.cursors import BadCursor
from shared.ids import new_id

LINES = [{"kind": "patrol", "base": 0, "per_hour": 50}]


@pytest.fixture
def order(town, offer):
    """Orders one voucher over 100 coins; terms are the reward's."""

    def order_one(by, **terms):
        return order_reward(offer(price=100, **terms), town.point.id, key=new_id(), by=by)

    return order_one


def ids(page):
    return [one.voucher.id for one in page.vouchers]


def test_the_list_goes_page_by_page_newest_first(order):
    resident = add_person(500)
    made = [order(resident).id for _ in range(5)]
    first = vouchers_of(resident, limit=3)
    rest = vouchers_of(resident, limit=3, cursor=first.next_cursor)
    assert ids(first) + ids(rest) == made[::-1]
    assert rest.next_cursor is None
    with pytest.raises(BadCursor):
        vouchers_of(resident, cursor="no cursor")


def test_the_list_keeps_to_a_state(town, order):
    resident = add_person(300)
    issued, cancelled, used = (order(resident) for _ in range(3))
    cancel_voucher(cancelled.id, by=resident)
    qr = live_qr(used.id, by=resident).text
    scan_voucher(qr, point_id=town.point.id, key="scan-0001", by=town.clerk)
    for state, held in (
        (VoucherState.ISSUED, issued),
        (VoucherState.CANCELLED, cancelled),
        (VoucherState.REDEEMED, used),
    ):
        assert ids(vouchers_of(resident, state=state)) == [held.id]
    assert ids(vouchers_of(resident, state=VoucherState.EXPIRED)) == []


def test_nobody_sees_the_vouchers_of_others(order):
    held = order(add_person(100))
    stranger = add_person()
    assert vouchers_of(stranger).vouchers == []
    for asked in (held.id, new_id()):
        with pytest.raises(VoucherNotFound):
            voucher_of(asked, by=stranger)


def test_what_can_be_done_follows_the_rewards_rules(order):
    resident = add_person(300)
    free = voucher_of(order(resident).id, by=resident)
    strict = voucher_of(
        order(resident, cancel_hours=0, can_be_gifted=False, refund_days=0).id, by=resident
    )
    assert (free.can_be_cancelled, free.can_be_given, free.refund_until) == (True, True, None)
    assert (strict.can_be_cancelled, strict.can_be_given) == (False, False)
    with pretending(now() + timedelta(days=31)):
        late = voucher_of(free.voucher.id, by=resident)
        assert (late.can_be_cancelled, late.can_be_given) == (False, False)


def test_when_a_neighbour_fetched_a_gift_is_not_the_givers_to_know(town, order):
    giver, neighbour = add_person(100), add_person()
    held = order(giver, refund_days=7)
    card = card_of(neighbour.person_id, by=neighbour).text
    gift_voucher(held.id, card, key="gift-0001", by=giver)
    qr = live_qr(held.id, by=neighbour).text
    scan_voucher(qr, point_id=town.point.id, key="scan-0001", by=town.clerk)
    given, taken = voucher_of(held.id, by=giver), voucher_of(held.id, by=neighbour)
    assert (given.redeemed_at, given.refund_until, given.code) == (None, None, None)
    assert taken.redeemed_at
    assert taken.refund_until == taken.redeemed_at + timedelta(days=7)


def test_an_order_repeated_after_the_gift_shows_the_giver_no_code(town, offer):
    giver, neighbour, reward_id = add_person(100), add_person(), offer(price=100)
    held = order_reward(reward_id, town.point.id, key="order-001", by=giver)
    assert voucher_in_hand(held, by=giver).code
    card = card_of(neighbour.person_id, by=neighbour).text
    gift_voucher(held.id, card, key="gift-0001", by=giver)
    again = order_reward(reward_id, town.point.id, key="order-001", by=giver)
    shown = voucher_in_hand(again, by=giver)
    assert (shown.voucher.id, shown.code, shown.is_given_away) == (held.id, None, True)
    assert (shown.can_be_cancelled, shown.can_be_given) == (False, False)
    assert voucher_in_hand(again, by=neighbour).code
    for shows in (live_qr, cancel_voucher):
        with pytest.raises(VoucherNotFound):
            shows(held.id, by=giver)
    with pytest.raises(VoucherNotFound):
        open_ticket(held.id, key="open-0001", by=giver)


def test_no_refund_is_promised_once_the_statement_is_settled(town, order):
    resident = add_person(100)
    with pretending(now() - timedelta(days=40)):
        terms = {"fen_per_10000_coins": 20_000, "by": staff(Role.RATE_ADMIN, town.district)}
        put_card(town.district.id, now() + timedelta(hours=1), LINES, **terms)
    held = order(resident, refund_days=7)
    qr = live_qr(held.id, by=resident).text
    scan_voucher(qr, point_id=town.point.id, key="scan-0001", by=town.clerk)
    with pretending(now() + timedelta(days=2)):
        assert close_days() == 1
        assert voucher_of(held.id, by=resident).refund_until
        statement_id = PointStatement.objects.get().id
        confirm_statement(statement_id, by=town.clerk)
        settle_statement(statement_id, by=town.officer)
        assert voucher_of(held.id, by=resident).refund_until is None
        assert vouchers_of(resident).vouchers[0].refund_until is None
