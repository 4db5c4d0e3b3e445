"""What stands in the ledger's collections although their validators would not let it in today."""

from collections.abc import Iterator
from typing import Any

from pymongo.client_session import ClientSession

from ledger.accounts import AccountKind
from ledger.balance import Balance
from ledger.entry import Entry
from ledger.hold import Hold
from ledger.proof.findings import Finding, FindingKind
from ledger.proof.replaying_steps import MAX_FINDINGS, reading
from shared.database import Document

# The whole collection is read in any case; an index that has the order would only slow it down.
_AS_STORED = [("$natural", 1)]


def unsound_documents(session: ClientSession) -> Iterator[Finding]:
    """Entries, balances and holds that a validator of today refuses, or whose lots cannot be."""
    for document, kind in (
        (Entry, FindingKind.UNSOUND_ENTRY),
        (Balance, FindingKind.UNSOUND_BALANCE),
        (Hold, FindingKind.UNSOUND_HOLD),
    ):
        flaws = {kind: {"$nor": [document.VALIDATOR]}}
        if document is Entry:
            flaws[FindingKind.UNSOUND_LOTS] = _unsound_lots()
        # A sound book is gone through once, whichever flaw is looked for.
        if reading(document).find_one({"$or": [*flaws.values()]}, {"_id": 1}, session=session):
            for flaw, query in flaws.items():
                yield from _found(document, flaw, query, session)


def _unsound_lots() -> dict[str, Any]:
    """The query that is true of entries with lots outside a wallet's leg, or beyond its amount."""
    coins = {"$sum": {"$map": {"input": {"$objectToArray": "$$this.lots"}, "in": "$$this.v"}}}
    is_named = {"$eq": [{"$type": "$$this.lots"}, "object"]}
    amount = {"$cond": [{"$isNumber": "$$this.amount"}, {"$abs": "$$this.amount"}, 0]}
    too_many = {"$and": [is_named, {"$gt": [coins, amount]}]}
    legs = {"$cond": [{"$isArray": "$legs"}, "$legs", []]}
    outside = {
        "legs": {
            "$elemMatch": {
                "lots": {"$exists": True},
                "account": {"$not": {"$regex": f"^{AccountKind.WALLET}:"}},
            }
        }
    }
    beyond = {"$expr": {"$anyElementTrue": {"$map": {"input": legs, "in": too_many}}}}
    return {"legs.lots": {"$exists": True}, "$or": [outside, beyond]}


def _found(
    document: type[Document], kind: FindingKind, unsound: dict[str, Any], session: ClientSession
) -> Iterator[Finding]:
    found = reading(document).find(unsound, {"posted_at": 1}, session=session)
    for one in found.sort([("posted_at", 1), ("_id", 1)]).limit(MAX_FINDINGS).hint(_AS_STORED):
        yield Finding(kind, str(one["_id"]), at=one.get("posted_at"))
