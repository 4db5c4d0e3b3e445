"""The proof that one entry stands in the seals, short enough for anybody to check by themselves.

It leads from the entry's own text over its seal to a signed head; see docs/check_inclusion.py.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.entry import Entry
from ledger.reversals import EntryNotFound
from ledger.seals.canonical_json import entry_text
from ledger.seals.heads import WITHOUT_ENTRIES, Head, SealHeader, header_of, published_head
from ledger.seals.merkle import completed_nodes, inclusion_path, path_through, subtrees_beside
from ledger.seals.seal import Seal
from ledger.seals.sealing_entries import leaves_in, raw_entries
from shared.database import collection
from shared.errors import NotFound
from shared.i18n import Text


class NotSealedYet(NotFound):
    """Raised when no seal up to the head that was asked for holds the entry."""

    message = Text(
        "The entry is not sealed yet: that takes some minutes after it was posted.",
        "该分录尚未封存：记账后需等待数分钟。",
    )


@dataclass(frozen=True)
class Proof:
    """An entry's canonical text, its place and path in its seal, and the seal's to the head.

    `index` counts from 0; paths are from the leaf up, 64 hex digits a hash.
    """

    entry: str
    index: int
    path: tuple[str, ...]
    seal: SealHeader
    seal_path: tuple[str, ...]
    head: Head


def inclusion_proof(
    entry_id: str, *, touching: Collection[str] = (), head_number: int | None = None
) -> Proof:
    """The proof that the entry stands in the seals up to a published head, by default the newest.

    With `touching` it must have a leg on one of these accounts. Raises EntryNotFound,
    NotSealedYet, SealNotFound.
    """
    raw = _raw_entry(entry_id, touching)
    seal = collection(Seal).find_one({"entry_ids": entry_id})
    if seal is None:
        raise NotSealedYet
    head = published_head(head_number)
    if head.number < seal["_id"]:
        raise NotSealedYet
    index = seal["entry_ids"].index(entry_id)
    return Proof(
        entry=entry_text(raw),
        index=index,
        path=_in_hex(inclusion_path(index, leaves_in(seal["leaves"]))),
        seal=header_of(seal),
        seal_path=_in_hex(_path_of_seal(seal["_id"], head.number)),
        head=head,
    )


def _raw_entry(entry_id: str, touching: Collection[str]) -> bytes:
    """The stored bytes of the entry. Raises EntryNotFound."""
    if touching:
        wanted = {"_id": entry_id, "legs.account": {"$in": list(touching)}}
        if collection(Entry).find_one(wanted, {"_id": 1}) is None:
            raise EntryNotFound
    found = raw_entries([entry_id])
    if not found:
        raise EntryNotFound
    return found[entry_id]


def _path_of_seal(number: int, size: int) -> list[bytes]:
    """The path of seal `number` in the tree over the first `size` seals, from a few of them."""
    parts = [part for side in subtrees_beside(number - 1, size) for part in side]
    # The root over seals a+1 to a+2**h became known with the last of them.
    newest = {start + (1 << height) for start, height in parts}
    wanted = {"_id": {"$in": sorted(newest | {one - 1 for one in newest})}}
    seals = {seal["_id"]: seal for seal in collection(Seal).find(wanted, WITHOUT_ENTRIES)}

    def node_at(start: int, height: int) -> bytes:
        return _nodes_with(seals, start + (1 << height))[height]

    return path_through(number - 1, size, node_at)


def _nodes_with(seals: Mapping[int, Mapping[str, Any]], number: int) -> list[bytes]:
    before = seals[number - 1]["peaks"] if number > 1 else []
    peaks = [bytes.fromhex(peak) for peak in before]
    return completed_nodes(peaks, number - 1, bytes.fromhex(seals[number]["seal_hash"]))


def _in_hex(hashes: list[bytes]) -> tuple[str, ...]:
    return tuple(one.hex() for one in hashes)
