"""What reversals left behind, for the rooms above: coins brought back, entries that stand no more.

Reversals are few, so all are read: over an index of their own, never over the book.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from pymongo.client_session import ClientSession

from ledger.accounts import AccountKind
from ledger.balance import Balance, balance_id
from ledger.entry import Entry
from shared.database import collection

# How many reversals have their balances asked for at once.
SLICE = 1_000
_BY_REVERSES = [("reverses", 1)]


@dataclass(frozen=True)
class BroughtBack:
    """What a reversal brought into an account, in minor units, and when it was posted."""

    reversal_id: str
    account: str
    currency: str
    amount: int
    posted_at: datetime

    @property
    def owner_id(self) -> str:
        """The id in the account's name: of the task, the voucher, the person."""
        return self.account.partition(":")[2]


def reversals_into(kind: AccountKind, *, since: datetime) -> list[BroughtBack]:
    """What reversals posted since then brought into guarded accounts of a kind, oldest first.

    Left out is what cannot lie there any more: the account holds less than was brought.
    """
    wanted = {
        "reverses": {"$exists": True},
        "posted_at": {"$gte": since},
        "legs": {"$elemMatch": {"account": {"$regex": f"^{kind}:"}, "amount": {"$gt": 0}}},
    }
    shown = {"legs.account": 1, "legs.currency": 1, "legs.amount": 1, "posted_at": 1}
    found = collection(Entry).find(wanted, shown).hint(_BY_REVERSES)
    brought = (each for entry in found for each in _brought_into(kind, entry))
    still_there: list[BroughtBack] = []
    while some := list(islice(brought, SLICE)):
        still_there += _still_there(some)
    return sorted(still_there, key=lambda each: (each.posted_at, each.reversal_id))


def reversed_among(entry_ids: Collection[str], *, session: ClientSession | None = None) -> set[str]:
    """Those of the entries that were reversed; with `session` as its transaction sees them."""
    if not entry_ids:
        return set()
    wanted = {"reverses": {"$in": sorted(entry_ids), "$exists": True}}
    shown = {"reverses": 1, "_id": 0}
    found = collection(Entry).find(wanted, shown, session=session).hint(_BY_REVERSES)
    return {entry["reverses"] for entry in found}


def posted_keys(keys: Collection[str]) -> set[str]:
    """Those of the keys under which an entry stands in the book."""
    if not keys:
        return set()
    found = collection(Entry).find({"key": {"$in": sorted(keys)}}, {"key": 1, "_id": 0})
    return {entry["key"] for entry in found}


def _brought_into(kind: AccountKind, entry: Mapping[str, Any]) -> Iterator[BroughtBack]:
    for leg in entry["legs"]:
        if leg["amount"] > 0 and leg["account"].startswith(f"{kind}:"):
            yield BroughtBack(
                entry["_id"],
                leg["account"],
                leg["currency"],
                int(leg["amount"]),
                entry["posted_at"],
            )


def _still_there(brought: list[BroughtBack]) -> list[BroughtBack]:
    """Those whose account holds as much as was brought."""
    names = sorted({balance_id(each.account, each.currency) for each in brought})
    found = collection(Balance).find({"_id": {"$in": names}}, {"posted": 1})
    posted = {balance["_id"]: int(balance["posted"]) for balance in found}
    return [
        each
        for each in brought
        if posted.get(balance_id(each.account, each.currency), 0) >= each.amount
    ]
