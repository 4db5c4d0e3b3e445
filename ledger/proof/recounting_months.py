"""Closed months counted again: nothing came in after they closed, and their balances hold."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from pymongo.client_session import ClientSession

from ledger.book_closing import THE_BOOK, BookClosing, MonthBalance
from ledger.entry import Entry
from ledger.proof.findings import Finding, FindingKind
from ledger.proof.replaying_steps import (
    CROSSING_S,
    MAX_FINDINGS,
    Steps,
    beside,
    over,
    reading,
    text,
)
from settings import settings
from shared.clock import business_month_start, month_later

Closings = Sequence[Mapping[str, Any]]


def closed_months_that_differ(session: ClientSession) -> Iterator[Finding]:
    """Entries posted into closed months, and month-end balances that their entries do not give."""
    book = reading(BookClosing).find_one({"_id": THE_BOOK}, session=session) or {}
    closings = sorted(book.get("months", ()), key=lambda closing: str(closing["month"]))
    last = closings[-1]["month"] if closings else None
    if book.get("closed_through") != last:
        through = book.get("closed_through")
        yield Finding(FindingKind.CLOSING_DIFFERS, THE_BOOK, through, last)
    if closings:
        yield from _posted_after_closing(closings, session)
    # Asked for as well where no month is closed: then no balance may be stored.
    if closings or reading(MonthBalance).find_one({}, {"_id": 1}, session=session):
        yield from _balances_that_differ(closings, session)


def _ends_at(month: str) -> datetime:
    return business_month_start(month_later(month, 1))


def _month_of_entry() -> dict[str, Any]:
    zone = settings().business_time_zone
    return {"$dateToString": {"date": "$effective_at", "format": "%Y-%m", "timezone": zone}}


def _posted_after_closing(closings: Closings, session: ClientSession) -> Iterator[Finding]:
    steps: Steps = [
        {"$match": {"effective_at": {"$lt": _ends_at(closings[-1]["month"])}}},
        {"$group": {"_id": _month_of_entry(), "latest": {"$max": "$posted_at"}}},
        {"$sort": {"_id": 1}},
    ]
    for found in over(Entry, steps, session):
        month = found["_id"]
        closed_at = next(one["closed_at"] for one in closings if one["month"] >= month)
        # A posting and a closing that race both write one document, so neither passes the
        # other; only their stamps may. What truly passed unseen shows in the balances.
        until = closed_at + timedelta(seconds=CROSSING_S)
        if found["latest"] > until:
            yield from islice(_late_entries(month, until, session), MAX_FINDINGS)


def _late_entries(month: str, until: datetime, session: ClientSession) -> Iterator[Finding]:
    late = {
        "posted_at": {"$gt": until},
        "effective_at": {"$gte": business_month_start(month), "$lt": _ends_at(month)},
    }
    for entry in reading(Entry).find(late, {"posted_at": 1}, session=session).sort("posted_at"):
        at = entry["posted_at"]
        yield Finding(FindingKind.POSTED_AFTER_CLOSING, str(entry["_id"]), month, None, at)


def _balances_that_differ(closings: Closings, session: ClientSession) -> Iterator[Finding]:
    """The stored balances of closed months beside the running sums of entries up to their ends."""
    months = [closing["month"] for closing in closings if closing["stored"]]
    # Of a month just closed some may stand already: they are compared once all do.
    storing = [closing["month"] for closing in closings if not closing["stored"]]
    stored: Steps = [
        {"$match": {"month": {"$nin": storing}}},
        {"$project": {"key": _name_of_stored(), "stored": "$balance"}},
    ]
    name = {"$concat": ["$month", "|", "$account", "|", "$currency"]}
    steps: Steps = [
        *(_running_sums(months) if months else [{"$match": {"_id": None}}]),
        {"$project": {"_id": 0, "key": name, "replayed": 1}},
        beside(MonthBalance, stored),
        {
            "$group": {
                "_id": "$key",
                "stored": {"$max": "$stored"},
                "replayed": {"$max": "$replayed"},
            }
        },
        {"$match": {"$expr": {"$ne": ["$stored", "$replayed"]}}},
        {"$sort": {"_id": 1}},
        {"$limit": MAX_FINDINGS},
    ]
    for found in over(Entry, steps, session):
        yield Finding(
            FindingKind.MONTH_DIFFERS, str(found["_id"]), found["stored"], found["replayed"]
        )


def _name_of_stored() -> dict[str, Any]:
    """A stored balance's name, by its fields; one whose id says something else has none."""
    said = {"$concat": [text("$month"), "|", text("$account"), "|", text("$currency")]}
    return {"$cond": [{"$eq": ["$_id", said]}, "$_id", {"$concat": ["misnamed ", text("$_id")]}]}


def _running_sums(months: list[str]) -> Steps:
    """What accounts held at the end of each of these months that they moved in.

    The first month that was closed has all before it closed with it, and counts as theirs.
    """
    month = {"$max": [_month_of_entry(), months[0]]}
    account = {"account": "$legs.account", "currency": "$legs.currency"}
    return [
        {"$match": {"effective_at": {"$lt": _ends_at(months[-1])}}},
        {"$project": {"legs": 1, "month": month}},
        {"$unwind": "$legs"},
        {"$match": {"legs.account": {"$type": "string"}, "legs.currency": {"$type": "string"}}},
        {"$group": {"_id": {**account, "month": "$month"}, "moved": {"$sum": "$legs.amount"}}},
        {
            "$project": {
                "account": "$_id.account",
                "currency": "$_id.currency",
                "month": "$_id.month",
                "moved": 1,
            }
        },
        {
            "$setWindowFields": {
                "partitionBy": {"account": "$account", "currency": "$currency"},
                "sortBy": {"month": 1},
                "output": {
                    "replayed": {
                        "$sum": "$moved",
                        "window": {"documents": ["unbounded", "current"]},
                    }
                },
            }
        },
        {"$match": {"month": {"$in": months}}},
    ]
