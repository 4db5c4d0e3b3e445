"""The trial balance is zero, and a book that was tampered with is found out by name."""

import pytest
from bson import Int64

from ledger import (
    Balance,
    Entry,
    FindingKind,
    issued,
    post_one,
    prove,
    trial_balance,
    voucher,
    wallet,
)
from shared.database import collection


@pytest.fixture
def tampered():
    """Lets a test spoil the book past the validators, and takes the spoiled book away after it."""

    def change(document, entry_id, update):
        collection(document).update_one(
            {"_id": entry_id}, update, upsert=True, bypass_document_validation=True
        )

    yield change
    collection(Entry).delete_many({})
    collection(Balance).delete_many({})


class TestTrialBalance:
    def test_of_an_empty_book_names_no_currency(self):
        assert trial_balance().currencies == ()
        assert trial_balance().agrees

    def test_totals_each_kind_of_account_and_is_zero_in_each_currency(self, funded, moving):
        funded(wallet("p1"), 100)
        funded(wallet("p2"), 50)
        funded(wallet("p1"), 7, currency="CNY")
        post_one(moving(30, wallet("p1"), voucher("v1")))
        coins, fen = trial_balance().currencies
        assert coins.by_kind == {"issued": -150, "voucher": 30, "wallet": 120}
        assert (fen.currency, fen.by_kind) == ("CNY", {"issued": -7, "wallet": 7})
        assert (coins.total, fen.total) == (0, 0)

    def test_shows_an_entry_that_does_not_balance(self, funded, tampered):
        funded(wallet("p1"), 100)
        entry = Entry.objects.first()
        tampered(Entry, entry.id, {"$set": {"legs.1.amount": Int64(101)}})
        assert trial_balance().currencies[0].total == 1
        assert not trial_balance().agrees


class TestProve:
    def test_finds_nothing_in_a_sound_book(self, funded, moving):
        funded(wallet("p1"), 100)
        post_one(moving(30, wallet("p1"), voucher("v1")))
        assert prove() == []

    def test_names_the_balance_that_was_changed_by_hand(self, funded, tampered):
        funded(wallet("p1"), 100)
        tampered(Balance, "wallet:p1|FUB", {"$inc": {"posted": Int64(1)}})
        (finding,) = prove()
        assert finding.kind is FindingKind.BALANCE_DIFFERS
        assert (finding.where, finding.stored, finding.replayed) == ("wallet:p1|FUB", 101, 100)
        assert str(finding) == "wallet:p1|FUB holds 101, but its entries sum to 100"

    def test_names_a_balance_without_entries_and_one_that_is_missing(self, funded, tampered):
        funded(wallet("p1"), 100)
        tampered(Balance, "wallet:p2|FUB", {"$set": {"posted": Int64(5)}})
        collection(Balance).delete_one({"_id": "wallet:p1|FUB"})
        missing, invented = prove()
        assert (missing.where, missing.stored, missing.replayed) == ("wallet:p1|FUB", 0, 100)
        assert (invented.where, invented.stored, invented.replayed) == ("wallet:p2|FUB", 5, 0)

    def test_names_an_entry_the_validator_would_not_let_in(self, funded, tampered):
        funded(wallet("p1"), 100)
        entry = Entry.objects.first()
        tampered(Entry, entry.id, {"$set": {"memo": "x"}})
        (finding,) = prove()
        assert (finding.kind, finding.where) == (FindingKind.UNSOUND_ENTRY, entry.id)
        assert str(finding) == f"unsound entry {entry.id}"

    def test_names_a_balance_below_zero(self, tampered):
        tampered(Balance, "wallet:p1|FUB", {"$set": {"posted": Int64(-5)}})
        kinds = [finding.kind for finding in prove()]
        assert kinds == [FindingKind.UNSOUND_BALANCE, FindingKind.BALANCE_DIFFERS]

    def test_names_what_was_paid_under_a_deleted_entry(self, funded, tampered):
        funded(wallet("p1"), 100)
        tampered(Balance, "wallet:p1|FUB", {"$inc": {"posted": Int64(0)}})
        collection(Entry).delete_many({"legs.account": issued("350102", 2026)})
        (finding,) = prove()
        assert (finding.stored, finding.replayed) == (100, 0)
