"""What every export reads: the entries of some months and the totals of accounts, at one moment.

The server keeps the past of a moment for 300 s (its minSnapshotHistoryWindowInSeconds): a reading
that lasts longer breaks off, and is refused with ExportTooLong.
"""

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import bson
import pymongo
from pymongo.client_session import ClientSession
from pymongo.errors import OperationFailure, PyMongoError

from ledger.accounts import AccountKind, is_guarded
from ledger.balance import Balance
from ledger.entry import MONTH_PATTERN, Entry
from settings import settings
from shared.clock import business_month_start, month_later, real_now
from shared.database import collection, database
from shared.errors import Invalid, Unavailable
from shared.i18n import Text

FIRST_MONTH, LAST_MONTH = "2000-01", "2100-12"
# Adding the whole book up is one command, which takes a while; a batch of it takes none.
TOTALS_TIMEOUT_S = 240
BATCH_TIMEOUT_S = 20
BATCH = 1_000
SNAPSHOT_GONE = (239, 246)  # SnapshotTooOld, SnapshotUnavailable
NOT_EXPORTED = {"request_hash": 0}
_WALLET, _OWED = f"{AccountKind.WALLET}:", f"{AccountKind.OWED}:"


class BadMonths(Invalid):
    """Raised when months are not written as 2026-10, or a range of them ends before it starts."""

    message = Text(
        "Months are written as 2026-10, between {first} and {last}, the earlier one first.",
        "月份格式为 2026-10，须在 {first} 与 {last} 之间，且起始月不晚于结束月。",
    )


class ExportTooLong(Unavailable):
    """Raised when an export lasts longer than the server keeps the moment it is read at."""

    message = Text(
        "The export took too long to be of one moment. Please ask for fewer months.",
        "导出耗时过长，无法保证数据取自同一时刻，请缩小月份范围。",
    )


@dataclass(frozen=True)
class Months:
    """A range of effective months, both included, in the business time zone; None: no bound.

    Raises BadMonths.
    """

    first: str | None = None
    last: str | None = None

    def __post_init__(self) -> None:
        for field, month in (("from", self.first), ("to", self.last)):
            if month is not None and not _is_month(month):
                raise BadMonths(field, first=FIRST_MONTH, last=LAST_MONTH)
        if self.first and self.last and self.last < self.first:
            raise BadMonths("to", first=FIRST_MONTH, last=LAST_MONTH)

    @property
    def starts_at(self) -> datetime | None:
        """The first moment of the range."""
        return business_month_start(self.first) if self.first else None

    @property
    def ends_at(self) -> datetime | None:
        """The first moment after the range."""
        return business_month_start(month_later(self.last, 1)) if self.last else None

    @property
    def count(self) -> int | None:
        """How many months the range is; None where it has no bound."""
        if self.first is None or self.last is None:
            return None
        (year, month), (last_year, last_month) = (
            map(int, text.split("-")) for text in (self.first, self.last)
        )
        return (last_year - year) * 12 + last_month - month + 1

    def __str__(self) -> str:
        if self.first is self.last is None:
            return "all"
        return f"{self.first or 'start'}..{self.last or 'now'}"


def _is_month(month: str) -> bool:
    return bool(re.fullmatch(MONTH_PATTERN, month)) and FIRST_MONTH <= month <= LAST_MONTH


@dataclass(frozen=True)
class AccountTotals:
    """One account in one currency, in minor units: before the range, in it, and what is stored.

    `legs` counts those in the range; `first_at` is the account's earliest effective date up to the
    range's end. `stored` is what the stored balance says of the range's end (the balance now less
    what is effective later), None for the accounts that keep none.
    """

    account: str
    currency: str
    opening: int
    moved: int
    legs: int
    first_at: datetime | None
    stored: int | None

    @property
    def closing(self) -> int:
        """What the account holds at the range's end by the entries."""
        return self.opening + self.moved


class BookReading:
    """The book of some months as it stood at one moment, read as a stream and never held whole."""

    def __init__(self, months: Months, session: ClientSession) -> None:
        self.months = months
        self.as_of = real_now()
        self.zone = ZoneInfo(settings().business_time_zone)
        self.entries_read = self.legs_read = 0
        self._session = session

    def entries(self) -> Iterator[Mapping[str, Any]]:
        """The entries effective in the range, as stored, in the order they were posted."""
        bounds: dict[str, Any] = {}
        if self.months.starts_at:
            bounds["$gte"] = self.months.starts_at
        if self.months.ends_at:
            bounds["$lt"] = self.months.ends_at
        wanted: dict[str, Any] = {"effective_at": bounds} if bounds else {}
        if self.months.starts_at:
            # Nothing counts before it happens, so what is effective then was not posted before:
            # that bound the index in order of posting can use.
            wanted["posted_at"] = {"$gte": self.months.starts_at}
        found = collection(Entry).find(
            wanted, NOT_EXPORTED, session=self._session, batch_size=BATCH
        )
        for entry in _in_batches(found.sort([("posted_at", 1), ("_id", 1)])):
            self.entries_read += 1
            self.legs_read += len(entry["legs"])
            yield entry

    def entries_read_first(self) -> Iterator[Mapping[str, Any]]:
        """The same entries, all of them in a temporary file before the first is given.

        For whoever takes longer over them than the server keeps the moment.
        """
        with tempfile.TemporaryFile() as file:
            for entry in self.entries():
                file.write(bson.encode(entry))
            file.seek(0)
            yield from bson.decode_file_iter(file, collection(Entry).codec_options)

    def totals(self) -> Iterator[AccountTotals]:
        """Every account that was ever used up to the range's end, by name, then currency.

        The server adds up the whole book for it. What was closed before the range and rests at
        zero is left out.
        """
        steps = _totals_steps(self.months)
        with _answered(TOTALS_TIMEOUT_S):
            found = collection(Entry).aggregate(
                steps, allowDiskUse=True, session=self._session, batchSize=BATCH
            )
        for group in _in_batches(found):
            totals = _totals_of(group)
            if totals.legs or totals.opening or totals.stored:
                yield totals

    def last_posted_at(self) -> datetime | None:
        """When the last entry of the book was posted, so that none is effective later."""
        with _answered(BATCH_TIMEOUT_S):
            last = collection(Entry).find_one(
                {}, {"posted_at": 1}, sort=[("posted_at", -1), ("_id", -1)], session=self._session
            )
        return last["posted_at"] if last else None


@contextmanager
def reading_book(months: Months) -> Iterator[BookReading]:
    """The book of these months, all of it read at one moment, that of the first question.

    Its questions raise ExportTooLong and Unavailable.
    """
    with database().client.start_session(snapshot=True) as session:
        yield BookReading(months, session)


@contextmanager
def _answered(timeout_s: float) -> Iterator[None]:
    """Give the server so long; what goes wrong in it is a refusal. Never held across a yield of
    a generator, for the time limit belongs to whoever runs."""
    try:
        with pymongo.timeout(timeout_s):
            yield
    except OperationFailure as error:
        if error.code in SNAPSHOT_GONE:
            raise ExportTooLong from error
        raise
    except PyMongoError as error:
        if error.timeout:
            raise Unavailable from error
        raise


def _in_batches(found: Any) -> Iterator[Mapping[str, Any]]:
    """What a cursor finds, one document after the other; the cursor is closed in any case."""
    with found:
        while True:
            with _answered(BATCH_TIMEOUT_S):
                batch = list(islice(found, BATCH))
            if not batch:
                return
            yield from batch


def _totals_steps(months: Months) -> list[dict[str, Any]]:
    """The pipeline over the entries that adds up every account beside its stored balance."""
    begins: Any = {"$gte": ["$effective_at", months.starts_at]} if months.starts_at else True
    is_past: Any = {"$lt": ["$effective_at", months.ends_at]} if months.ends_at else True
    within = {"$and": [begins, is_past]}
    amount, name = "$legs.amount", {"account": "$legs.account", "currency": "$legs.currency"}
    added_up = {
        "opening": _sum_where({"$not": [begins]}, amount),
        "moved": _sum_where(within, amount),
        "legs": _sum_where(within, 1),
        "later": _sum_where({"$not": [is_past]}, amount),
        "first_at": {"$min": {"$cond": [is_past, "$effective_at", None]}},
    }
    sums = ("opening", "moved", "legs", "later", "stored")
    joined = {name: {"$sum": f"${name}"} for name in sums} | {"first_at": {"$min": "$first_at"}}
    stored = {"coll": collection(Balance).name, "pipeline": _STORED}
    return [
        {"$unwind": "$legs"},
        {"$group": {"_id": name, **added_up}},
        {"$unionWith": stored},
        {"$group": {"_id": {"account": "$_id.account", "currency": "$_id.currency"}, **joined}},
        {"$sort": {"_id.account": 1, "_id.currency": 1}},
    ]


def _sum_where(condition: dict[str, Any], what: Any) -> dict[str, Any]:
    return {"$sum": {"$cond": [condition, what, 0]}}


_PART = {"$split": ["$rows.name", "|"]}
# A stored balance as rows of one account: a wallet's balance also says what its owner owes. What
# is zero adds nothing, so the rows that this makes up for other accounts than wallets go as well.
_STORED: list[dict[str, Any]] = [
    {
        "$project": {
            "rows": [
                {"name": "$_id", "stored": "$posted"},
                {
                    "name": {"$concat": [_OWED, {"$substrBytes": ["$_id", len(_WALLET), -1]}]},
                    "stored": {"$subtract": [0, {"$ifNull": ["$owes", 0]}]},
                },
            ]
        }
    },
    {"$unwind": "$rows"},
    {"$match": {"rows.stored": {"$ne": 0}}},
    {
        "$project": {
            "_id": {
                "account": {"$arrayElemAt": [_PART, 0]},
                "currency": {"$arrayElemAt": [_PART, 1]},
            },
            "stored": "$rows.stored",
        }
    },
]


def _totals_of(group: Mapping[str, Any]) -> AccountTotals:
    account = group["_id"]["account"]
    kept = is_guarded(account) or account.startswith(_OWED)
    return AccountTotals(
        account=account,
        currency=group["_id"]["currency"],
        opening=int(group["opening"]),
        moved=int(group["moved"]),
        legs=int(group["legs"]),
        first_at=group["first_at"],
        stored=int(group["stored"]) - int(group["later"]) if kept else None,
    )
