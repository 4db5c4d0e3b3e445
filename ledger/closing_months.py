"""Closing a month: from then on it takes no entry, and what its accounts held at its end stands.

The closing and every back-dated post write the one document of the book's closing, so that of two
that meet, one is first. Storing the balances is the tail, which a sweep finishes.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pymongo
import structlog
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern

from ledger.book_closing import THE_BOOK, BookClosing, ClosedMonth, MonthBalance
from ledger.entry import MONTH_PATTERN, Entry
from shared.clock import business_month_start, in_business_time, month_later, real_now
from shared.cursors import from_cursor, to_cursor
from shared.database import collection, database
from shared.errors import Invalid, NotFound, Refused, Unavailable
from shared.i18n import Text

# Clocks of different hosts, and a post begun in the last moment of the month, are waited for.
GRACE = timedelta(minutes=5)
YEARS = (2000, 2100)
MAX_TRIES = 5
MAX_BALANCES = 100
# Who closes a month waits so long for its balances; then they are left to the sweep.
STORE_TIMEOUT_S = 6.0
SWEEP_TIMEOUT_S = 100.0

log = structlog.get_logger()


class BadMonth(Invalid):
    """Raised when a text is not a month of the years 2000 to 2100, as 2026-10."""

    message = Text(
        "A month is written as 2026-10, from 2000 to 2100.",
        "月份须写作 2026-10，年份为 2000 至 2100。",
    )


class NotOverYet(Refused):
    """Raised when a month is to be closed before it has been over for five minutes."""

    message = Text(
        "{month} can be closed from {from_local} on.", "{month} 须在 {from_local} 之后关账。"
    )


class MonthOutOfOrder(Refused):
    """Raised when another month than the one after the last closed one is to be closed."""

    message = Text(
        "Months are closed one after the other; the next is {next}.",
        "须按月依次关账，下一个月份为 {next}。",
    )


class MonthNotClosed(NotFound):
    """Raised when a month has no balances of its own: it was not closed by itself."""

    message = Text("This month was not closed.", "该月份尚未关账。")


@dataclass(frozen=True)
class StoredBalance:
    """What an account held at the end of a month, in minor units."""

    account: str
    currency: str
    balance: int


@dataclass(frozen=True)
class MonthBalancePage:
    """Balances of the accounts that moved in a month, by name; `next_cursor` is None at the end.

    Where not all are `stored` yet, there are none.
    """

    month: str
    stored: bool
    items: tuple[StoredBalance, ...]
    next_cursor: str | None


def close_month(month: str, *, by_id: str, timeout_s: float = STORE_TIMEOUT_S) -> ClosedMonth:
    """Close a month and store its accounts' balances; one closed before is answered as it stands.

    The first month ever closed closes all before it. The balances are waited for `timeout_s`,
    then left to the sweep. Raises BadMonth, NotOverYet, MonthOutOfOrder.
    """
    _refuse_unsound(month)
    for tries in range(MAX_TRIES):
        book = _book(tries)
        standing = _record_of(book, month)
        if standing is not None:
            break
        _close(month, book.get("closed_through"), by_id)
    else:
        raise Unavailable
    _try_to_store(timeout_s)
    return closed_month(month)


def closed_month(month: str) -> ClosedMonth:
    """When and by whom the month was closed. Raises BadMonth, MonthNotClosed."""
    _refuse_unsound(month)
    found = _record_of(_book(), month)
    if found is None:
        raise MonthNotClosed
    return _closed(found)


def closed_months() -> list[ClosedMonth]:
    """The months closed so far, the newest first; all before the oldest are closed with it."""
    return [_closed(record) for record in reversed(_book().get("months", []))]


def month_balances_of(
    month: str, *, limit: int = 20, cursor: str | None = None
) -> MonthBalancePage:
    """A page of what the accounts that moved in a closed month held at its end.

    In the first month closed these are all accounts ever used until then. Raises BadMonth,
    MonthNotClosed, BadCursor.
    """
    stored = closed_month(month).stored
    limit = max(1, min(limit, MAX_BALANCES))
    # The ids are <month>|<account>|<currency>, and "}" is the sign that follows "|".
    after = f"{month}|{from_cursor(cursor, str)[0]}" if cursor else f"{month}|"
    wanted = {"_id": {"$gt": after, "$lt": f"{month}}}"}}
    found = collection(MonthBalance).find(wanted).sort("_id", 1).limit(limit + 1)
    rows = list(found) if stored else []
    page = rows[:limit]
    return MonthBalancePage(
        month=month,
        stored=stored,
        items=tuple(
            StoredBalance(row["account"], row["currency"], int(row["balance"])) for row in page
        ),
        next_cursor=to_cursor(page[-1]["_id"].partition("|")[2]) if len(rows) > limit else None,
    )


def closable_from(month: str) -> datetime:
    """The moment from which a month can be closed: five minutes after its end there."""
    return _end_of(month) + GRACE


def finish_closings(*, timeout_s: float = SWEEP_TIMEOUT_S) -> int:
    """Store the balances of months that were closed and not finished; how many months."""
    return sum(_store(record["month"], timeout_s) for record in _unstored(_book()))


# ---- the deciding write


def _refuse_unsound(month: str) -> None:
    if not re.fullmatch(MONTH_PATTERN, month) or not YEARS[0] <= int(month[:4]) <= YEARS[1]:
        raise BadMonth("month")


def _close(month: str, closed_through: str | None, by_id: str) -> None:
    """Close the month where the book is still closed through that one. Raises what forbids it."""
    following = month_later(closed_through, 1) if closed_through else month
    if month != following:
        raise MonthOutOfOrder(next=following)
    closed_at, may_close_at = real_now(), closable_from(month)
    if closed_at < may_close_at:
        raise NotOverYet(
            month=month, from_at=may_close_at, from_local=in_business_time(may_close_at)
        )
    record = {"month": month, "closed_by": by_id, "closed_at": closed_at, "stored": False}
    change = {"$set": {"closed_through": month}, "$push": {"months": record}}
    as_read = {"_id": THE_BOOK, "closed_through": closed_through}
    # Where the first closing finds the book closed meanwhile, its upsert meets the used id.
    with suppress(DuplicateKeyError):
        collection(BookClosing).update_one(as_read, change, upsert=closed_through is None)


def _end_of(month: str) -> datetime:
    """The first moment of the next month in the business time zone."""
    return business_month_start(month_later(month, 1))


def _book(tries: int = 0) -> dict[str, Any]:
    """The book's closing as a majority has it; empty before the first.

    Who was told twice that somebody was faster asks for the very newest, which takes far longer.
    """
    level = ReadConcern("majority" if tries < 2 else "linearizable")
    found = collection(BookClosing).with_options(read_concern=level).find_one({"_id": THE_BOOK})
    return dict(found or {})


def _record_of(book: Mapping[str, Any], month: str) -> dict[str, Any] | None:
    for record in book.get("months", []):
        if record["month"] == month:
            return dict(record)
    return None


def _unstored(book: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The records of months still to be stored, the oldest first: each stands on the one before."""
    return [dict(record) for record in book.get("months", []) if not record["stored"]]


def _closed(record: Mapping[str, Any]) -> ClosedMonth:
    return ClosedMonth(**record)


# ---- the tail


def _try_to_store(timeout_s: float) -> None:
    """The tail at once where possible: the month is closed, so a failure waits for the sweep."""
    try:
        finish_closings(timeout_s=timeout_s)
    except (Unavailable, PyMongoError) as error:
        log.warning("month_not_stored", error=type(error).__name__)


def _store(month: str, timeout_s: float) -> bool:
    """Store what every account that moved in the month held at its end; safe to repeat and race.

    What it adds up takes no change any more, so two that do it write the same.
    """
    with pymongo.timeout(timeout_s), database().client.start_session() as session:
        before = _months_before(month, session)
        steps = _month_end_balances(month, after=before[-1] if before else None)
        collection(Entry).aggregate(steps, session=session, allowDiskUse=True)
        collection(BookClosing).update_one(
            {"_id": THE_BOOK, "months.month": month},
            {"$set": {"months.$.stored": True}},
            session=session,
        )
    return True


def _months_before(month: str, session: ClientSession) -> list[str]:
    """The months closed before, as the session sees them. Raises Unavailable.

    A session is causally consistent: where it has seen the month closed and those before stored,
    whatever it reads next includes all that was posted into them, and their balances.
    """
    found = collection(BookClosing).find_one({"_id": THE_BOOK}, session=session) or {}
    records = found.get("months", [])
    earlier = [record for record in records if record["month"] < month]
    is_closed = any(record["month"] == month for record in records)
    if not is_closed or not all(record["stored"] for record in earlier):
        raise Unavailable
    return [record["month"] for record in earlier]


def _month_end_balances(month: str, *, after: str | None) -> list[dict[str, Any]]:
    """The steps that write the balances of the accounts that moved since the month `after`."""
    ends_at = _end_of(month)
    moved: dict[str, Any] = {"effective_at": {"$lt": ends_at}}
    if after is not None:
        begins_at = _end_of(after)
        # Nothing is posted before it counts, so this bound loses none and has an index.
        moved = {"posted_at": {"$gte": begins_at}, **moved}
        moved["effective_at"]["$gte"] = begins_at
    name = {"$concat": [month, "|", "$_id.account", "|", "$_id.currency"]}
    balance = {"$add": ["$moved", {"$ifNull": ["$before.balance", 0]}]}
    return [
        {"$match": moved},
        {"$project": {"legs.account": 1, "legs.currency": 1, "legs.amount": 1}},
        {"$unwind": "$legs"},
        {
            "$group": {
                "_id": {"account": "$legs.account", "currency": "$legs.currency"},
                "moved": {"$sum": "$legs.amount"},
            }
        },
        *_newest_before(month),
        {
            "$project": {
                "_id": name,
                "month": month,
                "account": "$_id.account",
                "currency": "$_id.currency",
                "balance": {"$toLong": balance},
            }
        },
        {
            "$merge": {
                "into": collection(MonthBalance).name,
                "on": "_id",
                "whenMatched": "replace",
                "whenNotMatched": "insert",
            }
        },
    ]


def _newest_before(month: str) -> list[dict[str, Any]]:
    """The steps that find, as `before`, the account's newest stored balance of earlier months.

    All of an account's months are looked up by name and the newest picked from them: a join that
    picks in a pipeline of its own was measured two and a half times slower.
    """
    months = collection(MonthBalance).name
    by_name = {"localField": "_id.account", "foreignField": "account", "as": "before"}
    is_earlier = {
        "$and": [
            {"$eq": ["$$this.currency", "$_id.currency"]},
            {"$lt": ["$$this.month", month]},
        ]
    }
    earlier = {"$filter": {"input": "$before", "cond": is_earlier}}
    # Objects compare by their first field, which is the month.
    dated = {"month": "$$this.month", "balance": "$$this.balance"}
    newest = {"$max": {"$map": {"input": earlier, "in": dated}}}
    return [{"$lookup": {"from": months, **by_name}}, {"$set": {"before": newest}}]
