"""The trial balance: zero in each currency and each unit, added up from the last closed month."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from bson import Int64

from ledger import Balance, Entry, post_one, trial_balance, voucher, wallet
from ledger import trial_balances as trying
from ledger.book_closing import MonthBalance
from shared.database import collection
from shared.errors import Unavailable
from tests.ledger.coins import PURSE, SOURCE
from tests.ledger.past_book import PastBook, examined, profiled
from tests.racing import at_once

P1 = wallet("p1")
START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def book():
    book = PastBook()
    yield book
    book.take_away()


def kinds(told):
    return {totals.currency: totals.by_kind for totals in told.currencies}


class TestTheWholeBook:
    def test_of_an_empty_book_names_no_currency(self):
        assert trial_balance().currencies == ()
        assert trial_balance().agrees

    def test_totals_each_kind_of_account_and_is_zero_in_each_currency(self, funded, moving):
        funded(P1, 100)
        funded(wallet("p2"), 50)
        funded(P1, 7, currency="CNY")
        post_one(moving(30, P1, voucher("v1")))
        told = trial_balance()
        assert {
            currency: {kind: total for kind, total in by_kind.items() if total}
            for currency, by_kind in kinds(told).items()
        } == {
            "FUB": {"issued": -150, "voucher": 30, "wallet": 120},
            "CNY": {"issued": -7, "wallet": 7},
        }
        assert [totals.total for totals in told.currencies] == [0, 0]
        assert told.agrees
        assert told.starts_from is None

    def test_shows_an_entry_that_does_not_balance(self, book):
        entry_id = book.write(100, SOURCE, PURSE, START)
        collection(Entry).update_one(
            {"_id": entry_id},
            {"$set": {"legs.1.amount": Int64(101)}},
            bypass_document_validation=True,
        )
        assert trial_balance().currencies[0].total == 1
        assert not trial_balance().agrees

    def test_asks_the_entries_and_not_the_stored_balances(self, book):
        book.write(100, SOURCE, PURSE, START)
        collection(Balance).update_one({}, {"$inc": {"posted": Int64(5)}})
        assert trial_balance().agrees


class TestAfterAClosing:
    @pytest.fixture
    def closed(self, book):
        """April is closed; P1 rested in it; May has an entry dated back to April 30."""
        book.write(500, SOURCE, PURSE, START)
        book.write(40, PURSE, P1, START + DAY)
        book.close("2026-03", datetime(2026, 4, 5, tzinfo=UTC))
        book.write(60, PURSE, P1, START + 60 * DAY, START + 61 * DAY)
        book.write(9, SOURCE, PURSE, START + 45 * DAY, currency="CNY")
        book.close("2026-04", datetime(2026, 5, 5, tzinfo=UTC))
        book.write(15, P1, voucher("v1"), START + 70 * DAY)
        return book

    def test_is_the_same_as_from_the_beginning(self, closed):
        told = trial_balance()
        assert told.starts_from == "2026-04"
        assert kinds(told) == {
            "FUB": {"issued": -500, "budget": 400, "wallet": 85, "voucher": 15},
            "CNY": {"issued": -9, "budget": 9},
        }
        assert told.agrees

    def test_reads_the_entries_of_the_open_month_alone(self, closed):
        with profiled() as records:
            trial_balance()
        assert examined(records, Entry) == 2

    def test_shows_a_stored_balance_that_was_changed(self, closed):
        collection(MonthBalance).update_one(
            {"_id": f"2026-04|{P1}|FUB"}, {"$inc": {"balance": Int64(3)}}
        )
        assert not trial_balance().agrees


class TestOfUnits:
    @pytest.fixture
    def streets(self, funded, moving):
        """Two streets and an entry of no unit; one street pays a task and a person."""
        funded(PURSE, 500)
        post_one(moving(100, PURSE, "task:t1", unit="street"))
        post_one(moving(40, "task:t1", P1, unit="street"))
        post_one(moving(7, SOURCE, PURSE, unit="harbour", currency="CNY"))

    def test_counts_that_unit_s_entries_and_is_zero(self, streets):
        told = trial_balance(unit="street")
        (coins,) = told.currencies
        assert coins.by_kind == {"budget": -100, "task": 60, "wallet": 40}
        assert (coins.currency, coins.unit, coins.total) == ("FUB", "street", 0)
        assert told.agrees

    def test_of_a_unit_without_entries_names_no_currency(self, streets):
        assert trial_balance(unit="nowhere").currencies == ()

    def test_of_each_unit_names_them_all_and_joins_to_the_whole(self, streets):
        told = trial_balance(each_unit=True)
        assert [(totals.currency, totals.unit) for totals in told.currencies] == [
            ("FUB", None),
            ("FUB", "street"),
            ("CNY", "harbour"),
        ]
        assert {totals.total for totals in told.currencies} == {0}
        whole = kinds(trial_balance())["FUB"]
        for kind, total in whole.items():
            parts = [one.by_kind.get(kind, 0) for one in told.currencies if one.currency == "FUB"]
            assert sum(parts) == total


class TestOfALargeBook:
    @pytest.fixture
    def slow(self, monkeypatch):
        """Lets each adding up count as a burden; how many there were."""
        monkeypatch.setattr(trying, "BURDEN", timedelta(seconds=-1))
        added_up, runs = trying._added_up, []
        monkeypatch.setattr(
            trying, "_added_up", lambda question: runs.append(question) or added_up(question)
        )
        yield runs
        trying._trial.told.clear()

    def test_is_told_again_for_a_while_with_its_moment(self, funded, slow, monkeypatch):
        funded(P1, 100)
        first = trial_balance()
        funded(P1, 1)
        assert trial_balance() == first
        monkeypatch.setattr(trying, "real_now", lambda: first.as_of + trying.GOOD_FOR + DAY)
        assert trial_balance().currencies[0].by_kind["wallet"] == 101
        assert len(slow) == 2

    def test_another_question_is_not_told_the_same(self, funded, slow):
        funded(P1, 100, unit="street")
        assert trial_balance() != trial_balance(unit="street") == trial_balance(unit="street")
        assert len(slow) == 2

    def test_is_added_up_once_for_eight_who_ask_at_once(self, funded, slow):
        funded(P1, 100)
        assert len({told.as_of for told in at_once(8, lambda _: trial_balance())}) == 1
        assert len(slow) == 1

    def test_is_unavailable_while_another_is_under_way(self, monkeypatch):
        monkeypatch.setattr(trying, "TRIAL_WAIT_S", 0.01)
        refused = []

        def ask():
            try:
                trial_balance()
            except Unavailable as refusal:
                refused.append(refusal)

        with trying._trial.lock:
            asking = threading.Thread(target=ask)
            asking.start()
            asking.join()
        assert len(refused) == 1
        assert trial_balance().agrees

    def test_that_takes_too_long_is_unavailable_and_leaves_the_way_free(self, funded, monkeypatch):
        funded(P1, 100)
        with monkeypatch.context() as hurried:
            hurried.setattr(trying, "TRIAL_TIMEOUT_S", 1e-9)
            with pytest.raises(Unavailable):
                trial_balance()
        assert trial_balance().agrees
