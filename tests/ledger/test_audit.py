"""The proof of the book: silent on a sound one, and no field can be tampered with unseen."""

import threading
from datetime import timedelta

import pytest
from bson import DatetimeMS, Int64
from pymongo.errors import WriteError

import cli
from ledger import (
    Balance,
    Entry,
    FindingKind,
    Hold,
    ReasonCode,
    close_month,
    hold_coins,
    merchant,
    post_one,
    prove,
    prove_book,
    reverse_entry,
    settle_hold,
    task,
    voucher,
    wallet,
)
from ledger.book_closing import MonthBalance
from ledger.proof import audit
from ledger.seals.sealing_entries import seal_entries
from shared.clock import business_month, business_month_start, month_later, real_now
from shared.database import collection
from shared.errors import Unavailable
from tests.ledger import tampering
from tests.ledger.coins import PURSE
from tests.ledger.tampering import change, found, put, said

NOW = timedelta(0)
# What a field may be made: a number that is close, far, broken, none; a text; nothing; a heap.
SPOILT = (Int64(7), Int64(-7), 1.5, 2**62, "", "x", None, {}, {"a": 1}, [], True, float("nan"))

# Fields of a hold that nothing else in the book speaks of.
SPOKEN_OF_NOWHERE = {"key", "made_at", "ended_at"}
PARALLEL_ARRAYS = 171  # the server's code for what no index can hold


@pytest.fixture(autouse=True)
def spoilt():
    yield
    tampering.take_away()


@pytest.fixture
def book(funded, moving):
    """A book with something of everything: lots, a return, holds, a reversal, a debt, a closing."""
    last = month_later(business_month(real_now()), -1)
    funded(task("t1"), 300, effective_at=business_month_start(last))
    paid = post_one(moving(100, task("t1"), wallet("p1"), lasts_months=3))
    post_one(moving(60, wallet("p1"), voucher("v1"), key="order:1"))
    post_one(moving(60, voucher("v1"), wallet("p1"), returns="order:1"))
    until = real_now() + timedelta(hours=1)
    for key in ("h1", "h2"):
        hold_coins(wallet("p1"), 30, key=key, about=("top_up", "1"), expires_at=until)
    settle_hold(Hold.objects(key="h1").get().id, into=merchant("m1"), amount=20)
    reverse_entry(paid, reason=ReasonCode.FRAUD, effective_at=real_now(), by_id="o1")
    close_month(last, by_id="o1")
    seal_entries(older_than=NOW)


def spoilt_fields(document):
    """Every path into a stored document, those of its lists and mappings included."""

    def within(value, path):
        yield path
        inner = value.items() if isinstance(value, dict) else ()
        inner = enumerate(value) if isinstance(value, list) else inner
        for name, part in inner:
            yield from within(part, f"{path}.{name}")

    for name, value in document.items():
        if name != "_id":
            yield from within(value, name)


def spoil(document, whole, path, value):
    """Whether the document is another one with this value there."""
    try:
        done = collection(document).update_one(
            {"_id": whole["_id"]}, {"$set": {path: value}}, bypass_document_validation=True
        )
    except WriteError as error:
        if error.code != PARALLEL_ARRAYS:
            raise
        return False
    return done.modified_count == 1


def put_back(document, whole):
    collection(document).replace_one({"_id": whole["_id"]}, whole, bypass_document_validation=True)


class TestASoundBook:
    def test_is_silent_when_empty(self):
        assert prove() == []

    def test_is_silent_with_something_of_everything(self, book):
        assert prove() == []

    def test_says_what_was_gone_through(self, book):
        proof = prove_book()
        assert proof.findings == []
        assert (proof.entries, proof.accounts, proof.holds, proof.seals) == (7, 5, 2, 1)
        assert proof.seconds > 0

    def test_stays_silent_while_it_is_written(self, funded, moving):
        funded(wallet("p1"), 500)
        entries = [moving(1, wallet("p1"), voucher(f"v{number}")) for number in range(60)]
        posting = threading.Thread(target=lambda: [post_one(entry) for entry in entries])
        posting.start()
        proofs = [prove()]
        while posting.is_alive():
            proofs.append(prove())
        posting.join()
        assert proofs == [[]] * len(proofs)
        assert Entry.objects.count() > 60


class TestTampering:
    @pytest.mark.parametrize("document", [Entry, Balance, Hold, MonthBalance])
    def test_with_any_field_is_found(self, book, document):
        """Each field of one document after the other is spoilt in two ways, and put back."""
        # The one with the most to spoil.
        whole = max(collection(document).find(), key=lambda one: len(list(spoilt_fields(one))))
        unseen = []
        for number, path in enumerate(spoilt_fields(whole)):
            for value in SPOILT[number % 6 :: 6]:
                if spoil(document, whole, path, value) and prove() == []:
                    unseen.append((path, value))
                put_back(document, whole)
        assert [one for one in unseen if one[0] not in SPOKEN_OF_NOWHERE] == []
        assert prove() == []

    def test_with_an_entry_the_validator_would_not_let_in_is_named(self, funded):
        funded(task("t1"), 100)
        entry = Entry.objects.first()
        change(Entry, entry.id, {"$set": {"memo": "x"}})
        assert found() == [(FindingKind.UNSOUND_ENTRY, entry.id, None, None)]
        assert said() == [f"entry {entry.id} is not one that the book takes"]

    def test_with_a_balance_below_zero_is_named(self):
        put(Balance, {"_id": "wallet:p1|FUB", "posted": Int64(-5), "entries": Int64(0)})
        assert [kind for kind, *_ in found()] == [
            FindingKind.UNSOUND_BALANCE,
            FindingKind.BALANCE_DIFFERS,
        ]
        assert said()[0] == "the stored balance of wallet:p1|FUB is not one that the book takes"

    def test_with_a_hold_that_pays_beyond_its_amount_is_named(self, book):
        hold = Hold.objects(key="h1").get().id
        change(Hold, hold, {"$set": {"settled": Int64(31)}})
        assert f"hold {hold} is not one that the book takes" in said()

    def test_with_a_sealed_entry_is_named_with_its_seal(self, book):
        entry = Entry.objects(kind="order").get()
        change(Entry, entry.id, {"$set": {"about.id": "v2"}})
        assert found() == [
            (
                FindingKind.SEAL_BROKEN,
                entry.id,
                f"seal 1, entry {entry.id}: is not what was sealed in its place",
                None,
            )
        ]

    def test_with_a_moment_that_no_calendar_has_is_found(self, funded):
        funded(PURSE, 100)
        entry = Entry.objects.first()
        change(Entry, entry.id, {"$set": {"effective_at": DatetimeMS(2**60)}})
        assert found() == [(FindingKind.UNSOUND_ENTRY, entry.id, None, None)]
        change(Entry, entry.id, {"$set": {"posted_at": DatetimeMS(2**60), "memo": "x"}})
        assert found() == [(FindingKind.UNSOUND_ENTRY, entry.id, None, None)]


class TestTheFirstDifference:
    def test_is_the_one_posted_first(self, funded):
        funded(task("t1"), 100)
        first, second = Entry.objects.order_by("posted_at", "id")
        change(Balance, "task:t1|FUB", {"$inc": {"posted": Int64(1)}})
        change(Entry, second.id, {"$set": {"memo": "x"}})
        change(Entry, first.id, {"$set": {"memo": "x"}})
        assert [where for _, where, *_ in found()] == [first.id, second.id, "task:t1|FUB"]


class TestTheCommand:
    @pytest.fixture(autouse=True)
    def of_the_book_alone(self, monkeypatch):
        # The vouchers of these books are names, which no catalogue has issued.
        monkeypatch.setattr(cli.catalog, "prove_catalogue", list)

    def run(self, app):
        return cli.app.test_cli_runner().invoke(args=["prove"])

    def test_leaves_with_zero_where_the_book_agrees(self, app, book):
        result = self.run(app)
        assert result.exit_code == 0
        assert result.output.startswith(
            "the book agrees: proven 7 entries, 5 accounts, 2 holds and 1 seals in "
        )

    def test_names_the_first_difference_first_and_leaves_with_one(self, app, funded):
        funded(wallet("p1"), 100)
        change(Balance, "wallet:p1|FUB", {"$inc": {"posted": Int64(1), "entries": Int64(1)}})
        result = self.run(app)
        assert result.exit_code == 1
        first, second, total, _catalogue = result.output.splitlines()
        assert first == (
            "THE BOOK DIFFERS, first here: wallet:p1|FUB holds 101, but its entries sum to 100"
        )
        assert second == "  wallet:p1|FUB counts 2 entries, but 1 touch it"
        assert total.startswith("differences: 2 (balance_differs 1, entries_differ 1); gone ")

    def test_says_plainly_that_the_database_did_not_answer(self, app, monkeypatch):
        monkeypatch.setattr(audit, "AUDIT_TIMEOUT_S", 1e-9)
        with pytest.raises(Unavailable):
            prove()
        result = self.run(app)
        assert result.exit_code == 1
        assert "Please try again in a moment." in result.output
