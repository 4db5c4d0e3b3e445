"""Sealing: what was posted some minutes ago is listed, hashed and chained, so that it stays so.

A seal is one insert under the next number. Of two who seal at once one wins it and the other
looks again; who is killed on the way leaves nothing behind. Entries are only read.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from bson import Int64, MinKey
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.raw_bson import RawBSONDocument
from pymongo.errors import DuplicateKeyError

from ledger.entry import Entry
from ledger.seals.canonical_json import entry_text
from ledger.seals.heads import PURPOSE, WITHOUT_ENTRIES, hash_of_header, header_of, signature_over
from ledger.seals.merkle import HASH_BYTES, leaf_hash, peaks_with, root_of, root_of_peaks
from ledger.seals.seal import MAX_SEALED, NO_SEAL, Seal
from shared.clock import real_now
from shared.database import Document, collection
from shared.sealing import keyring

# Longer than any transaction that began with an earlier `posted_at` may still take to commit.
DELAY = timedelta(minutes=2)
# How far behind what is sealed already an entry of a slow clock is looked for at each run.
LOOK_BACK = timedelta(hours=1)
# A million entries a run; the rest waits for the next.
MAX_SEALS = 200
MAX_LOST_RACES = 5
# Ids walked over at a time: so many are asked for in the seals at once.
PAGE = 5_000
LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
ID_AT = 13  # in an entry's bytes: size, type, the name `_id` and the length of its text go before

# An entry's `_id` and `posted_at`, no more.
Place = Mapping[str, Any]

log = structlog.get_logger()


class _LostRace(Exception):
    """Raised when somebody else made the seal of this number."""


def seal_entries(*, older_than: timedelta = DELAY, everything: bool = False) -> int:
    """Seal every committed entry posted `older_than` ago that no seal holds; how many there were.

    Seals of up to 5,000 entries in order of posting, up to 200 seals a run. An entry that came
    late, up to an hour behind what is sealed, goes into the next; with `everything` all that were
    ever posted are looked through. Safe to repeat, to race and to kill.
    """
    until = real_now() - older_than
    sealed = 0
    for _ in range(MAX_LOST_RACES):
        try:
            for count in _seals_made(until, everything):
                sealed += count
            break
        except _LostRace:
            log.info("seal_lost_race")
    return sealed


def _seals_made(until: datetime, everything: bool) -> Iterator[int]:
    """Make seal after seal; how many entries each took. Raises _LostRace."""
    # The newest seal is read before any entry is: had another been made since, ours would be
    # refused for its number, so no entry is missed or taken twice.
    before = _newest_seal()
    since = before["posted_through"] - LOOK_BACK if before and not everything else LONG_AGO
    sealed_through = before["posted_through"] if before else LONG_AGO
    lists = _in_seals(since, until, sealed_through)
    for _, entries in zip(range(MAX_SEALS), lists, strict=False):
        seal = _next_seal(before, entries)
        if seal is None:
            continue
        _insert(seal)
        yield seal["count"]
        before = seal


def _in_seals(since: datetime, until: datetime, sealed_through: datetime) -> Iterator[list[Place]]:
    """Unsealed entries in order of posting, as many together as a seal holds."""
    waiting: list[Place] = []
    for page in _pages(since, until):
        counted = times_sealed(page) if page[0]["posted_at"] <= sealed_through else Counter()
        waiting += [entry for entry in page if not counted[entry["_id"]]]
        while len(waiting) >= MAX_SEALED:
            yield waiting[:MAX_SEALED]
            del waiting[:MAX_SEALED]
    if waiting:
        yield waiting


def _pages(since: datetime, until: datetime) -> Iterator[list[Place]]:
    """The entries posted in [since, until], in order, from the index alone."""
    order = [("posted_at", 1), ("_id", 1)]
    beyond: list[tuple[str, Any]] = [
        ("posted_at", until + timedelta(milliseconds=1)),
        ("_id", MinKey()),
    ]
    start: list[tuple[str, Any]] = [("posted_at", since), ("_id", MinKey())]
    last = None
    while True:
        found = collection(Entry).find({}, {"_id": 1, "posted_at": 1}, hint=order).sort(order)
        # A page begins with the entry that the one before ended with.
        page = list(found.min(start).max(beyond).limit(PAGE + 1))
        page = page[1:] if page and page[0]["_id"] == last else page[:PAGE]
        if page:
            yield page
        if len(page) < PAGE:
            return
        last = page[-1]["_id"]
        start = [("posted_at", page[-1]["posted_at"]), ("_id", last)]


def times_sealed(page: Sequence[Place]) -> Counter[str]:
    """In how many places of seals each entry of the page stands."""
    ids = {entry["_id"] for entry in page}
    seals = collection(Seal).with_options(codec_options=readable_anyhow(Seal))
    holding = seals.find({"entry_ids": {"$in": list(ids)}}, {"entry_ids": 1})
    listed = (one for seal in holding for one in seal["entry_ids"])
    return Counter(one for one in listed if isinstance(one, str) and one in ids)


def entry_walk(until: datetime) -> Iterator[tuple[Place, int]]:
    """Every entry posted up to a moment, with in how many places of seals it stands."""
    for page in _pages(LONG_AGO, until):
        counted = times_sealed(page)
        yield from ((entry, counted[entry["_id"]]) for entry in page)


def readable_anyhow(document: type[Document]) -> CodecOptions[dict[str, Any]]:
    """How to read what may have been tampered with: it must not stop who looks for that."""
    return collection(document).codec_options.with_options(
        unicode_decode_error_handler="replace",
        datetime_conversion=DatetimeConversion.DATETIME_AUTO,
    )


def raw_entries(ids: Sequence[str]) -> dict[str, bytes]:
    """The entries of these ids as they are stored, byte for byte; those that are there."""
    entries = collection(Entry)
    options = entries.codec_options.with_options(document_class=RawBSONDocument)
    found = entries.with_options(codec_options=options).find({"_id": {"$in": list(ids)}})
    return {_id_in(entry.raw): entry.raw for entry in found.batch_size(MAX_SEALED)}


def _id_in(raw: bytes) -> str:
    """The id, a text, that the server keeps first; the rest may be unreadable and is not read."""
    size = int.from_bytes(raw[ID_AT - 4 : ID_AT], "little")
    return raw[ID_AT : ID_AT + size - 1].decode(errors="replace")


def _newest_seal() -> Mapping[str, Any] | None:
    newest = collection(Seal).find({}, WITHOUT_ENTRIES).sort("_id", -1).limit(1)
    return next(iter(newest), None)


def _next_seal(before: Mapping[str, Any] | None, places: Sequence[Place]) -> dict[str, Any] | None:
    """The seal of these entries after the one before; None where none of them is there."""
    entries = raw_entries([place["_id"] for place in places])
    there = [place for place in places if place["_id"] in entries]
    if not there:
        return None
    newest = there[-1]["posted_at"]
    seal = seal_after(
        before,
        sealed_at=real_now(),
        posted_through=max(newest, before["posted_through"]) if before else newest,
        entry_ids=[place["_id"] for place in there],
        leaves=b"".join(leaf_of(entries[place["_id"]]) for place in there),
    )
    seal["key_id"] = keyring(PURPOSE).current
    seal["signature"] = signature_over(seal)
    return seal


def leaf_of(raw: bytes) -> bytes:
    """The hash under which an entry of these BSON bytes is sealed."""
    return leaf_hash(entry_text(raw).encode())


def leaves_in(blob: bytes) -> list[bytes]:
    """The hashes of a seal's entries, one by one."""
    return [blob[at : at + HASH_BYTES] for at in range(0, len(blob), HASH_BYTES)]


def seal_after(
    before: Mapping[str, Any] | None,
    *,
    sealed_at: datetime,
    posted_through: datetime,
    entry_ids: Sequence[str],
    leaves: bytes,
) -> dict[str, Any]:
    """The seal that follows another (None: the first), not signed yet; as it is stored. Pure."""
    number = before["_id"] if before else 0
    seal: dict[str, Any] = {
        "_id": Int64(number + 1),
        "sealed_at": sealed_at,
        "posted_through": posted_through,
        "count": Int64(len(entry_ids)),
        "total": Int64((before["total"] if before else 0) + len(entry_ids)),
        "entry_ids": list(entry_ids),
        "leaves": leaves,
        "root": root_of(leaves_in(leaves)).hex(),
        "previous": before["seal_hash"] if before else NO_SEAL,
    }
    seal_hash = hash_of_header(header_of(seal))
    peaks = [bytes.fromhex(peak) for peak in before["peaks"]] if before else []
    peaks = peaks_with(peaks, number, seal_hash)
    seal["seal_hash"] = seal_hash.hex()
    seal["peaks"] = [peak.hex() for peak in peaks]
    seal["log_root"] = root_of_peaks(peaks).hex()
    return seal


def _insert(seal: Mapping[str, Any]) -> None:
    """Write the seal, which decides whose it is. Raises _LostRace."""
    try:
        collection(Seal).insert_one({**seal})
    except DuplicateKeyError as error:
        if "_id" in (error.details or {}).get("keyPattern", {}):
            raise _LostRace from error
        raise
