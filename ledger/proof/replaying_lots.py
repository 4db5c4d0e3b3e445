"""Free lots added up anew from every entry and hold, beside the stored ones, on the server."""

from collections.abc import Iterator
from typing import Any

from pymongo.client_session import ClientSession

from ledger.accounts import AccountKind
from ledger.balance import Balance
from ledger.entry import Entry
from ledger.hold import Hold, HoldState
from ledger.proof.findings import Finding, FindingKind
from ledger.proof.replaying_steps import (
    BALANCE_OF_HOLD,
    MAX_FINDINGS,
    WELL_NAMED,
    Steps,
    balance_of_leg,
    beside,
    named,
    number,
    over,
    text,
)
from shared.database import collection


def lots_that_differ(session: ClientSession) -> Iterator[Finding]:
    """Free lots, by balance and month, that do not follow from entries and holds."""
    steps: Steps = [
        *_lots_of_legs(),
        beside(Balance, _lots_of("$_id", "$lots", "stored")),
        beside(Hold, _taken_by_holds()),
        beside(
            Hold, [{"$match": WELL_NAMED}, *_lots_of(BALANCE_OF_HOLD, "$lots_back", "replayed")]
        ),
        beside(Hold, _named_when_settled()),
        {
            "$group": {
                "_id": {"$concat": ["$balance", "|", "$month"]},
                "stored": {"$sum": "$stored"},
                "replayed": {"$sum": "$replayed"},
            }
        },
        {"$match": {"$expr": {"$ne": ["$stored", "$replayed"]}}},
        {"$sort": {"_id": 1}},
        {"$limit": MAX_FINDINGS},
    ]
    for found in over(Entry, steps, session):
        yield Finding(FindingKind.LOTS_DIFFER, found["_id"], found["stored"], found["replayed"])


def earliest_lots_that_differ(session: ClientSession) -> Iterator[Finding]:
    """Balances whose `earliest_lot` would let a lot expire unseen."""
    free = {"$filter": {"input": {"$objectToArray": "$lots"}, "cond": {"$gt": ["$$this.v", 0]}}}
    first = {"$min": {"$map": {"input": free, "in": "$$this.k"}}}
    steps: Steps = [
        {"$match": {"lots": {"$type": "object"}}},
        {"$project": {"stored": "$earliest_lot", "replayed": first}},
        {"$match": {"replayed": {"$type": "string"}}},
        {"$match": {"$expr": {"$gt": [{"$ifNull": ["$stored", "9999-99"]}, "$replayed"]}}},
        {"$sort": {"_id": 1}},
        {"$limit": MAX_FINDINGS},
    ]
    for found in over(Balance, steps, session):
        yield Finding(
            FindingKind.EARLIEST_LOT_DIFFERS,
            str(found["_id"]),
            found.get("stored"),
            found["replayed"],
        )


def _lots_of(balance: Any, lots: str, side: str, *, sign: Any = 1) -> Steps:
    """A mapping of lots as one row a month: which balance, which month, how many coins."""
    return [
        {"$match": {lots.removeprefix("$"): {"$type": "object"}}},
        {
            "$project": {
                "balance": balance,
                "sign": {"$literal": sign} if isinstance(sign, int) else sign,
                "lots": {"$objectToArray": lots},
            }
        },
        {"$unwind": "$lots"},
        {
            "$project": {
                "_id": 0,
                "balance": text("$balance"),
                "month": "$lots.k",
                side: {"$multiply": ["$sign", number("$lots.v")]},
            }
        },
    ]


def _lots_of_legs() -> Steps:
    """What entries gave into lots and drew from them."""
    sign = {"$cond": [{"$gt": ["$legs.amount", 0]}, 1, -1]}
    return [
        {"$match": {"legs.lots": {"$exists": True}}},
        {"$project": {"legs": 1}},
        {"$unwind": "$legs"},
        {
            "$match": {
                "legs.account": named({AccountKind.WALLET}),
                "legs.currency": {"$type": "string"},
            }
        },
        *_lots_of(balance_of_leg("$legs.account", "$legs.currency"), "$legs.lots", "x", sign=sign),
        {"$project": {"balance": 1, "month": 1, "replayed": "$x"}},
    ]


def _taken_by_holds() -> Steps:
    return [{"$match": WELL_NAMED}, *_lots_of(BALANCE_OF_HOLD, "$lots", "replayed", sign=-1)]


def _named_when_settled() -> Steps:
    """The lots on the entries that settled holds: they were drawn when they were held."""
    return [
        {"$match": {**WELL_NAMED, "state": HoldState.SETTLED.value}},
        {
            "$lookup": {
                "from": collection(Entry).name,
                "localField": "entry_id",
                "foreignField": "_id",
                "as": "entry",
            }
        },
        {"$unwind": "$entry"},
        {"$unwind": "$entry.legs"},
        {
            "$match": {
                "$expr": {
                    "$and": [
                        {"$eq": ["$entry.legs.account", "$account"]},
                        {"$eq": ["$entry.legs.currency", "$currency"]},
                    ]
                }
            }
        },
        *_lots_of(BALANCE_OF_HOLD, "$entry.legs.lots", "replayed"),
    ]
