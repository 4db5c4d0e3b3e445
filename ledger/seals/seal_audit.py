"""The seals check themselves: each is made anew from the stored entries and held against itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, zip_longest
from typing import Any

from bson import decode, encode
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument

from ledger.seals.heads import head_of, is_signed
from ledger.seals.seal import Seal
from ledger.seals.sealing_entries import (
    entry_walk,
    leaf_of,
    leaves_in,
    raw_entries,
    readable_anyhow,
    seal_after,
)
from shared.clock import real_now
from shared.database import collection

# Two minutes of delay and a run of the timetable are over long before.
SEALED_WITHIN = timedelta(hours=1)
THE_END = datetime(9999, 12, 31, tzinfo=UTC)  # no moment that Python can read is later
# What reading, hashing or storing anew raises where a field is not what it should be.
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, BSONError)


@dataclass(frozen=True)
class SealFinding:
    """One thing that is wrong with a seal, or with an entry that is or should be in one."""

    number: int | None
    entry_id: str | None
    what: str

    def __str__(self) -> str:
        where = [f"seal {self.number}"] if self.number is not None else []
        where += [f"entry {self.entry_id}"] if self.entry_id is not None else []
        return ": ".join([", ".join(where), self.what] if where else [self.what])


def seal_findings(limit: int = 100) -> list[SealFinding]:
    """What does not agree between the seals, their signatures and the entries; the first `limit`.

    Reads every sealed entry once, one seal's at a time. Empty where all agree.
    """
    return list(islice(_findings(), limit))


def _findings() -> Iterator[SealFinding]:
    # A seal that is missing or unreadable ends the chain; the next one begins a new piece of it.
    before: Mapping[str, Any] | None = None
    number, chained = 0, True
    for seal, raw in _stored_seals():
        if not isinstance(seal["_id"], int):
            yield _stranger(seal["_id"])
            continue
        if seal["_id"] != number + 1:
            yield SealFinding(number + 1, None, f"is missing: the next one is {seal['_id']}")
            chained = False
        number = seal["_id"]
        try:
            yield from _of_entries(seal)
            if chained:
                yield from _of_chain(before, seal, raw)
            yield from _of_signature(seal)
            before, chained = seal, True
        except UNREADABLE:
            yield SealFinding(number, None, "cannot be read as a seal")
            chained = False
    yield from _of_strangers()
    yield from _of_places(any_seals=number > 0)


def _stored_seals() -> Iterator[tuple[dict[str, Any], bytes]]:
    """Every seal by number, read, and its bytes."""
    seals = collection(Seal)
    plain = readable_anyhow(Seal)
    raws = seals.with_options(codec_options=plain.with_options(document_class=RawBSONDocument))
    # One question a seal: no cursor would be kept open for as long as this may take.
    wanted: dict[str, Any] = {"_id": {"$type": "number"}}
    while (found := raws.find_one(wanted, sort=[("_id", 1)])) is not None:
        seal = decode(found.raw, plain)
        yield seal, found.raw
        wanted = {"_id": {"$gt": seal["_id"]}}


def _of_entries(seal: Mapping[str, Any]) -> Iterator[SealFinding]:
    """Whether each entry of the seal is there, and as it was."""
    # Anything else might be taken for a question by the server.
    if not all(isinstance(entry_id, str) for entry_id in seal["entry_ids"]):
        raise TypeError
    stored = raw_entries(seal["entry_ids"])
    for entry_id, leaf in zip_longest(seal["entry_ids"], leaves_in(seal["leaves"])):
        if entry_id is None:
            yield SealFinding(seal["_id"], None, "has more hashes than entries")
        elif entry_id not in stored:
            yield SealFinding(seal["_id"], entry_id, "was sealed, and is missing")
        elif leaf_of(stored[entry_id]) != leaf:
            yield SealFinding(seal["_id"], entry_id, "is not what was sealed in its place")


def _of_chain(
    before: Mapping[str, Any] | None, seal: Mapping[str, Any], raw: bytes
) -> Iterator[SealFinding]:
    """Whether the seal is, byte for byte, what follows from the one before and its own hashes."""
    anew = seal_after(
        before,
        sealed_at=seal["sealed_at"],
        posted_through=seal["posted_through"],
        entry_ids=seal["entry_ids"],
        leaves=seal["leaves"],
    )
    anew |= {name: seal[name] for name in ("key_id", "signature")}
    if encode(anew) != raw:
        differing = [name for name in {**anew, **seal} if anew.get(name) != seal.get(name)]
        fields = ", ".join(differing) or "the form of its fields"
        yield SealFinding(seal["_id"], None, f"does not follow from the one before it: {fields}")


def _of_signature(seal: Mapping[str, Any]) -> Iterator[SealFinding]:
    good = is_signed(head_of(seal))
    if good is None:
        key_id = seal["key_id"]
        yield SealFinding(seal["_id"], None, f"is signed by the key {key_id}, not held here")
    elif not good:
        yield SealFinding(seal["_id"], None, "does not bear the signature of its head")


def _of_strangers() -> Iterator[SealFinding]:
    for found in collection(Seal).find({"_id": {"$not": {"$type": "number"}}}, {"_id": 1}):
        yield _stranger(found["_id"])


def _stranger(seal_id: object) -> SealFinding:
    return SealFinding(None, None, f"{seal_id!r} stands among the seals and is none")


def _of_places(*, any_seals: bool) -> Iterator[SealFinding]:
    """Whether each entry stands in one seal, once it is old enough to."""
    due = real_now() - SEALED_WITHIN
    for entry, places in entry_walk(THE_END if any_seals else due):
        if places > 1:
            yield SealFinding(None, entry["_id"], "stands in the seals more than once")
        elif places == 0 and entry["posted_at"] <= due:
            what = "was posted more than an hour ago and is in no seal"
            yield SealFinding(None, entry["_id"], what)
