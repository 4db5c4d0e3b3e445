"""Balances that do not follow from entries and holds are found, by name and with both figures."""

from datetime import timedelta

import pytest
from bson import Int64

from ledger import (
    Balance,
    Entry,
    FindingKind,
    ReasonCode,
    hold_coins,
    post_one,
    prove,
    reverse_entry,
    task,
    voucher,
    wallet,
)
from shared.clock import real_now
from tests.ledger import tampering
from tests.ledger.coins import PURSE, SOURCE
from tests.ledger.tampering import change, found, put, remove, said

WALLET = "wallet:p1|FUB"
LATER = timedelta(hours=1)


@pytest.fixture(autouse=True)
def spoilt():
    yield
    tampering.take_away()


@pytest.fixture
def owing(funded, moving):
    """A wallet that held 100, spent 70, and had the 100 reversed: it holds none and owes 70."""
    funded(task("t1"), 100)
    paid = post_one(moving(100, task("t1"), wallet("p1")))
    post_one(moving(70, wallet("p1"), voucher("v1")))
    reverse_entry(paid, reason=ReasonCode.FRAUD, effective_at=real_now(), by_id="o1")
    return wallet("p1")


class TestCoins:
    def test_that_were_changed_by_hand(self, funded):
        funded(wallet("p1"), 100)
        change(Balance, WALLET, {"$inc": {"posted": Int64(1)}})
        assert found() == [(FindingKind.BALANCE_DIFFERS, WALLET, 101, 100)]
        assert said() == [f"{WALLET} holds 101, but its entries sum to 100"]

    def test_without_entries_and_entries_without_a_balance(self, funded):
        funded(wallet("p1"), 100)
        put(Balance, {"_id": "wallet:p2|FUB", "posted": Int64(5), "entries": Int64(0)})
        remove(Balance, WALLET)
        assert found() == [
            (FindingKind.BALANCE_DIFFERS, WALLET, 0, 100),
            (FindingKind.ENTRIES_DIFFER, WALLET, 0, 1),
            (FindingKind.BALANCE_DIFFERS, "wallet:p2|FUB", 5, 0),
        ]

    def test_that_were_paid_under_a_deleted_entry(self, funded):
        funded(PURSE, 100)
        remove(Entry, {"legs.account": SOURCE})
        assert (FindingKind.BALANCE_DIFFERS, f"{PURSE}|FUB", 100, 0) in found()

    def test_in_one_currency_are_not_those_in_another(self, funded):
        funded(wallet("p1"), 100)
        funded(wallet("p1"), 7, currency="CNY")
        assert prove() == []
        change(Balance, "wallet:p1|CNY", {"$set": {"posted": Int64(107)}})
        assert found() == [(FindingKind.BALANCE_DIFFERS, "wallet:p1|CNY", 107, 7)]

    def test_whose_entries_sum_to_less_than_nothing(self, funded, moving):
        funded(wallet("p1"), 100)
        spent = post_one(moving(30, wallet("p1"), voucher("v1")))
        change(Entry, spent, {"$set": {"legs.0.amount": Int64(-130), "legs.1.amount": Int64(130)}})
        assert f"the entries of {WALLET} sum to -30, below zero" in said()


class TestCounts:
    def test_of_entries_that_were_changed(self, funded):
        funded(wallet("p1"), 100)
        change(Balance, WALLET, {"$inc": {"entries": Int64(2)}})
        assert found() == [(FindingKind.ENTRIES_DIFFER, WALLET, 3, 1)]
        assert said() == [f"{WALLET} counts 3 entries, but 1 touch it"]

    def test_an_entry_on_wallet_and_debt_once(self, owing):
        assert prove() == []
        (reversal,) = Entry.objects(kind="reversal")
        assert [leg.account for leg in reversal.legs if leg.account.endswith(":p1")] == [
            "wallet:p1",
            "owed:p1",
        ]
        change(Balance, WALLET, {"$inc": {"entries": Int64(1)}})
        assert found() == [(FindingKind.ENTRIES_DIFFER, WALLET, 4, 3)]

    def test_an_entry_on_a_debt_alone(self, owing, funded):
        funded(wallet("p1"), 50)
        assert prove() == []


class TestDebts:
    def test_that_were_forgiven_by_hand(self, owing):
        change(Balance, WALLET, {"$set": {"owes": Int64(0)}})
        assert found() == [(FindingKind.OWES_DIFFERS, WALLET, 0, 70)]
        assert said() == [f"the owner of {WALLET} owes 0, but the entries say 70"]

    def test_that_nobody_ran_up(self, funded):
        funded(wallet("p1"), 100)
        change(Balance, WALLET, {"$set": {"owes": Int64(5)}})
        assert (FindingKind.OWES_DIFFERS, WALLET, 5, 0) in found()


class TestHeldCoins:
    def test_that_no_hold_holds(self, funded):
        funded(wallet("p1"), 100)
        change(Balance, WALLET, {"$set": {"held": Int64(40)}})
        assert found() == [(FindingKind.HELD_DIFFERS, WALLET, 40, 0)]
        assert said() == [f"{WALLET} has 40 held, but its active holds sum to 0"]

    def test_of_a_hold_that_were_set_free_by_hand(self, funded):
        funded(wallet("p1"), 100)
        until = real_now() + LATER
        hold_coins(wallet("p1"), 60, key="h1", about=("top_up", "1"), expires_at=until)
        assert prove() == []
        change(Balance, WALLET, {"$set": {"held": Int64(0)}})
        assert found() == [(FindingKind.HELD_DIFFERS, WALLET, 0, 60)]


class TestBudgets:
    """A slice that was below zero for a while and is not any more: an entry was slipped in."""

    @pytest.fixture
    def spent_before_it_was_granted(self, funded, moving):
        """Granted 100, spent 80; the grant is then made to look an hour younger."""

        def spend(apart):
            funded(PURSE, 100)
            spent = post_one(moving(80, PURSE, task("t1")))
            at = real_now()
            move = {"posted_at": at - apart, "effective_at": at - apart}
            change(Entry, spent, {"$set": move})
            change(Entry, {"legs.account": SOURCE}, {"$set": {"posted_at": at, "effective_at": at}})
            return spent

        return spend

    def test_below_zero_are_named_with_the_entry(self, spent_before_it_was_granted):
        spent = spent_before_it_was_granted(timedelta(minutes=2))
        assert found() == [(FindingKind.BUDGET_EXCEEDED, spent, PURSE, -80)]
        assert said() == [f"entry {spent} left {PURSE} at -80, below zero"]

    def test_below_zero_by_the_clocks_alone_are_sound(self, spent_before_it_was_granted):
        spent_before_it_was_granted(timedelta(seconds=20))
        assert prove() == []
