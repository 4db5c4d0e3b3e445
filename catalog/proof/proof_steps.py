"""Pieces of aggregations that the proof of the catalogue is built from, and what it can find."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pymongo.client_session import ClientSession

from ledger import Balance
from shared.database import Document, collection

Steps = list[dict[str, Any]]

# Of each kind of finding: who has hundreds is past reading them.
MAX_FINDINGS = 100
WORST_FIRST: Steps = [{"$sort": {"_id": 1}}, {"$limit": MAX_FINDINGS}]


@dataclass(frozen=True)
class Flaw:
    """One thing that is wrong, said in a sentence; `place` is where, whatever the figures are."""

    place: str
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def over(
    document: type[Document], steps: Steps, session: ClientSession
) -> Iterator[dict[str, Any]]:
    """What an aggregation over the documents answers, as of the session's moment."""
    yield from collection(document).aggregate(steps, allowDiskUse=True, session=session)


def beside(document: type[Document], steps: Steps) -> dict[str, Any]:
    """The stage that adds the rows which other documents give."""
    return {"$unionWith": {"coll": collection(document).name, "pipeline": steps}}


def looked_up(document: type[Document], field: str, beside_as: str, key: str = "_id") -> Steps:
    """The stages that put the document which a field names beside it; none where there is none."""
    found = {
        "from": collection(document).name,
        "localField": field,
        "foreignField": key,
        "as": beside_as,
    }
    return [{"$lookup": found}, {"$set": {beside_as: {"$first": f"${beside_as}"}}}]


def held_on(account: Any, currency: str, beside_as: str) -> Steps:
    """The stages that put beside a row what the account holds, in minor units."""
    name = {"$concat": [account, f"|{currency}"]}
    return [
        {"$set": {beside_as: name}},
        *looked_up(Balance, beside_as, beside_as),
        {"$set": {beside_as: {"$ifNull": [f"${beside_as}.posted", 0]}}},
    ]


def leg_of(entry: str, account: Any, currency: str) -> dict[str, Any]:
    """The expression for what an entry looked up moves on an account; 0 where it does not."""
    on_it = [{"$eq": ["$$this.account", account]}, {"$eq": ["$$this.currency", currency]}]
    legs = {"$filter": {"input": {"$ifNull": [f"{entry}.legs", []]}, "cond": {"$and": on_it}}}
    return {"$sum": {"$map": {"input": legs, "in": "$$this.amount"}}}


def all_of(*conditions: Any) -> dict[str, Any]:
    """The expression that every condition holds."""
    return {"$and": list(conditions)}


def unless(condition: Any) -> dict[str, Any]:
    """The stage that lets through what does not meet the condition."""
    return {"$match": {"$expr": {"$not": [condition]}}}


def same(one: Any, other: Any) -> dict[str, Any]:
    """The expression that two values are equal."""
    return {"$eq": [one, other]}


# A voucher's worth: coins of one that was ordered, fen of one that was awarded in kind.
IS_AWARD = {"$eq": [{"$type": "$fund"}, "string"]}
WORTH = {"$cond": [IS_AWARD, "$cost_fen", "$price"]}
CURRENCY = {"$cond": [IS_AWARD, "CNY", "FUB"]}
