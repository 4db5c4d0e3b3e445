"""Opening a ticket: the owner alone sees the code, once it is paid for, and for ever after."""

import threading
from datetime import timedelta

import pytest
from catalog_town import coins_of

from catalog import cancel_voucher, order_reward
from catalog.giving_back import VoucherExpired, VoucherNotFound
from catalog.pools.opening import (
    NoTicket,
    NotOpenedYet,
    OpeningKeyUsed,
    TicketEnded,
    open_ticket,
    opened_ticket,
)
from catalog.pools.pool_code import PoolCode, PoolCodeState
from catalog.stock import Stock
from catalog.voucher import Voucher, VoucherState
from ledger import balance_of, merchant, voucher
from shared.clock import pretending
from shared.errors import DomainError
from shared.ids import new_id


def order(reward_id, town, by):
    return order_reward(reward_id, town.point.id, key=new_id(), by=by)


def test_opening_shows_the_code_and_pays_the_point(town, film, resident):
    buyer = resident(500)
    ticket = order(film("FILM-0001,"), town, buyer)
    shown = open_ticket(ticket.id, key=new_id(), by=buyer)
    assert shown.code == "FILM-0001"
    after = Voucher.objects.get(id=ticket.id)
    assert after.state == VoucherState.REDEEMED
    assert (after.redeemed_by, after.redeemed_point_id) == (buyer.person_id, town.point.id)
    assert after.settled_entry_id
    assert (balance_of(voucher(ticket.id)), balance_of(merchant(town.point.id))) == (0, 100)
    code = PoolCode.objects.get()
    assert (code.state, code.opened_at) == (PoolCodeState.OPENED, after.redeemed_at)


def test_the_holder_sees_the_same_code_ever_after(town, film, resident):
    buyer = resident(500)
    ticket = order(film("FILM-0001,"), town, buyer)
    first = open_ticket(ticket.id, key=new_id(), by=buyer)
    again = open_ticket(ticket.id, key=new_id(), by=buyer)
    assert (again.code, again.opened_at) == (first.code, first.opened_at)
    assert opened_ticket(ticket.id, by=buyer).code == first.code
    assert balance_of(merchant(town.point.id)) == 100


def test_before_it_is_opened_there_is_no_code_to_see(town, film, resident):
    buyer = resident(500)
    ticket = order(film("FILM-0001,"), town, buyer)
    with pytest.raises(NotOpenedYet):
        opened_ticket(ticket.id, by=buyer)


def test_somebody_else_s_ticket_is_none(town, film, resident):
    ticket = order(film("FILM-0001,"), town, resident(500))
    for ask in (open_ticket, opened_ticket):
        more = {"key": new_id()} if ask is open_ticket else {}
        with pytest.raises(VoucherNotFound):
            ask(ticket.id, by=resident(), **more)
    assert PoolCode.objects.get().state == PoolCodeState.TAKEN


def test_a_cancelled_ticket_is_not_opened_and_its_code_is_sold_again(town, film, resident):
    buyer, reward_id = resident(500), film("FILM-0001,")
    ticket = order(reward_id, town, buyer)
    cancel_voucher(ticket.id, by=buyer)
    with pytest.raises(TicketEnded):
        open_ticket(ticket.id, key=new_id(), by=buyer)
    assert coins_of(buyer) == 500
    other = resident(500)
    again = order(reward_id, town, other)
    assert open_ticket(again.id, key=new_id(), by=other).code == "FILM-0001"


def test_a_ticket_past_its_end_is_not_opened(town, film, resident):
    buyer = resident(500)
    ticket = order(film("FILM-0001,"), town, buyer)
    with pretending(ticket.expires_at + timedelta(seconds=1)), pytest.raises(VoucherExpired):
        open_ticket(ticket.id, key=new_id(), by=buyer)
    assert PoolCode.objects.get().state == PoolCodeState.TAKEN


def test_an_opened_ticket_is_not_cancelled(town, film, resident):
    buyer = resident(500)
    ticket = order(film("FILM-0001,"), town, buyer)
    open_ticket(ticket.id, key=new_id(), by=buyer)
    with pytest.raises(DomainError):
        cancel_voucher(ticket.id, by=buyer)
    assert coins_of(buyer) == 400


def test_goods_are_not_opened(town, offer, resident):
    buyer = resident(500)
    goods = order(offer(), town, buyer)
    with pytest.raises(NoTicket):
        open_ticket(goods.id, key=new_id(), by=buyer)


def test_one_key_opens_one_ticket(town, film, resident):
    buyer, key, reward_id = resident(500), new_id(), film("FILM-0001,", "FILM-0002,")
    first, second = order(reward_id, town, buyer), order(reward_id, town, buyer)
    open_ticket(first.id, key=key, by=buyer)
    with pytest.raises(OpeningKeyUsed):
        open_ticket(second.id, key=key, by=buyer)
    assert Voucher.objects.get(id=second.id).state == VoucherState.ISSUED


@pytest.mark.parametrize("round_number", range(5))
def test_opening_against_cancelling_pays_the_point_or_gives_back_never_both(
    town, film, resident, round_number
):
    buyer = resident(500)
    ticket = order(film("FILM-0001,"), town, buyer)
    start, seen = threading.Barrier(4), []

    def run(act):
        start.wait()
        try:
            answer = act()
        except DomainError:
            return
        seen.append(getattr(answer, "code", None))

    acts = [lambda: open_ticket(ticket.id, key=new_id(), by=buyer)] * 2
    acts += [lambda: cancel_voucher(ticket.id, by=buyer)] * 2
    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stock, state = Stock.objects.get(), Voucher.objects.get(id=ticket.id).state
    if state == VoucherState.REDEEMED:
        assert set(seen) == {"FILM-0001"}
        assert (coins_of(buyer), stock.available) == (400, 0)
        assert balance_of(merchant(town.point.id)) == 100
    else:
        assert state == VoucherState.CANCELLED
        assert set(seen) == {None}
        assert (coins_of(buyer), stock.available) == (500, 1)
        assert PoolCode.objects.get().state == PoolCodeState.FREE
