"""Where a statement goes on: a place in the order of the book, with the balance there.

The balance spares each page the sum of all newer entries. It comes back from the caller, so the
cursor is signed, for the one question that it goes on with.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.cursors import BadCursor, from_cursor, to_cursor
from shared.sealing import keyed_hash, keyed_hashes

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
# Of the 64 signs of an HMAC-SHA-256: 128 bits are more than anybody guesses.
_SIGNATURE_SIGNS = 32


@dataclass(frozen=True)
class Position:
    """A place in the order of the book: after it come the entries posted earlier."""

    posted_at: datetime
    entry_id: str

    @property
    def older(self) -> dict[str, Any]:
        """The query that is true of the entries posted before this one."""
        return self._from_here("$lte", "$lt", "$lt")

    @property
    def newer(self) -> dict[str, Any]:
        """The query that is true of the entries posted after this one."""
        return self._from_here("$gte", "$gt", "$gt")

    @property
    def this_and_newer(self) -> dict[str, Any]:
        """The query that is true of this entry and those posted after it."""
        return self._from_here("$gte", "$gt", "$gte")

    def _from_here(self, bound: str, past: str, within: str) -> dict[str, Any]:
        # The plain bound on posted_at is what the index can use; $or alone would scan it all.
        return {
            "posted_at": {bound: self.posted_at},
            "$or": [{"posted_at": {past: self.posted_at}}, {"_id": {within: self.entry_id}}],
        }


@dataclass(frozen=True)
class Place:
    """Where a page goes on: below `last`, where the account held `balance` in minor units.

    That was read when the account had `entries` entries, `top` the newest of them.
    """

    last: Position
    balance: int
    entries: int
    top: Position


def cursor_of(place: Place, *asked: str | None) -> str:
    """The place as one opaque word that a caller hands back to go on with what was `asked`."""
    parts = (*_parts_of(place.last), place.balance, place.entries, *_parts_of(place.top))
    return to_cursor(*parts, _signed(keyed_hash(_text_of(parts, asked))))


def place_of(cursor: str, *asked: str | None) -> Place:
    """The place that a cursor of the same question stands for. Raises BadCursor."""
    *parts, signature = from_cursor(cursor, int, str, int, int, int, str, str)
    held = keyed_hashes(_text_of(parts, asked))
    if not any(hmac.compare_digest(_signed(one).encode(), signature.encode()) for one in held):
        raise BadCursor("cursor")
    last_ms, last_id, balance, entries, top_ms, top_id = parts
    return Place(_position(last_ms, last_id), balance, entries, _position(top_ms, top_id))


def _text_of(parts: Iterable[str | int], asked: Iterable[str | None]) -> str:
    return "|".join(["statement", *(one or "" for one in asked), *map(str, parts)])


def _signed(keyed: str) -> str:
    return keyed.rpartition(".")[2][:_SIGNATURE_SIGNS]


def _parts_of(position: Position) -> tuple[int, str]:
    return (position.posted_at - _EPOCH) // _MS, position.entry_id


def _position(posted_ms: int, entry_id: str) -> Position:
    return Position(_EPOCH + posted_ms * _MS, entry_id)
