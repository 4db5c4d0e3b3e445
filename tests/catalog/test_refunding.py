"""Refunding: what was handed over and brought back, by an officer, until its point is settled."""

from datetime import timedelta

import pytest
from catalog_town import add_person, coins_of, earn, staff
from inboxes import names_in_inbox

from catalog import (
    RefundReason,
    Stock,
    Voucher,
    VoucherState,
    confirm_statement,
    gift_voucher,
    live_qr,
    order_reward,
    refund_voucher,
    scan_voucher,
    settle_statement,
    telling,
    voucher_of,
)
from catalog.giving_back import VoucherNotFound
from catalog.points.stock_counting import count_stock
from catalog.refunding import (
    AlreadyRefunded,
    NotHandedOver,
    NotRefundable,
    OwnRefund,
    RefundKeyUsed,
    RefundTimeOver,
)
from catalog.settlement.closing import close_days
from catalog.settlement.point_statement import PointStatement
from catalog.settlement.restating import StatementMoved
from fixtures.factories import put_card
from ledger import balance_of, holdings_of, merchant, wallet
from people import Actor, Held, Role, card_of
from shared.clock import now, pretending
from shared.database import collection
from shared.ids import new_id
from tests.racing import at_once

ROUNDS = 5
LINES = [{"kind": "patrol", "base": 0, "per_hour": 50}]


@pytest.fixture
def resident():
    return add_person(100)


@pytest.fixture
def hand_over(town, offer):
    """Hands one voucher over 100 coins over to its holder, who may bring it back for 7 days."""

    def hand_over_one(by, *, given_to=None, **terms):
        reward_id = offer(price=100, **{"refund_days": 7, **terms})
        issued = order_reward(reward_id, town.point.id, key=new_id(), by=by)
        if given_to:
            card = card_of(given_to.person_id, by=given_to).text
            gift_voucher(issued.id, card, key=new_id(), by=by)
        qr = live_qr(issued.id, by=given_to or by).text
        return scan_voucher(qr, point_id=town.point.id, key=new_id(), by=town.clerk)

    return hand_over_one


def refund(handed, by, *, key="refund-001", restock=True, reason=RefundReason.GOODS_RETURNED):
    return refund_voucher(handed.id, reason=reason, restock=restock, key=key, by=by)


def at_point(town):
    return balance_of(merchant(town.point.id))


def left(handed):
    return Stock.objects.get(reward_id=handed.reward_id).available


def test_coins_are_back_and_the_goods_on_the_shelf(town, resident, hand_over):
    handed = hand_over(resident)
    assert (coins_of(resident), at_point(town), left(handed)) == (0, 100, 9)
    done = refund(handed, town.officer)
    assert (done.state, done.ended_reason) == (VoucherState.REFUNDED, "goods_returned")
    assert (coins_of(resident), at_point(town), left(handed)) == (100, 0, 10)
    assert names_in_inbox(resident) == ["voucher_refunded", "voucher_handed_over"]
    assert telling.tell_moves() == 0


def test_faulty_goods_stay_off_the_shelf(town, resident, hand_over):
    handed = hand_over(resident)
    done = refund(handed, town.officer, restock=False, reason=RefundReason.GOODS_FAULTY)
    assert (done.ended_reason, bool(done.is_restocked)) == ("goods_faulty", False)
    assert (coins_of(resident), left(handed)) == (100, 9)


def test_a_count_of_the_shelf_expects_what_was_put_back(town, hand_over):
    for restock, expected in ((True, 10), (False, 9)):
        handed = hand_over(add_person(100))
        refund(handed, town.officer, restock=restock, key=new_id())
        count = count_stock(
            town.point.id, handed.reward_id, counted=expected, key=new_id(), by=town.clerk
        )
        assert count.difference == 0


def test_expiring_coins_come_back_with_their_month(town, hand_over):
    resident = add_person()
    earn(resident.person_id, 100, lasts_months=12)
    before = holdings_of(wallet(resident.person_id)).lots
    assert before
    refund(hand_over(resident), town.officer)
    assert holdings_of(wallet(resident.person_id)).lots == before


def test_a_gifts_coins_go_to_who_paid_and_both_are_told(town, resident, hand_over):
    neighbour = add_person()
    refund(hand_over(resident, given_to=neighbour), town.officer)
    assert (coins_of(resident), coins_of(neighbour)) == (100, 0)
    assert "voucher_refunded" in names_in_inbox(resident)
    assert "gift_refunded" in names_in_inbox(neighbour)


def test_the_same_key_answers_the_same_and_refunds_once(town, resident, hand_over):
    handed = hand_over(resident)
    first, again = refund(handed, town.officer), refund(handed, town.officer)
    assert first.ended_at == again.ended_at
    assert (coins_of(resident), left(handed)) == (100, 10)
    with pytest.raises(AlreadyRefunded):
        refund(handed, town.officer, key="refund-002")
    with pytest.raises(RefundKeyUsed):
        refund(handed, town.officer, restock=False)
    with pytest.raises(RefundKeyUsed):
        refund(hand_over(add_person(100)), town.officer)


def test_only_within_the_days_that_the_reward_gives(town, resident, hand_over):
    handed = hand_over(resident)
    assert voucher_of(handed.id, by=resident).refund_until == handed.redeemed_at + timedelta(days=7)
    with pretending(now() + timedelta(days=7, minutes=1)), pytest.raises(RefundTimeOver):
        refund(handed, town.officer)
    never = hand_over(add_person(100), refund_days=0)
    with pytest.raises(NotRefundable):
        refund(never, town.officer)


def test_only_what_was_handed_over(town, resident, offer):
    reward_id = offer(price=100, refund_days=7)
    issued = order_reward(reward_id, town.point.id, key="order-001", by=resident)
    with pytest.raises(NotHandedOver):
        refund(issued, town.officer)
    assert coins_of(resident) == 0


def test_officers_of_the_point_and_none_with_an_interest(town, resident, hand_over):
    handed = hand_over(resident)
    for stranger in (staff(Role.CENTRE_OFFICER, town.other_district), town.clerk, resident):
        with pytest.raises(VoucherNotFound):
            refund(handed, stranger)
    reach = Held(Role.CENTRE_OFFICER, town.district.id)
    with pytest.raises(OwnRefund):
        refund(handed, Actor(resident.person_id, "s", (reach,)))
    with pytest.raises(OwnRefund):
        refund(handed, Actor("a" * 24, "s", (reach, Held(Role.CLERK, town.point.id))))
    gift = hand_over(giver := add_person(100), given_to=add_person())
    with pytest.raises(OwnRefund):
        refund(gift, Actor(giver.person_id, "s", (reach,)))


def test_a_hand_over_whose_coins_are_still_on_their_way_is_finished_first(
    town, resident, hand_over, monkeypatch
):
    monkeypatch.setattr("catalog.scanning.redeeming.try_to_settle", lambda redeemed: None)
    handed = hand_over(resident)
    assert (at_point(town), handed.settled_entry_id) == (0, None)
    refund(handed, town.officer)
    assert (coins_of(resident), at_point(town)) == (100, 0)


@pytest.fixture
def closed(town):
    """Closes the day of the hand-overs into a statement, coins having a value."""

    def close():
        with pretending(now() - timedelta(days=40)):
            since = now() + timedelta(hours=1)
            admin = staff(Role.RATE_ADMIN, town.district)
            put_card(town.district.id, since, LINES, fen_per_10000_coins=20_000, by=admin)
        with pretending(now() + timedelta(days=1, hours=1)):
            assert close_days() == 1
        return PointStatement.objects.get()

    return close


def test_in_a_closed_statement_its_line_is_taken_out(town, hand_over, closed):
    handed, kept = hand_over(add_person(100)), hand_over(add_person(100))
    statement = closed()
    assert statement.sums.coins == 200
    refund(handed, town.officer)
    after = PointStatement.objects.get(id=statement.id)
    assert (after.sums.coins, after.sums.coin_fen) == (100, 200)
    confirm_statement(statement.id, by=town.clerk)
    settle_statement(statement.id, by=town.officer)
    assert at_point(town) == 0
    with pytest.raises(StatementMoved):
        refund(kept, town.officer, key="refund-002")
    assert Voucher.objects.get(id=kept.id).state == VoucherState.REDEEMED


def test_refunded_before_the_day_is_closed_it_costs_nothing(town, resident, hand_over, closed):
    refund(hand_over(resident), town.officer)
    statement = closed()
    assert (statement.sums.coins, statement.sums.coin_fen) == (0, 0)


def test_refund_against_refund_gives_back_once(town, hand_over):
    officers = [town.officer, staff(Role.ADMIN, town.city), staff(Role.ADMIN, town.city)]
    for _ in range(ROUNDS):
        resident = add_person(100)
        handed = hand_over(resident)
        answers = at_once(3, lambda which, h=handed: refund(h, officers[which], key=new_id()))
        lost = [type(one) for one in answers if isinstance(one, Exception)]
        assert lost == [AlreadyRefunded] * 2
        assert (coins_of(resident), left(handed), at_point(town)) == (100, 10, 0)


def test_one_refund_sent_five_times_at_once_is_one(town, hand_over):
    for _ in range(ROUNDS):
        resident = add_person(100)
        handed, key = hand_over(resident), new_id()
        answers = at_once(5, lambda _, h=handed, k=key: refund(h, town.officer, key=k))
        assert len({one.ended_at for one in answers}) == 1
        assert (coins_of(resident), left(handed)) == (100, 10)
        assert names_in_inbox(resident) == ["voucher_refunded", "voucher_handed_over"]


def test_refund_against_the_closing_of_its_day_leaves_sums_that_agree(town, hand_over, closed):
    resident = add_person(100)
    handed = hand_over(resident)
    hand_over(add_person(100))
    acts = [closed, lambda: refund(handed, town.officer)]
    answers = at_once(2, lambda which: acts[which]())
    assert [one for one in answers if isinstance(one, Exception)] == []
    assert PointStatement.objects.get().sums.coins == 100
    assert (coins_of(resident), at_point(town)) == (100, 100)


def test_refund_against_settlement_exactly_one_wins(town, hand_over, closed):
    resident = add_person(100)
    handed = hand_over(resident)
    statement = closed()
    confirm_statement(statement.id, by=town.clerk)
    admin = staff(Role.ADMIN, town.city)
    acts = [
        lambda: refund(handed, town.officer),
        lambda: settle_statement(statement.id, by=admin),
    ]
    refunded, settled = at_once(2, lambda which: acts[which]())
    assert not isinstance(settled, Exception)
    if isinstance(refunded, Exception):
        assert isinstance(refunded, StatementMoved)
        assert (coins_of(resident), settled.sums.coins) == (0, 100)
    else:
        after = PointStatement.objects.get()
        assert (coins_of(resident), after.sums.coins) == (100, 0)
    assert at_point(town) == 0
    assert collection(Voucher).count_documents({"statement_id": statement.id}) == 1
