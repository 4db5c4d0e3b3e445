"""The trial balance is zero, and a book that was tampered with is found out by name."""

import threading
from datetime import UTC, datetime, timedelta

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
from ledger import audit as auditing
from shared.database import collection
from shared.errors import Unavailable
from tests.racing import at_once


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


class TestTheTrialBalanceOfALargeBook:
    @pytest.fixture
    def slow(self, monkeypatch):
        """Lets each adding up count as a burden; how many there were."""
        monkeypatch.setattr(auditing, "BURDEN", timedelta(seconds=-1))
        added_up, runs = auditing._added_up, []
        monkeypatch.setattr(auditing, "_added_up", lambda: runs.append(1) or added_up())
        yield runs
        auditing._trial.good_until = datetime.min.replace(tzinfo=UTC)

    def test_is_told_again_for_a_while_with_its_moment(self, funded, slow):
        funded(wallet("p1"), 100)
        first = trial_balance()
        funded(wallet("p1"), 1)
        assert trial_balance() == first
        auditing._trial.good_until = first.as_of
        assert trial_balance().currencies[0].by_kind["wallet"] == 101
        assert len(slow) == 2

    def test_is_added_up_once_for_eight_who_ask_at_once(self, funded, slow):
        funded(wallet("p1"), 100)
        assert len({told.as_of for told in at_once(8, lambda _: trial_balance())}) == 1
        assert len(slow) == 1

    def test_is_unavailable_while_another_is_under_way(self, monkeypatch):
        monkeypatch.setattr(auditing, "TRIAL_WAIT_S", 0.01)
        refused = []

        def ask():
            try:
                trial_balance()
            except Unavailable as refusal:
                refused.append(refusal)

        with auditing._trial.lock:
            asking = threading.Thread(target=ask)
            asking.start()
            asking.join()
        assert len(refused) == 1
        assert trial_balance().agrees

    def test_that_takes_too_long_is_unavailable_and_leaves_the_way_free(self, funded, monkeypatch):
        funded(wallet("p1"), 100)
        with monkeypatch.context() as hurried:
            hurried.setattr(auditing, "TRIAL_TIMEOUT_S", 1e-9)
            with pytest.raises(Unavailable):
                trial_balance()
        assert trial_balance().agrees


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
