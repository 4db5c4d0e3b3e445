"""The kinds of entry at work in the book: what is awarded, refunded, paid, and what comes back."""

import pytest

from ledger import (
    Balance,
    Currency,
    EntryKind,
    InsufficientCoins,
    Leg,
    NewEntry,
    UnsoundEntry,
    balance_of,
    exchange,
    fund,
    merchant,
    paid,
    payable,
    post_one,
    voucher,
    wallet,
)
from ledger.entry import Entry
from shared.database import collection, in_transaction

PURSE, FUND, CNY = wallet("p1"), fund("safety", 2026), Currency.CNY
POINT, OWED_TO_POINT, PAID_TO_POINT = merchant("m1"), payable("m1"), paid("m1")


def lots_of(account):
    kept = collection(Balance).find_one({"_id": f"{account}|FUB"}) or {}
    return {month: int(coins) for month, coins in kept.get("lots", {}).items() if coins}


def test_an_award_is_set_aside_in_fen_and_owed_to_the_point_at_hand_over(funded, moving):
    funded(FUND, 500, currency=CNY)
    post_one(moving(300, FUND, voucher("v1"), kind=EntryKind.AWARD, currency=CNY))
    assert balance_of(voucher("v1"), CNY) == 300
    post_one(moving(300, voucher("v1"), OWED_TO_POINT, kind=EntryKind.REDEMPTION, currency=CNY))
    assert (balance_of(FUND, CNY), balance_of(voucher("v1"), CNY)) == (200, 0)
    assert balance_of(OWED_TO_POINT, CNY) == 300


def test_more_than_the_fund_holds_is_not_awarded(funded, moving):
    funded(FUND, 500, currency=CNY)
    award = moving(501, FUND, voucher("v1"), kind=EntryKind.AWARD, currency=CNY)
    with pytest.raises(InsufficientCoins):
        in_transaction(lambda session: post_one(award, session=session))
    assert balance_of(FUND, CNY) == 500


@pytest.mark.parametrize("kind", [EntryKind.CANCELLATION, EntryKind.EXPIRY])
@pytest.mark.parametrize("returns", ["award:v1", None])
def test_an_award_that_ends_unused_is_back_in_its_fund(funded, moving, kind, returns):
    funded(FUND, 500, currency=CNY)
    aside = voucher("v1")
    post_one(moving(300, FUND, aside, "award:v1", EntryKind.AWARD, currency=CNY))
    back = moving(300, aside, FUND, kind=kind, currency=CNY, returns=returns)
    in_transaction(lambda session: post_one(back, session=session))
    assert (balance_of(FUND, CNY), balance_of(aside, CNY)) == (500, 0)


def test_a_refund_gives_the_lots_back_that_the_order_drew(funded, moving):
    funded(PURSE, 50, lasts_months=12)
    funded(PURSE, 30)
    before = lots_of(PURSE)
    post_one(moving(60, PURSE, voucher("v1"), key="order:v1"))
    post_one(moving(60, voucher("v1"), POINT, kind=EntryKind.REDEMPTION))
    assert lots_of(PURSE) == {}
    back = moving(60, POINT, PURSE, "refund:v1", EntryKind.REFUND, returns="order:v1")
    entry_id = in_transaction(lambda session: post_one(back, session=session))
    assert (balance_of(PURSE), balance_of(POINT), lots_of(PURSE)) == (80, 0, before)
    assert Entry.objects.get(id=entry_id).returns == Entry.objects.get(key="order:v1").id


def test_a_refund_is_refused_where_the_point_has_been_settled_for_the_coins(funded, moving):
    funded(POINT, 50)
    post_one(moving(10, POINT, exchange("FUB"), kind=EntryKind.SETTLEMENT))
    back = moving(50, POINT, PURSE, kind=EntryKind.REFUND)
    with pytest.raises(InsufficientCoins):
        in_transaction(lambda session: post_one(back, session=session))
    assert (balance_of(POINT), balance_of(PURSE)) == (40, 0)


def test_a_payment_takes_the_worth_of_coins_from_a_fund_and_pays_all_that_is_owed(funded, moving):
    """100 coins worth 250 fen, and 300 fen of an award: one statement, one payment of 550 fen."""
    funded(FUND, 1_000, currency=CNY)
    funded(POINT, 100)
    post_one(moving(300, FUND, voucher("v1"), kind=EntryKind.AWARD, currency=CNY))
    post_one(moving(300, voucher("v1"), OWED_TO_POINT, kind=EntryKind.REDEMPTION, currency=CNY))
    settled = [Leg(POINT, -100), Leg(exchange("FUB"), 100)]
    settled += [Leg(exchange("CNY"), -250, CNY), Leg(OWED_TO_POINT, 250, CNY)]
    post_one(NewEntry("settlement:s1", EntryKind.SETTLEMENT, settled, ("statement", "s1")))
    assert balance_of(OWED_TO_POINT, CNY) == 550
    legs = [Leg(FUND, -250, CNY), Leg(exchange("CNY"), 250, CNY)]
    legs += [Leg(OWED_TO_POINT, -550, CNY), Leg(PAID_TO_POINT, 550, CNY)]
    post_one(NewEntry("payment:s1", EntryKind.PAYMENT, legs, ("statement", "s1")))
    assert (balance_of(OWED_TO_POINT, CNY), balance_of(PAID_TO_POINT, CNY)) == (0, 550)
    assert (balance_of(FUND, CNY), balance_of(exchange("CNY"), CNY)) == (450, 0)


@pytest.mark.parametrize(
    ("kind", "source", "target"),
    [
        (EntryKind.AWARD, PURSE, voucher("v1")),
        (EntryKind.AWARD, FUND, PURSE),
        (EntryKind.REFUND, voucher("v1"), PURSE),
        (EntryKind.REFUND, POINT, FUND),
        (EntryKind.PAYMENT, FUND, PURSE),
        (EntryKind.PAYMENT, POINT, PAID_TO_POINT),
    ],
)
def test_nothing_else_moves_by_them(moving, kind, source, target):
    with pytest.raises(UnsoundEntry):
        moving(1, source, target, kind=kind)


class TestTwoPostsOfOneTransaction:
    """A substitution: what was paid comes back, and a new order takes it again."""

    def test_see_each_other_on_one_wallet(self, funded, moving):
        funded(PURSE, 50, lasts_months=12)
        before = lots_of(PURSE)
        post_one(moving(50, PURSE, voucher("v1"), key="order:v1"))
        back = moving(50, voucher("v1"), PURSE, kind=EntryKind.CANCELLATION, returns="order:v1")
        order = moving(45, PURSE, voucher("v2"), key="order:v2")

        def decide(session):
            post_one(back, session=session)
            post_one(order, session=session)

        in_transaction(decide)
        assert (balance_of(PURSE), balance_of(voucher("v2"))) == (5, 45)
        assert lots_of(PURSE) == {month: coins - 45 for month, coins in before.items()}

    def test_stand_or_fall_together(self, funded, moving):
        funded(PURSE, 50)
        post_one(moving(50, PURSE, voucher("v1"), key="order:v1"))
        back = moving(50, voucher("v1"), PURSE, kind=EntryKind.CANCELLATION, returns="order:v1")
        dearer = moving(51, PURSE, voucher("v2"), key="order:v2")

        def decide(session):
            post_one(back, session=session)
            post_one(dearer, session=session)

        with pytest.raises(InsufficientCoins) as refused:
            in_transaction(decide)
        assert refused.value.facts["available"] == 50
        assert (balance_of(PURSE), balance_of(voucher("v1"))) == (0, 50)
