"""How an account came to what it holds: statements, newest first, each line with the balance."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pymongo.client_session import ClientSession

from ledger.entry import Currency, Entry
from ledger.holdings import balance_in, balance_kept, is_stored, must_be_account, stored_balance
from ledger.leg_sums import BY_ACCOUNT, amount_on, sum_of_legs, touching
from ledger.month_ends import balance_at_month_end, month_ends
from ledger.statement_cursors import Place, Position, cursor_of, place_of
from shared.database import collection, database

MAX_LINES = 100
# Where lines of one direction are rare, a page looks no further than this and says where to go on.
MAX_WALKED = 5_000
_SHOWN = ("kind", "about", "effective_at", "posted_at", "unit", "reverses", "reason")


class Direction(StrEnum):
    """Which way coins moved on an account."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True)
class StatementLine:
    """One entry as the account sees it; `balance` is what the account held after it.

    `unit` is whose activity it is; `reverses` and `reason` stand on the line of a reversal.
    """

    entry_id: str
    kind: str
    about_kind: str
    about_id: str
    amount: int
    balance: int
    effective_at: datetime
    posted_at: datetime
    unit: str | None = None
    reverses: str | None = None
    reason: str | None = None

    @property
    def about(self) -> dict[str, str]:
        """What the line is about, as {"kind", "id"}."""
        return {"kind": self.about_kind, "id": self.about_id}


@dataclass(frozen=True)
class StatementPage:
    """Lines of one account, newest first; `balance` is what it holds now, in minor units."""

    account: str
    currency: str
    balance: int
    lines: tuple[StatementLine, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class _Account:
    """The account asked about as one session sees it; `entries` is None where none counts them."""

    name: str
    currency: str
    session: ClientSession
    held: int
    entries: int | None

    def sum_over(self, *which: dict[str, Any]) -> int:
        return sum_of_legs(self.name, self.currency, {"$and": list(which)}, self.session)

    def touched_by(self, which: dict[str, Any]) -> dict[str, Any]:
        return {**touching(self.name, self.currency), **which}


@dataclass
class _Walk:
    """What was met going down the entries: the lines wanted, and the balance below the last one."""

    balance: int
    lines: list[StatementLine]
    first: Position | None = None
    last: Position | None = None
    more: bool = False


def statement_of(
    account: str,
    *,
    limit: int = 20,
    cursor: str | None = None,
    currency: str = Currency.FUB,
    direction: str | None = None,
) -> StatementPage:
    """A page of what moved on the account, newest first, each line with the balance after it.

    `direction` ("in" or "out") leaves out the other lines; such a page looks at 5,000 entries at
    most, so it may be short and yet have a cursor. All of it is read at one moment. Raises
    AccountNotFound and BadCursor.
    """
    must_be_account(account)
    limit = max(1, min(limit, MAX_LINES))
    place = place_of(cursor, account, currency, direction) if cursor else None
    most = limit + 1 if direction is None else MAX_WALKED
    with database().client.start_session(snapshot=True) as session:
        asked = _seen_by(session, account, currency)
        start = _as_it_is_now(place, asked) if place else None
        found = _entries_of(asked, start.last.older if start else {}, most)
        walk = _walk(found, start.balance if start else asked.held, limit, direction, most)
    end = _place_below(walk, start, asked)
    return StatementPage(
        account=account,
        currency=currency,
        balance=asked.held,
        lines=tuple(walk.lines),
        next_cursor=cursor_of(end, account, currency, direction) if end else None,
    )


def _seen_by(session: ClientSession, account: str, currency: str) -> _Account:
    if not is_stored(account):
        return _Account(account, currency, session, balance_in(account, currency, session), None)
    kept = stored_balance(account, currency, session)
    entries = int(kept["entries"]) if kept else 0
    return _Account(account, currency, session, balance_kept(account, kept), entries)


def _entries_of(asked: _Account, which: dict[str, Any], most: int) -> Iterator[Mapping[str, Any]]:
    shown: dict[str, Any] = dict.fromkeys(_SHOWN, 1)
    shown["amount"] = amount_on(asked.name, asked.currency)
    found = collection(Entry).find(
        asked.touched_by(which), shown, session=asked.session, hint=BY_ACCOUNT
    )
    yield from found.sort([("posted_at", -1), ("_id", -1)]).limit(most)


def _walk(
    found: Iterable[Mapping[str, Any]],
    balance: int,
    limit: int,
    direction: str | None,
    most: int,
) -> _Walk:
    """Walk the balance back down the entries until there are lines enough."""
    walk = _Walk(balance, [])
    for number, entry in enumerate(found, 1):
        if _is_wanted(entry["amount"], direction):
            if len(walk.lines) == limit:
                walk.more = True
                return walk
            walk.lines.append(_line(entry, walk.balance))
        walk.balance -= int(entry["amount"])
        walk.last = Position(entry["posted_at"], entry["_id"])
        walk.first = walk.first or walk.last
        walk.more = number == most
    return walk


def _is_wanted(amount: int, direction: str | None) -> bool:
    if direction is None:
        return True
    return amount > 0 if direction == Direction.IN else amount < 0


def _line(entry: Mapping[str, Any], balance: int) -> StatementLine:
    return StatementLine(
        entry_id=entry["_id"],
        kind=entry["kind"],
        about_kind=entry["about"]["kind"],
        about_id=entry["about"]["id"],
        amount=int(entry["amount"]),
        balance=balance,
        effective_at=entry["effective_at"],
        posted_at=entry["posted_at"],
        unit=entry.get("unit"),
        reverses=entry.get("reverses"),
        reason=entry.get("reason"),
    )


def _place_below(walk: _Walk, start: Place | None, asked: _Account) -> Place | None:
    if not walk.more or walk.last is None or walk.first is None:
        return None
    entries = start.entries if start else asked.entries or 0
    top = start.top if start else walk.first
    return Place(walk.last, walk.balance, entries, top)


def _as_it_is_now(place: Place, asked: _Account) -> Place:
    """The place with the balance there as the session sees it.

    What the cursor says still holds where all that was posted since lies above the newest entry
    of then. An entry may be dated before that and committed after it, by a process that was held
    up however long; the count of entries gives it away, and the balance is added up anew.
    """
    if asked.entries is None:
        return Place(place.last, _sum_below(place.last, asked), 0, place.top)
    if _all_above(place, asked):
        return place
    balance = asked.held - asked.sum_over(place.last.this_and_newer)
    (newest,) = _entries_of(asked, {}, 1)
    top = Position(newest["posted_at"], newest["_id"])
    return Place(place.last, balance, asked.entries, top)


def _all_above(place: Place, asked: _Account) -> bool:
    added = (asked.entries or 0) - place.entries
    if added <= 0:
        return added == 0
    above = asked.touched_by(place.top.newer)
    counted = collection(Entry).count_documents(
        above, session=asked.session, limit=added, hint=BY_ACCOUNT
    )
    return counted == added


def _sum_below(last: Position, asked: _Account) -> int:
    """What the account held below the place, where no stored balance counts its entries.

    Added up from the last month's end by which all that it contains was posted.
    """
    ends = [end for end in month_ends(asked.session) if end.known_by < last.posted_at]
    if not ends:
        return asked.sum_over(last.older)
    before = balance_at_month_end(asked.name, asked.currency, ends[-1], asked.session)
    return before + asked.sum_over(last.older, ends[-1].later)
