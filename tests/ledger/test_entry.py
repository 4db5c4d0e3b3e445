"""What the server itself refuses as an entry or a balance, whoever writes it."""

from datetime import timedelta

import pytest
from bson import Decimal128, Int64
from pymongo.errors import DuplicateKeyError, WriteError

from ledger import Balance, Entry, EntryKind
from shared.clock import real_now
from shared.database import collection
from shared.ids import new_id

PAST_EXACT = 2**53
NOW = real_now()


def stored(legs=None, **changes):
    """An entry as the server would keep it, with one thing changed."""
    sound = {
        "_id": new_id(),
        "key": "k1",
        "request_hash": "0" * 64,
        "kind": "settlement",
        "legs": legs if legs is not None else [leg(-5, "exchange:CNY"), leg(5)],
        "about": {"kind": "task", "id": "t1"},
        "effective_at": NOW,
        "posted_at": NOW,
    }
    return {**sound, **changes}


def leg(amount, account="payable:p1", currency="FUB", **more):
    amount = Int64(amount) if type(amount) is int else amount
    return {"account": account, "currency": currency, "amount": amount, **more}


def out(amount, currency="FUB"):
    return leg(amount, "exchange:CNY", currency)


def write(entry):
    collection(Entry).insert_one(entry)


def test_a_sound_entry_is_let_in():
    write(stored())
    assert collection(Entry).count_documents({}) == 1


def test_two_currencies_are_let_in_where_each_sums_to_zero():
    in_coins = [leg(-5, "exchange:CNY"), leg(5)]
    in_fen = [leg(-7, "exchange:CNY", currency="CNY"), leg(7, currency="CNY")]
    write(stored([*in_coins, *in_fen]))
    assert collection(Entry).count_documents({}) == 1


@pytest.mark.parametrize(
    "legs",
    [
        [leg(5), out(-4)],
        [leg(5), out(-5, currency="CNY")],
        [leg(5), out(-5), leg(1, currency="CNY")],
        [leg(5)],
        [],
        "none",
        [leg(0), out(0)],
        [leg(0.5), out(-0.5)],
        [leg(5.0), out(-5.0)],
        [leg(Decimal128("5")), out(Decimal128("-5"))],
        [leg("5"), out("-5")],
        [leg(PAST_EXACT), out(-PAST_EXACT)],
        [leg(5, "purse:p1"), out(-5)],
        [leg(5, "payable:a|b"), out(-5)],
        [leg(5, currency="USD"), out(-5, currency="USD")],
        [leg(5, memo="thanks"), out(-5)],
        [leg(5), leg(5), out(-10)],
        [leg(5, lots={"2026-13": Int64(5)}), out(-5)],
        [leg(5, lots={"2026-12": Int64(0)}), out(-5)],
        [leg(5, lots={"2026-12": 1.5}), out(-5)],
        [*(leg(1, f"payable:p{number}") for number in range(200)), out(-200)],
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
        {"effective_at": NOW + timedelta(milliseconds=1)},
        {"unit": "a b"},
        {"returns": "order:v1"},
        {"reverses": new_id()},
        {"reason": "fraud"},
        {"kind": "reversal"},
        {"kind": "reversal", "reverses": new_id()},
        {"kind": "reversal", "reverses": new_id(), "reason": "because"},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_unknown_or_misshapen_fields_are_kept_out(changes):
    with pytest.raises(WriteError, match="validation"):
        write(stored(**changes))


@pytest.mark.parametrize(
    "kind", sorted(set(EntryKind) - {EntryKind.SETTLEMENT, EntryKind.REVERSAL})
)
def test_a_kind_with_legs_on_accounts_it_does_not_move_is_kept_out(kind):
    with pytest.raises(WriteError, match="validation"):
        write(stored(kind=kind.value))


def test_nothing_is_reversed_twice():
    undoing = {"kind": "reversal", "reverses": new_id(), "reason": "fraud"}
    write(stored(**undoing))
    with pytest.raises(DuplicateKeyError):
        write(stored(**undoing, key="k2"))
    collection(Entry).delete_many({})


def test_no_key_is_used_twice():
    write(stored())
    with pytest.raises(DuplicateKeyError):
        write(stored())


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
    "changes",
    [
        {"posted": Int64(-1)},
        {"posted": 1.0},
        {"entries": None},
        {"name": "Lin"},
        {"_id": "wallet:p1"},
        {"_id": "purse:p1|FUB"},
        {"held": Int64(-1)},
        {"held": Int64(11)},
        {"owes": Int64(-1)},
        {"owes": Int64(1)},
        {"owes": Int64(1), "held": Int64(9)},
        {"lots": {"2026-13": Int64(1)}},
        {"lots": {"2026-12": Int64(-1)}},
        {"lots": {"2026-12": Int64(6), "2027-01": Int64(5)}},
        {"lots": {"2026-12": Int64(6)}, "held": Int64(5)},
    ],
    ids=str,
)
def test_an_unsound_balance_is_kept_out(changes):
    sound = {"_id": "wallet:p1|FUB", "posted": Int64(10), "entries": Int64(1)}
    with pytest.raises(WriteError, match="validation"):
        collection(Balance).insert_one(sound | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"held": Int64(10), "owes": Int64(5)},
        {"lots": {"2026-12": Int64(6), "2027-01": Int64(4)}},
        {"lots": {"2026-12": Int64(6)}, "held": Int64(4), "earliest_lot": "2026-12"},
    ],
    ids=str,
)
def test_a_sound_balance_is_let_in(changes):
    sound = {"_id": "wallet:p1|FUB", "posted": Int64(10), "entries": Int64(1)}
    collection(Balance).insert_one(sound | changes)
    collection(Balance).delete_many({})


def test_an_entry_of_a_newer_version_is_read_past_what_it_added():
    newer = stored(legs=[leg(-5, "task:t1", memo="x"), leg(5, "wallet:p1")])
    newer["about"]["label"] = "y"
    entry = Entry._from_son(newer)
    assert [one.amount for one in entry.legs] == [-5, 5]
    assert entry.about.id == "t1"
