"""A hold: coins of a wallet set aside until something outside the book is known."""

from enum import StrEnum
from typing import Any

from mongoengine import DateTimeField, EnumField, LongField, MapField, StringField

from ledger.accounts import NAME_PATTERN
from ledger.entry import (
    HASH_PATTERN,
    KEY_PATTERN,
    MONTH_PATTERN,
    REFERENCE_PATTERN,
    WORD_PATTERN,
    Currency,
)
from ledger.schemas import COUNT, DATE, by_month, exactly, one_of, text
from shared.database import Document
from shared.ids import ID_PATTERN


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
        "$jsonSchema": exactly(
            {
                "_id": text(ID_PATTERN.pattern),
                "key": text(KEY_PATTERN),
                "request_hash": text(HASH_PATTERN),
                "account": text(NAME_PATTERN),
                "currency": one_of(Currency),
                "amount": COUNT | {"minimum": 1},
                "settled": COUNT,
                "about_kind": text(WORD_PATTERN),
                "about_id": text(REFERENCE_PATTERN),
                "state": one_of(HoldState),
                "made_at": DATE,
                "expires_at": DATE,
            },
            {
                "lots": by_month(MONTH_PATTERN, least=1),
                "lots_back": by_month(MONTH_PATTERN, least=1),
                "entry_id": text(ID_PATTERN.pattern),
                "ended_at": DATE,
            },
        ),
        "$expr": {"$lte": ["$settled", "$amount"]},
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
