"""Which months are closed: one document that a back-dated entry and a closing both write.

One document rather than one a month: so the two always meet, whichever month it is.
"""

from typing import Any

from mongoengine import (
    BooleanField,
    DateTimeField,
    EmbeddedDocumentListField,
    LongField,
    StringField,
)

from ledger.accounts import NAME_PATTERN
from ledger.entry import MONTH_PATTERN, Currency
from ledger.schemas import COUNT, DATE, exactly, one_of, text
from shared.database import Document, EmbeddedDocument

THE_BOOK = "book"


class ClosedMonth(EmbeddedDocument):
    """A month that takes no entry any more; `stored` once its balances stand in month_balances."""

    month = StringField(required=True)
    closed_by = StringField(required=True)
    closed_at = DateTimeField(required=True)
    stored = BooleanField(required=True)


class BookClosing(Document):
    """Up to which month the book is closed ("2026-10"), by whom, and how many posts were late."""

    VALIDATOR = {
        "$jsonSchema": exactly(
            {"_id": {"enum": [THE_BOOK]}},
            {
                "closed_through": text(MONTH_PATTERN),
                "back_dated": COUNT,
                "months": {
                    "bsonType": "array",
                    "items": exactly(
                        {
                            "month": text(MONTH_PATTERN),
                            "closed_by": {"bsonType": "string"},
                            "closed_at": DATE,
                            "stored": {"bsonType": "bool"},
                        }
                    ),
                },
            },
        )
    }

    id = StringField(primary_key=True)
    closed_through = StringField()
    back_dated = LongField(default=0)
    months = EmbeddedDocumentListField(ClosedMonth)

    meta: dict[str, Any] = {"collection": "book_closing"}


class MonthBalance(Document):
    """What an account held at the end of a closed month; `_id` is `<month>|<account>|<currency>`.

    Only where the account moved in that month: its balance at a month's end is the newest of
    these up to then, and zero where there is none.
    """

    VALIDATOR = {
        "$jsonSchema": exactly(
            {
                "_id": {"bsonType": "string"},
                "month": text(MONTH_PATTERN),
                "account": text(NAME_PATTERN),
                "currency": one_of(Currency),
                "balance": {"bsonType": ["int", "long"]},
            }
        )
    }

    id = StringField(primary_key=True)
    month = StringField(required=True)
    account = StringField(required=True)
    currency = StringField(required=True)
    balance = LongField(required=True)

    meta: dict[str, Any] = {
        "collection": "month_balances",
        "indexes": [{"fields": ["account", "currency", "-month"]}],
    }
