"""How much was drawn from budgets over time: the server adds up, by the index on accounts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ledger.entry import Currency, Entry
from ledger.entry_kinds import EntryKind
from ledger.leg_sums import BY_ACCOUNT
from shared.clock import stored
from shared.database import collection

# What is put into tasks and comes back from them; grants, transfers and evening out are no draws.
DRAWING = (EntryKind.PUBLICATION, EntryKind.REWARD, EntryKind.TASK_RETURN)


def first_drawn_at(accounts: Sequence[str]) -> datetime | None:
    """When coins were first drawn from any of these accounts, by effective date; None: never."""
    steps: list[dict[str, Any]] = [
        {"$match": _drawing(accounts)},
        {"$group": {"_id": None, "first_at": {"$min": "$effective_at"}}},
    ]
    found = next(_summed(steps), None)
    return found["first_at"] if found else None


def net_drawn(accounts: Sequence[str], edges: Sequence[datetime]) -> list[int]:
    """The Fu coins drawn from these accounts less those given back, in each span between edges.

    Spans are [edge, next edge) by effective date, the edges rising; one span fewer than edges.
    """
    bounds = [stored(edge) for edge in edges]
    own = {
        "$filter": {
            "input": "$legs",
            "cond": {
                "$and": [
                    {"$in": ["$$this.account", list(accounts)]},
                    {"$eq": ["$$this.currency", Currency.FUB.value]},
                ]
            },
        }
    }
    amount = {"$sum": {"$map": {"input": own, "in": "$$this.amount"}}}
    effective = {"effective_at": {"$gte": bounds[0], "$lt": bounds[-1]}}
    steps: list[dict[str, Any]] = [
        {"$match": {**_drawing(accounts), **effective}},
        {
            "$bucket": {
                "groupBy": "$effective_at",
                "boundaries": bounds,
                "output": {"moved": {"$sum": amount}},
            }
        },
    ]
    moved = {row["_id"]: int(row["moved"]) for row in _summed(steps)}
    return [-moved.get(edge, 0) for edge in bounds[:-1]]


def _drawing(accounts: Sequence[str]) -> dict[str, Any]:
    kinds = [kind.value for kind in DRAWING]
    return {"legs.account": {"$in": list(accounts)}, "kind": {"$in": kinds}}


def _summed(steps: list[dict[str, Any]]) -> Any:
    return collection(Entry).aggregate(steps, hint=dict(BY_ACCOUNT))
