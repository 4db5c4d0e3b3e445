"""A proof of inclusion leads from an entry's own text to any published head, and is short."""

from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from ledger import (
    EntryNotFound,
    NotSealedYet,
    SealNotFound,
    inclusion_proof,
    public_keys,
    published_head,
    seal_entries,
    seal_findings,
)
from ledger.seals import sealing_entries
from ledger.seals.heads import hash_of_header, is_signed
from ledger.seals.merkle import leaf_hash, root_from
from ledger.seals.seal import Seal
from shared import signing_keys
from shared.database import collection
from shared.sealing import Keyring, keyring
from tests.ledger.sealed_book import seal_now, thrown_away, written

SEALED = 23


@pytest.fixture(autouse=True)
def thrown_away_book(app):
    with thrown_away():
        yield


@pytest.fixture
def ids(monkeypatch):
    """The ids of a book in 12 seals of two entries and one, in order."""
    monkeypatch.setattr(sealing_entries, "MAX_SEALED", 2)
    made = written(*(timedelta(minutes=40 - number) for number in range(SEALED)))
    assert seal_entries() == SEALED
    return made


def holds(proof):
    """Whether the proof leads from its entry to its head."""
    path = [bytes.fromhex(one) for one in proof.path]
    leaf = leaf_hash(proof.entry.encode())
    if root_from(leaf, proof.index, proof.seal.count, path).hex() != proof.seal.root:
        return False
    path = [bytes.fromhex(one) for one in proof.seal_path]
    reached = root_from(hash_of_header(proof.seal), proof.seal.number - 1, proof.head.number, path)
    return reached.hex() == proof.head.root and is_signed(proof.head) is True


def test_every_entry_is_proven_under_every_head_from_its_seal_on(ids):
    for place, entry_id in enumerate(ids):
        number = place // 2 + 1
        for head_number in range(number, 13):
            proof = inclusion_proof(entry_id, head_number=head_number)
            assert holds(proof), (entry_id, head_number)
            assert (proof.seal.number, proof.index) == (number, place % 2)
            assert len(proof.seal_path) <= 4
            assert entry_id in proof.entry
        assert inclusion_proof(entry_id).head == published_head()


def test_a_proof_of_something_else_does_not_hold(ids):
    proof = inclusion_proof(ids[5])
    assert not holds(replace(proof, entry=proof.entry.replace('"50"', '"51"')))
    assert not holds(replace(proof, entry=inclusion_proof(ids[4]).entry))
    assert not holds(replace(proof, seal=replace(proof.seal, total=7)))
    assert not holds(replace(proof, head=replace(proof.head, total=24)))


def test_an_entry_that_was_changed_is_no_longer_proven(ids):
    collection(sealing_entries.Entry).update_one(
        {"_id": ids[3]}, {"$set": {"about.id": "g2"}}, bypass_document_validation=True
    )
    assert not holds(inclusion_proof(ids[3]))
    assert holds(inclusion_proof(ids[2]))


def test_refusals_say_what_is_missing(ids):
    (fresh,) = written(timedelta(seconds=1))
    with pytest.raises(EntryNotFound):
        inclusion_proof("0" * 24)
    with pytest.raises(NotSealedYet):
        inclusion_proof(fresh)
    with pytest.raises(NotSealedYet):
        inclusion_proof(ids[5], head_number=2)
    with pytest.raises(SealNotFound):
        inclusion_proof(ids[5], head_number=13)


def test_a_proof_is_only_for_accounts_that_the_entry_touches(ids):
    touched = "budget:u1:general:2026:0"
    assert holds(inclusion_proof(ids[0], touching=("wallet:p1", touched)))
    with pytest.raises(EntryNotFound):
        inclusion_proof(ids[0], touching=("wallet:p1",))


def test_without_seals_there_is_no_head():
    with pytest.raises(SealNotFound):
        published_head()


def test_every_head_stays_published(ids):
    for number in range(1, 13):
        head = published_head(number)
        assert (head.number, head.total) == (number, min(number * 2, SEALED))
        assert is_signed(head)
    assert published_head() == published_head(12)


def test_a_changed_head_does_not_bear_its_signature(ids):
    head = published_head()
    for name in asdict(head):
        other = 99 if isinstance(getattr(head, name), int) else "0" * 128
        if name != "key_id":
            assert is_signed(replace(head, **{name: other})) is False, name
    assert is_signed(replace(head, key_id="k0")) is None
    assert is_signed(replace(head, signature="no hex")) is False


def test_after_a_rotation_both_keys_are_published_and_both_heads_hold(ids, monkeypatch):
    old = keyring("seals")
    ring = Keyring("k2", {**old.keys, "k2": bytes(range(32))})
    for module in (signing_keys, sealing_entries):
        monkeypatch.setattr(module, "keyring", lambda _: ring)
    written(timedelta(minutes=5))
    assert seal_now() == 1
    assert [key.key_id for key in public_keys()] == ["k1", "k2"]
    assert [published_head(number).key_id for number in (12, 13)] == ["k1", "k2"]
    assert holds(inclusion_proof(ids[0]))
    assert holds(inclusion_proof(ids[0], head_number=12))
    assert seal_findings() == []


def test_no_more_than_a_few_seals_are_read_for_a_path(ids, monkeypatch):
    asked = []
    find = type(collection(Seal)).find

    def counting(plain, *arguments, **more):
        asked.append(arguments[0])
        return find(plain, *arguments, **more)

    monkeypatch.setattr(type(collection(Seal)), "find", counting)
    inclusion_proof(ids[0])
    (numbers,) = [
        one["_id"]["$in"]
        for one in asked
        if "$in" in str(one.get("_id", "")) and isinstance(one["_id"]["$in"][0], int)
    ]
    assert len(numbers) <= 4 * 4
