"""Holds: coins set aside until something outside the book is known, then settled or released.

It moves nothing, and ends once, in one transaction with its balance. With `session` it joins a
verb's own transaction, which its refusals end, but for those that come before any write (HoldOver,
HoldNotFound, BeyondHold).
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from bson import Int64
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from ledger.accounts import AccountKind, kind_of
from ledger.balance import balance_id
from ledger.committing import (
    KeyUsed,
    NotWritten,
    read_plan,
    refusals_let_out,
    release_overdue,
    write,
)
from ledger.entry import KEY_PATTERN, MAX_AMOUNT, REFERENCE_PATTERN, WORD_PATTERN, Currency
from ledger.entry_kinds import EntryKind
from ledger.hold import Hold, HoldState
from ledger.known_keys import find_posted
from ledger.new_entry import Leg, NewEntry, hash_of
from ledger.outcomes import Exists, entry_id_of
from ledger.planning import NotPostable
from shared.clock import real_now, stored
from shared.database import collection, confirmed, in_transaction
from shared.errors import Conflict, NotFound, Refused, Unavailable
from shared.i18n import Text
from shared.ids import new_id
from shared.sweeping import sweep_each

ROUNDS = 3
BATCH = 500

Result = TypeVar("Result")


class UnsoundHold(ValueError):
    """Raised when a hold could never be made: a slip of the program, not of a person."""


class HoldNotFound(NotFound):
    """Raised when there is no such hold."""

    message = Text("There is no such hold.", "没有该笔冻结。")


class HoldConflict(Conflict):
    """Raised when the key was used for a hold with other content."""

    message = Text("This was already held with other content.", "该操作已以不同内容冻结。")


class HoldOver(Conflict):
    """Raised when the hold has ended otherwise, or its time is over and it can only be released."""

    message = Text("This hold is over: {hold}.", "该笔冻结已结束：{hold}。")


class BeyondHold(Refused):
    """Raised when more is to be settled than is held."""

    message = Text(
        "{held} coins are held, and {needed} were to be settled.",
        "冻结 {held} 福币，不足以结算 {needed}。",
    )


def hold_coins(
    account: str,
    amount: int,
    *,
    key: str,
    about: tuple[str, str],
    expires_at: datetime,
    currency: str = Currency.FUB,
    session: ClientSession | None = None,
) -> Hold:
    """Set coins of a wallet aside until `expires_at`, the earliest expiring first.

    The same key answers the same hold. Raises InsufficientCoins, HoldConflict, Unavailable. With
    `session` a key that was used raises DuplicateKeyError.
    """
    hold = _new_hold(account, amount, key, about, expires_at, currency)
    if session is not None:
        return _hold_within(hold, session)
    try:
        _in_rounds(lambda own: _hold(hold, own))
    except DuplicateKeyError:
        pass
    except NotPostable as refusal:
        # It may be this very hold that set the coins aside before.
        if not confirmed(Hold).find_one({"key": key}, {"_id": 1}):
            entry_id_of(refusal.outcome)
    return _made_under(key, hold["request_hash"])


def settle_hold(
    hold_id: str,
    *,
    into: str,
    amount: int | None = None,
    kind: EntryKind = EntryKind.DELIVERY,
    unit: str | None = None,
    session: ClientSession | None = None,
) -> Hold:
    """Pay `amount` of the hold (None: all) into an account; what is left of it is released.

    Repeating it answers the same. Raises HoldNotFound, HoldOver (also where its time is over),
    BeyondHold, Unavailable. With `session` a repeat raises HoldOver too, and the hold answered has
    the `entry_id` that stands once the transaction does.
    """
    if session is not None:
        found = _active_within(hold_id, session)
        entry, settled = _settlement(found, into, amount, kind, unit)
        with refusals_let_out():
            return Hold._from_son(_settle(found, entry, settled, session))
    entry, settled = _settlement(hold_of(hold_id).to_mongo(), into, amount, kind, unit)

    def decide(own: ClientSession) -> None:
        found = collection(Hold).find_one(
            {"_id": hold_id, "state": HoldState.ACTIVE.value}, session=own
        )
        if found is not None:
            _settle(found, entry, settled, own)

    _in_rounds(decide)
    ended = hold_of(hold_id)
    if ended.state != HoldState.SETTLED or not isinstance(find_posted(entry), Exists):
        raise HoldOver(hold=ended.state.value)
    return ended


def release_hold(hold_id: str, *, session: ClientSession | None = None) -> Hold:
    """End the hold with nothing paid; its coins are free again.

    Repeating it answers the same. Raises HoldNotFound, HoldOver (it was settled), Unavailable.
    With `session` a repeat raises HoldOver too.
    """
    if session is not None:
        found = _active_within(hold_id, session)
        with refusals_let_out():
            return Hold._from_son(_end(found, session))
    hold = hold_of(hold_id)
    if hold.state == HoldState.ACTIVE:
        _release(hold_id)
        hold = hold_of(hold_id)
    if hold.state != HoldState.RELEASED:
        raise HoldOver(hold=hold.state.value)
    return hold


def release_overdue_holds() -> int:
    """Release the holds whose time is over; how many."""
    overdue = Hold.objects(state=HoldState.ACTIVE, expires_at__lte=real_now())
    return sweep_each(overdue.order_by("expires_at").limit(BATCH).scalar("id"), _release)


def hold_of(hold_id: str) -> Hold:
    """The hold. Raises HoldNotFound."""
    found: Hold | None = Hold.objects.with_id(hold_id)
    if found is None:
        raise HoldNotFound
    return found


def _release(hold_id: str) -> bool:
    def decide(own: ClientSession) -> bool:
        found = collection(Hold).find_one(
            {"_id": hold_id, "state": HoldState.ACTIVE.value}, session=own
        )
        if found is None:
            return False
        _end(found, own)
        return True

    return _in_rounds(decide)


def _hold(hold: dict[str, Any], session: ClientSession) -> dict[str, Any]:
    """Write the hold with the lots it draws. Raises NotPostable, NotWritten, DuplicateKeyError."""
    account, currency = hold["account"], hold["currency"]
    plan = read_plan({balance_id(account, currency)}, session)
    release_overdue(plan, {balance_id(account, currency)}, session)
    lots = plan.hold(account, currency, int(hold["amount"]))
    document = hold | {"made_at": plan.posted_at}
    if lots:
        document["lots"] = {month: Int64(coins) for month, coins in lots.items()}
    collection(Hold).insert_one(document, session=session)
    write(plan, session)
    return document


def _hold_within(hold: dict[str, Any], session: ClientSession) -> Hold:
    with refusals_let_out():
        try:
            return Hold._from_son(_hold(hold, session))
        except NotPostable:
            # It may be this very hold that set the coins aside before.
            if collection(Hold).find_one({"key": hold["key"]}, {"_id": 1}, session=session):
                raise KeyUsed(hold["key"]) from None
            raise


def _active_within(hold_id: str, session: ClientSession) -> dict[str, Any]:
    """The hold as the transaction sees it. Raises HoldNotFound, HoldOver."""
    found: dict[str, Any] | None = collection(Hold).find_one({"_id": hold_id}, session=session)
    if found is None:
        raise HoldNotFound
    if found["state"] != HoldState.ACTIVE.value:
        raise HoldOver(hold=found["state"])
    return found


def _settle(
    found: dict[str, Any], entry: NewEntry, settled: int, session: ClientSession
) -> dict[str, Any]:
    """Pay the entry out of the active hold; the hold as it is then. Raises HoldOver, NotWritten."""
    plan = read_plan({balance_id(leg.account, leg.currency) for leg in entry.legs}, session)
    if found["expires_at"] <= plan.posted_at:
        raise HoldOver(hold="overdue")
    ended = plan.end_hold(found, pays=entry, settled=settled)
    write(plan, session)
    return ended


def _end(found: dict[str, Any], session: ClientSession) -> dict[str, Any]:
    """Release the active hold; the hold as it is then. Raises NotWritten."""
    plan = read_plan({balance_id(found["account"], found["currency"])}, session)
    ended = plan.end_hold(found)
    write(plan, session)
    return ended


def _in_rounds(decide: Callable[[ClientSession], Result]) -> Result:
    """Run the transaction again where what it read was changed before it wrote."""
    for _ in range(ROUNDS):
        try:
            return in_transaction(decide)
        except NotWritten:
            continue
    raise Unavailable


def _new_hold(
    account: str,
    amount: int,
    key: str,
    about: tuple[str, str],
    expires_at: datetime,
    currency: str,
) -> dict[str, Any]:
    """The hold as it is asked for. Raises UnsoundHold."""
    if kind_of(account) is not AccountKind.WALLET or currency not in list(Currency):
        raise UnsoundHold(f"nothing can be held on {account} in {currency}")
    if type(amount) is not int or not 1 <= amount <= MAX_AMOUNT:
        raise UnsoundHold(f"{amount!r} cannot be held")
    if not re.fullmatch(KEY_PATTERN, key):
        raise UnsoundHold(f"the key {key!r} does not match {KEY_PATTERN}")
    if not (re.fullmatch(WORD_PATTERN, about[0]) and re.fullmatch(REFERENCE_PATTERN, about[1])):
        raise UnsoundHold(f"{about!r} does not name a thing")
    if expires_at.tzinfo is None:
        raise UnsoundHold("expires_at must say its time zone")
    expires_at = stored(expires_at)
    return {
        "_id": new_id(),
        "key": key,
        "request_hash": hash_of([account, amount, currency, list(about), expires_at.isoformat()]),
        "account": account,
        "currency": str(currency),
        "amount": Int64(amount),
        "settled": Int64(0),
        "about_kind": about[0],
        "about_id": about[1],
        "state": HoldState.ACTIVE.value,
        "expires_at": expires_at,
    }


def _made_under(key: str, request_hash: str) -> Hold:
    found: Hold | None = Hold.objects(key=key).first()
    if found is None:
        confirmed(Hold).find_one({"key": key}, {"_id": 1})
        found = Hold.objects(key=key).first()
    if found is None:
        raise Unavailable  # it belonged to a primary that lost its last writes
    if found.request_hash != request_hash:
        raise HoldConflict
    return found


def _settlement(
    hold: Mapping[str, Any], into: str, amount: int | None, kind: EntryKind, unit: str | None
) -> tuple[NewEntry, int]:
    """The entry that settles the hold, and how much. Raises BeyondHold; UnsoundEntry for a slip."""
    held = int(hold["amount"])
    coins = held if amount is None else amount
    if coins > held:
        raise BeyondHold(held=held, needed=coins)
    currency = hold["currency"]
    legs = [Leg(hold["account"], -coins, currency), Leg(into, coins, currency)]
    about = (hold["about_kind"], hold["about_id"])
    return NewEntry(f"hold:{hold['_id']}", kind, legs, about, unit=unit), coins
