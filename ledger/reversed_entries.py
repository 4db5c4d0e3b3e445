"""What reversals left behind, for the rooms above: coins brought back, entries that stand no more.

Reversals are few, so all are read: over an index of their own, never over the book.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
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
    """An account that reversals brought something into: what lies there now, in minor units.

    `entries` counts what was ever posted there: what lies there can change with it alone.
    """

    account: str
    currency: str
    amount: int
    entries: int

    @property
    def owner_id(self) -> str:
        """The id in the account's name: of the task, the voucher, the person."""
        return self.account.partition(":")[2]


def reversals_into(kind: AccountKind, *, since: datetime) -> list[BroughtBack]:
    """The guarded accounts of a kind that reversals posted since then brought something into.

    Each once, by name; without those where nothing lies any more.
    """
    wanted = {
        "reverses": {"$exists": True},
        "posted_at": {"$gte": since},
        "legs": {"$elemMatch": {"account": {"$regex": f"^{kind}:"}, "amount": {"$gt": 0}}},
    }
    shown = {"legs.account": 1, "legs.currency": 1, "legs.amount": 1}
    found = collection(Entry).find(wanted, shown).hint(_BY_REVERSES)
    names = iter(sorted({name for entry in found for name in _brought_into(kind, entry)}))
    still_there: list[BroughtBack] = []
    while some := list(islice(names, SLICE)):
        still_there += _still_there(some)
    return still_there


def reversed_among(entry_ids: Collection[str], *, session: ClientSession | None = None) -> set[str]:
    """Those of the entries that were reversed; with `session` as its transaction sees them."""
    if not entry_ids:
        return set()
    wanted = {"reverses": {"$in": sorted(entry_ids), "$exists": True}}
    shown = {"reverses": 1, "_id": 0}
    found = collection(Entry).find(wanted, shown, session=session).hint(_BY_REVERSES)
    return {entry["reverses"] for entry in found}


def _brought_into(kind: AccountKind, entry: Mapping[str, Any]) -> Iterator[str]:
    """The ids of the balances of this kind that an entry brought something into."""
    for leg in entry["legs"]:
        if leg["amount"] > 0 and leg["account"].startswith(f"{kind}:"):
            yield balance_id(leg["account"], leg["currency"])


def _still_there(names: Sequence[str]) -> list[BroughtBack]:
    """The balances of these ids in which something lies."""
    wanted = {"_id": {"$in": list(names)}, "posted": {"$gt": 0}}
    found = collection(Balance).find(wanted, {"posted": 1, "entries": 1}).sort("_id", 1)
    held = []
    for row in found:
        account, _, currency = row["_id"].rpartition("|")
        held.append(BroughtBack(account, currency, int(row["posted"]), int(row["entries"])))
    return held
