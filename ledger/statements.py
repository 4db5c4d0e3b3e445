"""What an account holds and how it came to that: balances, and statements newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.client_session import ClientSession

from ledger.accounts import NoSuchAccount, is_guarded, kind_of
from ledger.balance import Balance, balance_id
from ledger.entry import Currency, Entry
from shared.cursors import BadCursor, from_cursor, to_cursor
from shared.database import collection, database
from shared.errors import NotFound
from shared.i18n import Text

MAX_LINES = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AccountNotFound(NotFound):
    """Raised when a statement is asked of what is not the name of an account."""

    message = Text("There is no account of this name.", "没有该名称的账户。")


@dataclass(frozen=True)
class StatementLine:
    """One entry as the account sees it; `balance` is what the account held after it."""

    entry_id: str
    kind: str
    about_kind: str
    about_id: str
    amount: int
    balance: int
    effective_at: datetime
    posted_at: datetime

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
class _Position:
    """A place in the order of the book: after it come the entries posted earlier."""

    posted_at: datetime
    entry_id: str

    def older(self) -> dict[str, Any]:
        return self._from_here("$lte", "$lt", "$lt")

    def this_and_newer(self) -> dict[str, Any]:
        return self._from_here("$gte", "$gt", "$gte")

    def _from_here(self, bound: str, past: str, within: str) -> dict[str, Any]:
        # The plain bound on posted_at is what the index can use; $or alone would scan it all.
        return {
            "posted_at": {bound: self.posted_at},
            "$or": [
                {"posted_at": {past: self.posted_at}},
                {"_id": {within: self.entry_id}},
            ],
        }


def balance_of(account: str, currency: str = Currency.FUB) -> int:
    """What the account holds now, in minor units; 0 where it was never used."""
    return _balance_of(account, currency, None)


def statement_of(
    account: str, *, limit: int = 20, cursor: str | None = None, currency: str = Currency.FUB
) -> StatementPage:
    """A page of what moved on the account, newest first, each line with the balance after it.

    All of it is read at one moment. Raises AccountNotFound and BadCursor.
    """
    try:
        kind_of(account)
    except NoSuchAccount:
        raise AccountNotFound from None
    limit = max(1, min(limit, MAX_LINES))
    start = _position_of(cursor) if cursor else None
    with database().client.start_session(snapshot=True) as session:
        held = _balance_of(account, currency, session)
        after = held
        if start:
            newer = start.this_and_newer()
            after -= _sum_of_legs(account, currency, newer, session)
        found = _entries_of(account, currency, start, limit + 1, session)
    page = found[:limit]
    return StatementPage(
        account=account,
        currency=currency,
        balance=held,
        lines=_lines_of(page, account, currency, after),
        next_cursor=_cursor_of(page[-1]) if len(found) > limit else None,
    )


def _lines_of(
    entries: list[Mapping[str, Any]], account: str, currency: str, balance: int
) -> tuple[StatementLine, ...]:
    """The entries as lines, walking the balance back from what it was after the newest."""
    lines = []
    for entry in entries:
        amount = _net(entry, account, currency)
        lines.append(
            StatementLine(
                entry_id=entry["_id"],
                kind=entry["kind"],
                about_kind=entry["about"]["kind"],
                about_id=entry["about"]["id"],
                amount=amount,
                balance=balance,
                effective_at=entry["effective_at"],
                posted_at=entry["posted_at"],
            )
        )
        balance -= amount
    return tuple(lines)


def _net(entry: Mapping[str, Any], account: str, currency: str) -> int:
    """What the entry changed on the account: it may touch it in several legs."""
    return sum(
        int(leg["amount"])
        for leg in entry["legs"]
        if leg["account"] == account and leg["currency"] == currency
    )


def _touching(account: str, currency: str) -> dict[str, Any]:
    # The name stands beside $elemMatch so that the index on it can serve the order as well.
    return {
        "legs.account": account,
        "legs": {"$elemMatch": {"account": account, "currency": currency}},
    }


def _entries_of(
    account: str, currency: str, start: _Position | None, limit: int, session: ClientSession
) -> list[Mapping[str, Any]]:
    wanted = {**_touching(account, currency), **(start.older() if start else {})}
    found = collection(Entry).find(wanted, {"request_hash": 0, "key": 0}, session=session)
    return list(found.sort([("posted_at", -1), ("_id", -1)]).limit(limit))


def _balance_of(account: str, currency: str, session: ClientSession | None) -> int:
    if not is_guarded(account):
        return _sum_of_legs(account, currency, {}, session)
    held = collection(Balance).find_one({"_id": balance_id(account, currency)}, session=session)
    return int(held["posted"]) if held else 0


def _sum_of_legs(
    account: str, currency: str, which: dict[str, Any], session: ClientSession | None
) -> int:
    """The sum of the account's legs over the entries `which` picks, added up by the server."""
    steps: list[dict[str, Any]] = [
        {"$match": {**_touching(account, currency), **which}},
        {"$unwind": "$legs"},
        {"$match": {"legs.account": account, "legs.currency": currency}},
        {"$group": {"_id": None, "total": {"$sum": "$legs.amount"}}},
    ]
    for group in collection(Entry).aggregate(steps, session=session):
        return int(group["total"])
    return 0


def _cursor_of(entry: Mapping[str, Any]) -> str:
    posted_ms = (entry["posted_at"] - _EPOCH) // timedelta(milliseconds=1)
    return to_cursor(posted_ms, entry["_id"])


def _position_of(cursor: str) -> _Position:
    """The place a cursor stands for. Raises BadCursor."""
    posted_ms, entry_id = from_cursor(cursor, int, str)
    try:
        return _Position(_EPOCH + timedelta(milliseconds=posted_ms), entry_id)
    except OverflowError:
        raise BadCursor("cursor") from None
