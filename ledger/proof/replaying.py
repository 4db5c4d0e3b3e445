"""Balances added up anew from every entry and hold, beside the stored ones, on the server."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from pymongo.client_session import ClientSession

from ledger.accounts import GUARDED, AccountKind
from ledger.balance import Balance
from ledger.entry import Entry
from ledger.hold import Hold, HoldState
from ledger.proof.findings import Finding, FindingKind
from ledger.proof.replaying_steps import (
    BALANCE_OF_HOLD,
    CROSSING_S,
    MAX_FINDINGS,
    WELL_NAMED,
    Steps,
    balance_of_leg,
    beside,
    is_owed,
    named,
    over,
    text,
)


class _Measure(NamedTuple):
    """One figure of a balance, and what it is called where stored and replayed differ."""

    field: str
    differs: FindingKind


MEASURES = (
    _Measure("posted", FindingKind.BALANCE_DIFFERS),
    _Measure("entries", FindingKind.ENTRIES_DIFFER),
    _Measure("owes", FindingKind.OWES_DIFFERS),
    _Measure("held", FindingKind.HELD_DIFFERS),
)


def balances_that_differ(session: ClientSession) -> Iterator[Finding]:
    """Balances whose coins, entries, debt or held coins do not follow from entries and holds."""
    sums = {
        f"{side}.{measure.field}": {"$sum": f"${side}.{measure.field}"}
        for measure in MEASURES
        for side in ("stored", "replayed")
    }
    flat = {name.replace(".", "_"): value for name, value in sums.items()}
    differs = [
        {"$ne": [f"$stored_{measure.field}", f"$replayed_{measure.field}"]} for measure in MEASURES
    ]
    steps: Steps = [
        *_legs_by_account(),
        beside(Entry, _counted_twice()),
        beside(Balance, [{"$project": {"stored": _fields_of_balance()}}]),
        beside(Hold, _held_by_balance()),
        {"$group": {"_id": "$_id", **flat}},
        {"$match": {"$expr": {"$or": [*differs, {"$lt": ["$replayed_posted", 0]}]}}},
        {"$sort": {"_id": 1}},
        {"$limit": MAX_FINDINGS},
    ]
    for found in over(Entry, steps, session):
        for field, differing in MEASURES:
            stored, replayed = found[f"stored_{field}"], found[f"replayed_{field}"]
            if stored != replayed:
                yield Finding(differing, str(found["_id"]), stored, replayed)
        if found["replayed_posted"] < 0:
            replayed = found["replayed_posted"]
            yield Finding(FindingKind.OVERDRAWN, str(found["_id"]), None, replayed)


def budgets_exceeded(session: ClientSession) -> Iterator[Finding]:
    """Slices of budgets that stood below zero at a quiet moment between two of their entries."""
    of_budget = {"legs.account": {"$regex": f"^{AccountKind.BUDGET}:"}}
    running = {"$sum": "$legs.amount", "window": {"documents": ["unbounded", "current"]}}
    steps: Steps = [
        {"$match": {**of_budget, "posted_at": {"$type": "date"}}},
        {"$project": {"posted_at": 1, "legs": 1}},
        {"$unwind": "$legs"},
        {"$match": of_budget},
        {
            "$setWindowFields": {
                "partitionBy": {"$concat": ["$legs.account", "|", text("$legs.currency")]},
                "sortBy": {"posted_at": 1},
                "output": {
                    "running": running,
                    "next_at": {"$shift": {"output": "$posted_at", "by": 1}},
                },
            }
        },
        {"$match": {"running": {"$lt": 0}, "next_at": {"$type": "date"}}},
        {
            "$match": {
                "$expr": {"$gt": [{"$subtract": ["$next_at", "$posted_at"]}, CROSSING_S * 1000]}
            }
        },
        {"$sort": {"posted_at": 1, "_id": 1}},
        {"$limit": MAX_FINDINGS},
    ]
    for found in over(Entry, steps, session):
        yield Finding(
            FindingKind.BUDGET_EXCEEDED,
            str(found["_id"]),
            found["legs"]["account"],
            found["running"],
            found["posted_at"],
        )


def _legs_by_account() -> Steps:
    """Every entry's legs, added up: first by account, then told as the balance they belong to."""
    account, currency = "$_id.account", "$_id.currency"
    owed = is_owed(account)
    return [
        {"$project": {"legs.account": 1, "legs.currency": 1, "legs.amount": 1}},
        {"$unwind": "$legs"},
        {
            "$group": {
                "_id": {"account": "$legs.account", "currency": "$legs.currency"},
                "total": {"$sum": "$legs.amount"},
                "legs": {"$sum": 1},
            }
        },
        {
            "$match": {
                "_id.account": named(GUARDED | {AccountKind.OWED}),
                "_id.currency": {"$type": "string"},
            }
        },
        {
            "$project": {
                "_id": balance_of_leg(account, currency),
                "replayed": {
                    "posted": {"$cond": [owed, 0, "$total"]},
                    "owes": {"$cond": [owed, {"$subtract": [0, "$total"]}, 0]},
                    "entries": "$legs",
                },
            }
        },
    ]


def _counted_twice() -> Steps:
    """Entries on a wallet and on what its owner owes count once there, and were counted twice."""
    person = {"$substrBytes": ["$legs.account", {"$indexOfBytes": ["$legs.account", ":"]}, -1]}
    return [
        {"$match": {"legs.account": named({AccountKind.OWED})}},
        {"$unwind": "$legs"},
        {
            "$match": {
                "legs.account": named({AccountKind.OWED, AccountKind.WALLET}),
                "legs.currency": {"$type": "string"},
            }
        },
        {
            "$group": {
                "_id": {"entry": "$_id", "person": person, "currency": "$legs.currency"},
                "legs": {"$sum": 1},
            }
        },
        {
            "$project": {
                "_id": {"$concat": ["wallet", "$_id.person", "|", "$_id.currency"]},
                "replayed": {"entries": {"$subtract": [1, "$legs"]}},
            }
        },
    ]


def _fields_of_balance() -> dict[str, Any]:
    return {measure.field: f"${measure.field}" for measure in MEASURES}


def _held_by_balance() -> Steps:
    return [
        {"$match": {**WELL_NAMED, "state": HoldState.ACTIVE.value}},
        {"$project": {"_id": BALANCE_OF_HOLD, "replayed": {"held": "$amount"}}},
    ]
