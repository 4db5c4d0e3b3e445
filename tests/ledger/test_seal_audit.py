"""Whatever is changed in a sealed book, to the byte, is found and named."""

import random
from datetime import UTC, datetime, timedelta

import bson
import pytest
from bson import Decimal128, Int64
from bson.raw_bson import RawBSONDocument
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import PyMongoError

from ledger import seal_entries, seal_findings
from ledger.entry import Entry
from ledger.seals import sealing_entries
from ledger.seals.canonical_json import entry_text
from ledger.seals.seal import Seal
from ledger.seals.sealing_entries import leaf_of
from shared import signing_keys
from shared.database import collection
from shared.ids import new_id
from shared.sealing import keyring
from tests.ledger.sealed_book import an_entry, change, put_raw, raw_of, thrown_away, written

SEALED = 8  # entries, in seals of three: 3, 3, 2


@pytest.fixture
def ids(app, monkeypatch):
    """The ids of a small book in three seals, in order; all is thrown away after the test."""
    monkeypatch.setattr(sealing_entries, "MAX_SEALED", 3)
    with thrown_away():
        made = written(*(timedelta(minutes=20 - number) for number in range(SEALED)))
        assert seal_entries() == SEALED
        assert seal_findings() == []
        yield made


def found():
    """(seal, entry, what) of each finding."""
    return [(one.number, one.entry_id, one.what) for one in seal_findings()]


def said():
    return [str(one) for one in seal_findings()]


def test_without_seals_there_is_nothing_to_find(app):
    assert seal_findings() == []


# ---- the entries


MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
CHANGES = {
    "an amount": {"$set": {"legs.1.amount": Int64(51)}},
    "the type of an amount": {"$set": {"legs.1.amount": 50}},
    "an amount to a fraction": {"$set": {"legs.1.amount": 50.0}},
    "an amount to what reads like one": {"$set": {"legs.1.amount": {"$literal": 50}}},
    "an account": {"$set": {"legs.1.account": "budget:u1:general:2026:1"}},
    "a currency": {"$set": {"legs.0.currency": "CNY"}},
    "a leg more": {"$push": {"legs": {"account": "expired", "currency": "FUB", "amount": 1}}},
    "a leg less": {"$pop": {"legs": 1}},
    "what it is about": {"$set": {"about.id": "g2"}},
    "when it counts from": {"$set": {"effective_at": MOMENT}},
    "when it was posted": {"$set": {"posted_at": MOMENT}},
    "its key": {"$set": {"key": "another"}},
    "its request hash": {"$set": {"request_hash": "1" * 64}},
    "its kind": {"$set": {"kind": "reversal"}},
    "a field more": {"$set": {"note": ""}},
    "a field that is nothing": {"$set": {"unit": None}},
    "a field less": {"$unset": {"request_hash": 1}},
    "the name of a field": {"$rename": {"key": "Key"}},
    "the order of fields": {"$rename": {"kind": "x"}},
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_entry_is_named(ids, name):
    chosen = ids[4]
    change(Entry, chosen, CHANGES[name])
    if name == "the order of fields":
        change(Entry, chosen, {"$rename": {"x": "kind"}})
    assert (2, chosen, "is not what was sealed in its place") in found()
    assert {one[1] for one in found()} == {chosen}


def test_the_order_of_an_entrys_fields_counts(ids):
    raw = raw_of(Entry, ids[0])
    document = bson.decode(raw)
    turned = {"_id": document.pop("_id"), **dict(reversed(document.items()))}
    put_raw(Entry, bson.encode(turned))
    assert [one[:2] for one in found()] == [(1, ids[0])]


def test_a_field_written_twice_is_seen(ids):
    raw = raw_of(Entry, ids[0])
    twice = raw[4:-1] + b"\x02key\0\x02\0\0\0x\0" + b"\0"
    put_raw(Entry, (len(twice) + 4).to_bytes(4, "little") + twice)
    assert [one[:2] for one in found()] == [(1, ids[0])]


def test_any_bit_of_an_entry_changes_its_leaf():
    raw = bson.encode(an_entry(MOMENT, unit="u1"))
    leaf = leaf_of(raw)
    for at in range(len(raw)):
        for bit in range(8):
            spoilt = raw[:at] + bytes([raw[at] ^ (1 << bit)]) + raw[at + 1 :]
            assert leaf_of(spoilt) != leaf, (at, bit)


@given(st.binary(max_size=80))
def test_any_bytes_have_a_text_of_their_own(raw):
    assert entry_text(raw)


def test_any_byte_changed_in_the_database_is_found(ids):
    """What the server still takes as a document, at random places of random entries."""
    randomly, tried = random.Random(7), 0
    for _ in range(60):
        chosen = randomly.choice(ids)
        raw = raw_of(Entry, chosen)
        # The id stays, or the entry would be another: see the test of a missing one.
        at = randomly.randrange(45, len(raw) - 1)
        spoilt = raw[:at] + bytes([raw[at] ^ randomly.randrange(1, 256)]) + raw[at + 1 :]
        collection(Entry).delete_one({"_id": chosen})
        try:
            collection(Entry).insert_one(RawBSONDocument(spoilt), bypass_document_validation=True)
        except (PyMongoError, bson.errors.InvalidBSON):
            collection(Entry).delete_one({"_id": chosen})
        else:
            tried += 1
            assert chosen in {one.entry_id for one in seal_findings()}, (at, spoilt)
        finally:
            put_raw(Entry, raw)
    assert tried > 20
    assert seal_findings() == []


def test_a_removed_entry_is_named(ids):
    collection(Entry).delete_one({"_id": ids[7]})
    assert found() == [(3, ids[7], "was sealed, and is missing")]


def test_an_entry_under_another_id_is_a_missing_one(ids):
    entry = collection(Entry).find_one_and_delete({"_id": ids[0]})
    collection(Entry).insert_one({**entry, "_id": new_id()}, bypass_document_validation=True)
    assert (1, ids[0], "was sealed, and is missing") in found()


def test_two_entries_that_changed_places_are_named(ids):
    one, other = (collection(Entry).find_one({"_id": chosen}) for chosen in ids[:2])
    collection(Entry).delete_many({"_id": {"$in": ids[:2]}})
    collection(Entry).insert_many([{**one, "_id": ids[1]}, {**other, "_id": ids[0]}])
    assert [finding[:2] for finding in found()] == [(1, ids[0]), (1, ids[1])]


def test_an_entry_slipped_in_behind_the_seals_is_named(ids):
    (slipped,) = written(timedelta(days=3))
    assert found() == [(None, slipped, "was posted more than an hour ago and is in no seal")]


def test_no_more_is_told_than_was_asked(ids):
    collection(Entry).delete_many({})
    assert len(seal_findings()) == SEALED
    assert len(seal_findings(limit=3)) == 3


# ---- the seals


def spoilt_values(value):
    """Other values for a field of a seal, of its own type, of another, and none."""
    if isinstance(value, datetime):
        return [value + timedelta(milliseconds=1), value.isoformat(), Int64(0)]
    if isinstance(value, int):
        return [Int64(value + 1), int(value), float(value), str(value)]
    if isinstance(value, bytes):
        turned = bytes([value[0] ^ 1]) + value[1:]
        return [turned, value[:-1], value + bytes(32), b"", value.hex()]
    if isinstance(value, list):
        return [
            list(reversed(value)),
            value[:-1],
            [*value, "0" * 24],
            [],
            None,
            [1],
            value[0],
            [{"$gt": ""}],
            [[value[0]]],
        ]
    return [value[:-1] + ("0" if value[-1] != "0" else "1"), value.upper() + "x", "", None]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_any_changed_field_of_a_seal_is_found(ids, number):
    raw = raw_of(Seal, number)
    tried = 0
    for name, value in collection(Seal).find_one({"_id": number}).items():
        for spoilt in spoilt_values(value) if name != "_id" else []:
            if spoilt == value and type(spoilt) is type(value):
                continue
            change_or_same = collection(Seal).update_one(
                {"_id": number}, {"$set": {name: spoilt}}, bypass_document_validation=True
            )
            if change_or_same.modified_count:
                tried += 1
                assert number in {one.number for one in seal_findings()}, (name, spoilt)
            put_raw(Seal, raw)
    assert tried > 40
    assert seal_findings() == []


def test_any_byte_changed_in_a_seal_is_found(ids):
    randomly, tried = random.Random(11), 0
    raw = raw_of(Seal, 2)
    for _ in range(60):
        at = randomly.randrange(17, len(raw) - 1)
        spoilt = raw[:at] + bytes([raw[at] ^ randomly.randrange(1, 256)]) + raw[at + 1 :]
        collection(Seal).delete_one({"_id": 2})
        try:
            collection(Seal).insert_one(RawBSONDocument(spoilt), bypass_document_validation=True)
        except (PyMongoError, bson.errors.InvalidBSON):
            collection(Seal).delete_one({"_id": 2})
        else:
            tried += 1
            assert seal_findings() != [], (at, spoilt)
        finally:
            put_raw(Seal, raw)
    assert tried > 20
    assert seal_findings() == []


def test_a_field_more_or_less_or_elsewhere_is_found(ids):
    raw = raw_of(Seal, 3)
    for update in ({"$set": {"note": 1}}, {"$unset": {"root": 1}}, {"$rename": {"root": "x"}}):
        change(Seal, 3, update)
        assert [one[0] for one in found()] == [3]
        put_raw(Seal, raw)
    seal = bson.decode(raw)
    put_raw(Seal, bson.encode({"_id": seal.pop("_id"), **dict(reversed(seal.items()))}))
    assert found() == [(3, None, "does not follow from the one before it: the form of its fields")]


@pytest.mark.parametrize("number", [1, 2])
def test_a_missing_seal_is_named_and_the_others_are_still_read(ids, number):
    collection(Seal).delete_one({"_id": number})
    collection(Entry).delete_one({"_id": ids[7]})
    missing, entry = found()
    assert missing == (number, None, f"is missing: the next one is {number + 1}")
    assert entry == (3, ids[7], "was sealed, and is missing")


def test_two_seals_that_changed_places_are_found(ids):
    one, other = (collection(Seal).find_one_and_delete({"_id": number}) for number in (1, 2))
    collection(Seal).insert_many([{**one, "_id": Int64(2)}, {**other, "_id": Int64(1)}])
    assert {1, 2} <= {finding[0] for finding in found()}


@pytest.mark.parametrize(
    "odd", ["4", None, 2.5, 4.0, float("nan"), float("inf"), Decimal128("4"), True, {"a": 1}]
)
def test_what_is_no_seal_is_named(ids, odd):
    collection(Seal).insert_one({"_id": odd, "entry_ids": ["x"]}, bypass_document_validation=True)
    (told,) = said()
    assert told.endswith("stands among the seals and is none")


def test_a_number_too_large_to_follow_is_found(ids):
    for field in ("total", "count"):
        raw = raw_of(Seal, 2)
        change(Seal, 2, {"$set": {field: Int64(2**63 - 1)}})
        assert {2, 3} >= {one[0] for one in found()} >= {2}
        put_raw(Seal, raw)


def test_an_entry_in_two_seals_is_named(ids):
    collection(Seal).drop_index("entry_ids_1")
    try:
        change(Seal, 3, {"$set": {"entry_ids": [ids[0], ids[7]]}})
        assert (None, ids[0], "stands in the seals more than once") in found()
        assert 3 in {one[0] for one in found()}
    finally:
        collection(Seal).delete_many({})
        Seal.ensure_indexes()


def test_an_entry_twice_in_one_seal_is_named(ids):
    change(Seal, 3, {"$set": {"entry_ids": [ids[7], ids[7]]}})
    assert (None, ids[7], "stands in the seals more than once") in found()


def test_who_makes_everything_anew_cannot_sign_it(ids, monkeypatch):
    """Whoever can write anywhere changes an entry and every hash after it, without the key."""
    signatures = {seal["_id"]: seal["signature"] for seal in collection(Seal).find()}
    collection(Seal).delete_many({})
    change(Entry, ids[0], {"$set": {"about.id": "g2"}})
    monkeypatch.setattr(
        sealing_entries, "signature_over", lambda seal: signatures[int(seal["_id"])]
    )
    assert seal_entries() == SEALED
    assert found() == [
        (number, None, "does not bear the signature of its head") for number in (1, 2, 3)
    ]


def test_a_signature_by_a_key_that_is_not_ours_is_found(ids, monkeypatch):
    ring = keyring("seals")
    monkeypatch.setattr(signing_keys, "keyring", lambda _: ring._replace(keys={"k9": bytes(32)}))
    assert said() == [f"seal {n}: is signed by the key k1, not held here" for n in (1, 2, 3)]
