"""A hold: coins of a wallet set aside until something outside the book is known."""

from enum import StrEnum
from typing import Any

from mongoengine import DateTimeField, EnumField, LongField, MapField, StringField

from ledger.entry import Currency
from shared.database import Document


class HoldState(StrEnum):
    """Where a hold stands; it leaves ACTIVE once."""

    ACTIVE = "active"
    SETTLED = "settled"
    RELEASED = "released"


class Hold(Document):
    """So many coins of one wallet, in minor units, not spendable until settled or released.

    `lots` are the expiring coins among them by month; `lots_back` those that came back when it
    ended, in the months they came back to. `settled` of `amount` was paid by `entry_id`.
    """

    VALIDATOR = {
        "$expr": {
            "$and": [
                {"$gt": ["$amount", 0]},
                {"$gte": ["$settled", 0]},
                {"$lte": ["$settled", "$amount"]},
            ]
        }
    }

    id = StringField(primary_key=True)
    key = StringField(required=True)
    request_hash = StringField(required=True)
    account = StringField(required=True)
    currency = EnumField(Currency, required=True)
    amount = LongField(required=True)
    settled = LongField(required=True)
    lots = MapField(LongField())
    lots_back = MapField(LongField())
    about_kind = StringField(required=True)
    about_id = StringField(required=True)
    state = EnumField(HoldState, required=True)
    entry_id = StringField()
    made_at = DateTimeField(required=True)
    expires_at = DateTimeField(required=True)
    ended_at = DateTimeField()

    meta: dict[str, Any] = {
        "collection": "holds",
        "indexes": [
            {"fields": ["key"], "unique": True},
            {"fields": ["account", "state", "expires_at"]},
            {"fields": ["state", "expires_at"]},
        ],
    }
