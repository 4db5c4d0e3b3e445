"""The stored balance of a guarded account: what may be spent, kept exact by every entry.

The server itself refuses a balance below zero, so no reader has to look before it spends.
"""

from typing import Any

from mongoengine import LongField, MapField, StringField

from ledger.accounts import NAME_PATTERN, AccountKind, wallet_beside
from ledger.entry import MONTH_PATTERN
from ledger.schemas import COUNT, by_month, exactly, text
from shared.database import Document

_OWED = f"{AccountKind.OWED}:"


def balance_id(account: str, currency: str) -> str:
    """The id of the balance that keeps an account in a currency; what is owed is in a wallet's."""
    if account.startswith(_OWED):
        account = wallet_beside(account)
    return f"{account}|{currency}"


def _or_zero(field: str) -> dict[str, Any]:
    return {"$ifNull": [field, 0]}


_FREE_LOTS = {
    "$sum": {"$map": {"input": {"$objectToArray": {"$ifNull": ["$lots", {}]}}, "in": "$$this.v"}}
}


class Balance(Document):
    """The sum of all legs on one guarded account in one currency, in minor units.

    `held` of `posted` is set aside and not spendable; `lots` are the free coins that expire, by
    their last month; `earliest_lot` is no later than the first of them. A wallet also keeps what
    its owner owes, as `owes`: who owes has nothing to spend, so each coin that comes in must pay
    first, and the server refuses the one that does not. `entries` counts what was posted here.
    """

    VALIDATOR = {
        "$jsonSchema": exactly(
            {
                "_id": text(NAME_PATTERN.removesuffix("$") + r"\|[A-Z]{3}$"),
                "posted": COUNT,
                "entries": COUNT,
            },
            {
                "held": COUNT,
                "owes": COUNT,
                "lots": by_month(MONTH_PATTERN, least=0),
                "earliest_lot": text(MONTH_PATTERN),
            },
        ),
        "$expr": {
            "$and": [
                {"$gte": ["$posted", {"$add": [_or_zero("$held"), _FREE_LOTS]}]},
                {
                    "$or": [
                        {"$eq": [_or_zero("$owes"), 0]},
                        {"$eq": ["$posted", _or_zero("$held")]},
                    ]
                },
            ]
        },
    }

    id = StringField(primary_key=True)
    posted = LongField(required=True)
    entries = LongField(required=True)
    held = LongField(default=0)
    owes = LongField(default=0)
    lots = MapField(LongField())
    earliest_lot = StringField()

    meta: dict[str, Any] = {
        "collection": "balances",
        "indexes": [
            {
                "fields": ["earliest_lot"],
                "partialFilterExpression": {"earliest_lot": {"$exists": True}},
            }
        ],
    }
