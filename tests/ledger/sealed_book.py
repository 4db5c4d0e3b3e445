"""A small sealed book to spoil: raw entries, and changes past every validator."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import bson
from bson import Int64
from bson.raw_bson import RawBSONDocument

from ledger import seal_entries
from ledger.balance import Balance
from ledger.entry import Entry
from ledger.seals.seal import Seal
from shared.clock import real_now
from shared.database import collection
from shared.ids import new_id


def seal_now(**more: Any) -> int:
    """Seal all that was ever posted, without the delay."""
    return seal_entries(older_than=timedelta(0), **more)


def an_entry(posted_at: datetime, **more: Any) -> dict[str, Any]:
    """A sound entry as the book would write it, posted at some other time."""
    entry_id = new_id()
    return {
        "_id": entry_id,
        "key": f"test:{entry_id}",
        "request_hash": "0" * 64,
        "kind": "budget_grant",
        "legs": [
            {"account": "issued:350102:2026", "currency": "FUB", "amount": Int64(-50)},
            {"account": "budget:u1:general:2026:0", "currency": "FUB", "amount": Int64(50)},
        ],
        "about": {"kind": "budget_grant", "id": "g1"},
        "effective_at": posted_at,
        "posted_at": posted_at,
        **more,
    }


def written(*ago: timedelta) -> list[str]:
    """Write an entry posted so long ago for each; their ids. The balances know nothing of them."""
    entries = [an_entry(real_now() - one) for one in ago]
    collection(Entry).insert_many(entries)
    return [entry["_id"] for entry in entries]


def put_raw(document: type, raw: bytes) -> None:
    """Put a document's bytes in the place of what has its id, past the validator."""
    plain = collection(document)
    plain.delete_one({"_id": bson.decode(raw)["_id"]})
    plain.insert_one(RawBSONDocument(raw), bypass_document_validation=True)


def raw_of(document: type, one_id: Any) -> bytes:
    """The stored bytes of a document."""
    plain = collection(document)
    options = plain.codec_options.with_options(document_class=RawBSONDocument)
    return bytes(plain.with_options(codec_options=options).find_one({"_id": one_id}).raw)


def change(document: type, one_id: Any, update: dict[str, Any]) -> None:
    """Change a stored document past the validator."""
    done = collection(document).update_one({"_id": one_id}, update, bypass_document_validation=True)
    assert done.modified_count == 1


@contextmanager
def thrown_away() -> Iterator[None]:
    """Take the book away at the end, for what was done to it would not be proven."""
    try:
        yield
    finally:
        for document in (Entry, Balance, Seal):
            collection(document).delete_many({})
