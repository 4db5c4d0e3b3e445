"""What became of requests to reverse, and one entry as officers see it: whether it still stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.read_concern import ReadConcern

from ledger.entry import Entry
from ledger.entry_kinds import ReasonCode
from ledger.reversal_request import ReversalRequest, ReversalState
from shared.cursors import BadCursor, from_cursor, to_cursor
from shared.database import Document, collection
from shared.errors import NotFound
from shared.i18n import Text

MAX_REVERSALS = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class EntryNotFound(NotFound):
    """Raised when there is no entry of this id."""

    message = Text("There is no such entry.", "未找到该分录。")


@dataclass(frozen=True)
class Reversal:
    """How the request to reverse an entry stands; `reversal_id` is the entry that undoes it.

    `amount` in minor units; `decided_by` is the second officer, None where none was needed or
    none has decided yet.
    """

    entry_id: str
    state: ReversalState
    amount: int
    currency: str
    reason: ReasonCode
    effective_at: datetime
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reversal_id: str | None
    version: int

    @classmethod
    def of(cls, request: Mapping[str, Any]) -> "Reversal":
        """The reversal as its stored request has it."""
        asking = request["asks"][-1]
        return cls(
            entry_id=request["_id"],
            state=ReversalState(request["state"]),
            amount=int(request["amount"]),
            currency=request["currency"],
            reason=ReasonCode(asking["reason"]),
            effective_at=asking["effective_at"],
            asked_by=asking["asked_by"],
            asked_at=asking["asked_at"],
            decided_by=asking.get("decided_by"),
            decided_at=asking.get("decided_at"),
            reversal_id=request.get("reversal_id"),
            version=int(request["version"]),
        )


@dataclass(frozen=True)
class ReversalPage:
    """Requests in one state, the longest asked for first; `next_cursor` is None at the end."""

    items: tuple[Reversal, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class SeenLeg:
    """One side of a stored entry; `lots` says how much of it is of which month of expiry."""

    account: str
    currency: str
    amount: int
    lots: dict[str, int]


@dataclass(frozen=True)
class SeenEntry:
    """An entry as it is stored; `reversed_by` is the entry that undoes it, None where it stands.

    `reversal` is how the request to reverse it stands, None where nobody asked.
    """

    id: str
    key: str
    kind: str
    legs: tuple[SeenLeg, ...]
    about: Mapping[str, str]
    unit: str | None
    returns: str | None
    reverses: str | None
    reason: str | None
    effective_at: datetime
    posted_at: datetime
    reversed_by: str | None
    reversal: Reversal | None


def reversals_in(
    state: ReversalState = ReversalState.WAITING, *, limit: int = 20, cursor: str | None = None
) -> ReversalPage:
    """A page of the requests in a state, the longest asked for first. Raises BadCursor."""
    limit = max(1, min(limit, MAX_REVERSALS))
    wanted: dict[str, Any] = {"state": state.value}
    if cursor:
        asked_at, entry_id = _position_of(cursor)
        wanted["asked_at"] = {"$gte": asked_at}
        wanted["$or"] = [{"asked_at": {"$gt": asked_at}}, {"_id": {"$gt": entry_id}}]
    found = collection(ReversalRequest).find(wanted).sort([("asked_at", 1), ("_id", 1)])
    items = [Reversal.of(request) for request in found.limit(limit + 1)]
    page = tuple(items[:limit])
    return ReversalPage(page, _cursor_of(page[-1]) if len(items) > limit else None)


def entry_of(entry_id: str) -> SeenEntry:
    """One entry with its legs, and whether and by what it was reversed. Raises EntryNotFound."""
    found = stored_entry(entry_id)
    request = look_up(ReversalRequest, {"_id": entry_id})
    return SeenEntry(
        id=found["_id"],
        key=found["key"],
        kind=found["kind"],
        legs=tuple(_seen(leg) for leg in found["legs"]),
        about=found["about"],
        unit=found.get("unit"),
        returns=found.get("returns"),
        reverses=found.get("reverses"),
        reason=found.get("reason"),
        effective_at=found["effective_at"],
        posted_at=found["posted_at"],
        reversed_by=reversal_of(entry_id),
        reversal=Reversal.of(request) if request else None,
    )


def reversal_of(entry_id: str, *, tries: int = 0) -> str | None:
    """The id of the entry that reverses this one; None where it stands."""
    found = look_up(Entry, {"reverses": entry_id}, tries=tries)
    return found["_id"] if found else None


def stored_entry(entry_id: str) -> Mapping[str, Any]:
    """The entry as it is stored. Raises EntryNotFound."""
    found = look_up(Entry, {"_id": entry_id})
    if found is None:
        raise EntryNotFound
    return found


def look_up(
    document: type[Document], wanted: dict[str, Any], *, tries: int = 0
) -> dict[str, Any] | None:
    """What a majority has. Who was told twice that somebody was faster asks for the very newest.

    That answer, linearizable, takes a hundred times as long.
    """
    level = "majority" if tries < 2 else "linearizable"
    found: dict[str, Any] | None
    found = collection(document).with_options(read_concern=ReadConcern(level)).find_one(wanted)
    return found


def _seen(leg: Mapping[str, Any]) -> SeenLeg:
    lots = {month: int(coins) for month, coins in (leg.get("lots") or {}).items()}
    return SeenLeg(leg["account"], leg["currency"], int(leg["amount"]), lots)


def _cursor_of(last: Reversal) -> str:
    return to_cursor((last.asked_at - _EPOCH) // timedelta(milliseconds=1), last.entry_id)


def _position_of(cursor: str) -> tuple[datetime, str]:
    """The place a cursor stands for. Raises BadCursor."""
    asked_ms, entry_id = from_cursor(cursor, int, str)
    try:
        return _EPOCH + timedelta(milliseconds=asked_ms), entry_id
    except OverflowError:
        raise BadCursor("cursor") from None
