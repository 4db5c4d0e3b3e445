"""Reversing an entry: one officer alone up to a set amount, above it only with a second one.

The reversal's entry and what becomes of its request are one transaction, so neither is ever
there without the other: nothing is left over for a sweep to finish.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from bson import Int64
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from ledger.book import post_one
from ledger.entry_kinds import REVERSIBLE, ReasonCode
from ledger.outcomes import DatedInFuture
from ledger.planning import CLOCK_SKEW
from ledger.reversal_entry import amount_of, reversal_entry
from ledger.reversal_request import ReversalRequest, ReversalState
from ledger.reversals import Reversal, look_up, reversal_of, stored_entry
from settings import settings
from shared.clock import real_now, stored
from shared.database import collection, in_transaction
from shared.errors import Conflict, NotFound, Refused, Unavailable
from shared.i18n import Text

# What is asked again after somebody was faster finds out at the second look what stands now.
MAX_TRIES = 5


class ReversalNotFound(NotFound):
    """Raised when nobody has asked to reverse the entry."""

    message = Text("Nobody has asked to reverse this entry.", "该分录没有冲正申请。")


class CannotReverse(Refused):
    """Raised when the entry is of a kind that is not reversed by itself."""

    message = Text(
        "An entry of this kind ({kind}) is not reversed; undo what it stands for.",
        "该类分录（{kind}）不能冲正，请撤销其对应的业务。",
    )


class NotBeforeTheEntry(Refused):
    """Raised when a reversal would count from before the entry that it undoes."""

    message = Text(
        "A reversal cannot count from before the entry itself.", "冲正日期不能早于原分录。"
    )


class AlreadyReversed(Conflict):
    """Raised when the entry was reversed before, by somebody else or for another reason."""

    message = Text("This entry is already reversed.", "该分录已被冲正。")


class ReversalWaiting(Conflict):
    """Raised when another wish to reverse the entry still waits for a second officer."""

    message = Text(
        "A reversal of this entry already waits for a second officer.",
        "该分录已有冲正申请等待复核。",
    )


class ReversalDecided(Conflict):
    """Raised when the request is not the one that was seen: decided, or asked anew."""

    message = Text(
        "This request was decided or has changed meanwhile.", "该冲正申请已处理或已变更。"
    )


class SameOfficer(Refused):
    """Raised when who asked for a reversal would approve it as well."""

    message = Text(
        "A second officer must approve this reversal.", "冲正须由另一名管理员复核，申请人不得自批。"
    )


class _Moved(Exception):
    """Raised out of a transaction that found the request no longer as it was read."""


def reverse_entry(
    entry_id: str, *, reason: ReasonCode, effective_at: datetime, by_id: str
) -> Reversal:
    """Reverse an entry from a moment on; above the set amount, ask for it to be reversed.

    The same officer asking the same again is answered with how it stands, also where it was
    declined: what was declined is asked anew in other words, or by somebody else. Raises
    EntryNotFound, CannotReverse, NotBeforeTheEntry, DatedInFuture, AlreadyReversed,
    ReversalWaiting, and what the book refuses: MonthClosed, InsufficientCoins.
    """
    original = _reversible(entry_id)
    asking = _sound_asking(original, reason, effective_at, by_id)
    for tries in range(MAX_TRIES):
        # In this order: a reversal that is seen comes with its request, for they were one write.
        is_reversed = reversal_of(entry_id, tries=tries) is not None
        found = look_up(ReversalRequest, {"_id": entry_id}, tries=tries)
        if found is not None and any(_is_same(asking, other) for other in found["asks"]):
            return Reversal.of(found)
        _refuse_standing(found, is_reversed=is_reversed)
        with suppress(DuplicateKeyError, _Moved):
            _ask(original, asking, found)
    raise Unavailable


def approve_reversal(entry_id: str, *, by_id: str, version: int | None = None) -> Reversal:
    """Post a reversal that waits, as a second officer; `version` is the one that was seen.

    Raises EntryNotFound, ReversalNotFound, SameOfficer, ReversalDecided, AlreadyReversed, and
    what the book refuses: MonthClosed, InsufficientCoins. The request then goes on waiting.
    """
    original = stored_entry(entry_id)

    def approve(request: Mapping[str, Any]) -> None:
        asking = request["asks"][-1]
        if asking["asked_by"] == by_id:
            raise SameOfficer
        entry = reversal_entry(original, ReasonCode(asking["reason"]), asking["effective_at"])

        def decide(session: ClientSession) -> None:
            reversal_id = post_one(entry, session=session)
            _move(request, _decided(request, ReversalState.POSTED, by_id, reversal_id), session)

        in_transaction(decide)

    return _decide(entry_id, ReversalState.POSTED, approve, by_id=by_id, version=version)


def decline_reversal(entry_id: str, *, by_id: str, version: int | None = None) -> Reversal:
    """Decline a reversal that waits, or take back one's own; `version` is the one that was seen.

    Raises EntryNotFound, ReversalNotFound, ReversalDecided.
    """
    stored_entry(entry_id)

    def decline(request: Mapping[str, Any]) -> None:
        _move(request, _decided(request, ReversalState.DECLINED, by_id), None)

    return _decide(entry_id, ReversalState.DECLINED, decline, by_id=by_id, version=version)


# ---- asking


def _reversible(entry_id: str) -> Mapping[str, Any]:
    original = stored_entry(entry_id)
    if original["kind"] not in REVERSIBLE:
        raise CannotReverse(kind=original["kind"])
    return original


def _sound_asking(
    original: Mapping[str, Any], reason: ReasonCode, effective_at: datetime, by_id: str
) -> dict[str, Any]:
    """The wish as it is stored. Raises NotBeforeTheEntry, DatedInFuture; UnsoundEntry."""
    reversal_entry(original, reason, effective_at)
    effective_at, asked_at = stored(effective_at), real_now()
    if effective_at < original["effective_at"]:
        raise NotBeforeTheEntry
    if effective_at > asked_at + CLOCK_SKEW:
        raise DatedInFuture
    return {
        "reason": ReasonCode(reason).value,
        "effective_at": effective_at,
        "asked_by": by_id,
        "asked_at": asked_at,
    }


def _is_same(asking: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(asking[name] == other[name] for name in ("reason", "effective_at", "asked_by"))


def _refuse_standing(found: Mapping[str, Any] | None, *, is_reversed: bool) -> None:
    state = found["state"] if found else None
    if is_reversed or state == ReversalState.POSTED:
        raise AlreadyReversed
    if state == ReversalState.WAITING:
        raise ReversalWaiting


def _ask(
    original: Mapping[str, Any], asking: dict[str, Any], found: Mapping[str, Any] | None
) -> None:
    """Post the reversal, or let it wait. Raises DuplicateKeyError, _Moved."""
    amount, _ = amount_of(original)
    if amount > settings().reversal_second_officer_above:
        _store(original, asking, found, {"state": ReversalState.WAITING.value}, None)
        return
    entry = reversal_entry(original, ReasonCode(asking["reason"]), asking["effective_at"])

    def decide(session: ClientSession) -> None:
        reversal_id = post_one(entry, session=session)
        posted = {"state": ReversalState.POSTED.value, "reversal_id": reversal_id}
        _store(original, asking, found, posted, session)

    in_transaction(decide)


def _store(
    original: Mapping[str, Any],
    asking: dict[str, Any],
    found: Mapping[str, Any] | None,
    state: dict[str, Any],
    session: ClientSession | None,
) -> None:
    """Write a first request, or ask anew after one declined. Raises DuplicateKeyError, _Moved."""
    if found is not None:
        change = {"$set": {**state, "asked_at": asking["asked_at"]}, "$push": {"asks": asking}}
        _move(found, change, session)
        return
    amount, currency = amount_of(original)
    request = {
        "_id": original["_id"],
        **state,
        "amount": Int64(amount),
        "currency": currency,
        "asked_at": asking["asked_at"],
        "asks": [asking],
        "version": Int64(1),
    }
    collection(ReversalRequest).insert_one(request, session=session)


# ---- deciding


def _decide(
    entry_id: str,
    state: ReversalState,
    act: Callable[[Mapping[str, Any]], None],
    *,
    by_id: str,
    version: int | None,
) -> Reversal:
    """Do `act` to the request while it waits; the repeat of the same decision is answered."""
    for tries in range(MAX_TRIES):
        is_reversed = reversal_of(entry_id, tries=tries) is not None
        request = look_up(ReversalRequest, {"_id": entry_id}, tries=tries)
        if request is None:
            raise ReversalNotFound
        if request["state"] == state and request["asks"][-1].get("decided_by") == by_id:
            return Reversal.of(request)
        if request["state"] != ReversalState.WAITING or version not in (None, request["version"]):
            raise ReversalDecided(state=request["state"])
        if is_reversed and state == ReversalState.POSTED:
            raise AlreadyReversed
        with suppress(DuplicateKeyError, _Moved):
            act(request)
    raise Unavailable


def _decided(
    request: Mapping[str, Any], state: ReversalState, by_id: str, reversal_id: str | None = None
) -> dict[str, Any]:
    """The change that decides the present wish, which is the last one."""
    last = f"asks.{len(request['asks']) - 1}"
    decided = {"state": state.value, f"{last}.decided_by": by_id, f"{last}.decided_at": real_now()}
    return {"$set": decided | ({"reversal_id": reversal_id} if reversal_id else {})}


def _move(
    request: Mapping[str, Any], change: dict[str, Any], session: ClientSession | None
) -> None:
    """Change the request where it is still as it was read. Raises _Moved."""
    as_read = {"_id": request["_id"], "state": request["state"], "version": request["version"]}
    change = {**change, "$inc": {"version": Int64(1)}}
    moved = collection(ReversalRequest).update_one(as_read, change, session=session)
    if not moved.matched_count:
        raise _Moved
