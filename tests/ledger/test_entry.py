"""What the server itself refuses as an entry or a balance, whoever writes it."""

from datetime import UTC, datetime

import pytest
from bson import Decimal128, Int64
from pymongo.errors import WriteError

from ledger import Balance, Entry
from shared.database import collection
from shared.ids import new_id

PAST_EXACT = 2**53


def stored(legs=None, **changes):
    """An entry as the server would keep it, with one thing changed."""
    sound = {
        "_id": new_id(),
        "key": "k1",
        "request_hash": "0" * 64,
        "kind": "reward",
        "legs": legs if legs is not None else [leg(-5, "issued:350102:2026"), leg(5)],
        "about": {"kind": "task", "id": "t1"},
        "effective_at": datetime(2026, 1, 1, tzinfo=UTC),
        "posted_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return {**sound, **changes}


def leg(amount, account="payable:p1", currency="FUB", **more):
    amount = Int64(amount) if type(amount) is int else amount
    return {"account": account, "currency": currency, "amount": amount, **more}


def write(entry):
    collection(Entry).insert_one(entry)


def test_a_sound_entry_is_let_in():
    write(stored())
    assert collection(Entry).count_documents({}) == 1


def test_two_currencies_are_let_in_where_each_sums_to_zero():
    write(stored([leg(5), leg(-5), leg(7, currency="CNY"), leg(-7, currency="CNY")]))
    assert collection(Entry).count_documents({}) == 1


@pytest.mark.parametrize(
    "legs",
    [
        [leg(5), leg(-4)],
        [leg(5), leg(-5, currency="CNY")],
        [leg(5), leg(-5), leg(1, currency="CNY")],
        [leg(5)],
        [],
        "none",
        [leg(0), leg(0)],
        [leg(0.5), leg(-0.5)],
        [leg(5.0), leg(-5.0)],
        [leg(Decimal128("5")), leg(Decimal128("-5"))],
        [leg("5"), leg("-5")],
        [leg(PAST_EXACT), leg(-PAST_EXACT)],
        [leg(5, "purse:p1"), leg(-5)],
        [leg(5, "payable:a|b"), leg(-5)],
        [leg(5, currency="USD"), leg(-5, currency="USD")],
        [leg(5, memo="thanks"), leg(-5)],
        [leg(1), leg(-1)] * 101,
    ],
    ids=lambda legs: str(legs)[:60],
)
def test_unsound_legs_are_kept_out(legs):
    with pytest.raises(WriteError, match="validation"):
        write(stored(legs))


@pytest.mark.parametrize(
    "changes",
    [
        {"memo": "for the kind lady"},
        {"kind": "gift"},
        {"key": "with space"},
        {"request_hash": "short"},
        {"about": {"kind": "task"}},
        {"about": {"kind": "task", "id": "t1", "name": "Lin"}},
        {"posted_at": "2026-01-01"},
        {"effective_at": None},
        {"_id": "not an id"},
    ],
    ids=str,
)
def test_unknown_or_misshapen_fields_are_kept_out(changes):
    with pytest.raises(WriteError, match="validation"):
        write(stored(**changes))


@pytest.mark.parametrize("name", ["key", "request_hash", "kind", "legs", "about", "posted_at"])
def test_no_field_may_be_missing(name):
    entry = stored()
    del entry[name]
    with pytest.raises(WriteError, match="validation"):
        write(entry)


def test_an_entry_cannot_be_made_unsound_afterwards():
    entry = stored()
    write(entry)
    with pytest.raises(WriteError, match="validation"):
        collection(Entry).update_one({"_id": entry["_id"]}, {"$set": {"legs.0.amount": Int64(-6)}})


@pytest.mark.parametrize(
    "balance",
    [
        {"_id": "wallet:p1|FUB", "posted": Int64(-1)},
        {"_id": "wallet:p1|FUB", "posted": 1.0},
        {"_id": "wallet:p1|FUB"},
        {"_id": "wallet:p1|FUB", "posted": Int64(1), "name": "Lin"},
        {"_id": "wallet:p1", "posted": Int64(1)},
        {"_id": "purse:p1|FUB", "posted": Int64(1)},
    ],
    ids=str,
)
def test_an_unsound_balance_is_kept_out(balance):
    with pytest.raises(WriteError, match="validation"):
        collection(Balance).insert_one(balance)


def test_an_entry_of_a_newer_version_is_read_past_what_it_added():
    newer = stored(legs=[leg(-5, memo="x"), leg(5, "wallet:p1")])
    newer["about"]["label"] = "y"
    entry = Entry._from_son(newer)
    assert [one.amount for one in entry.legs] == [-5, 5]
    assert entry.about.id == "t1"
