"""The stored balance of a guarded account: what may be spent, kept exact by every entry.

The server itself refuses a balance below zero, so no reader has to look before it spends.
"""

from typing import Any

from mongoengine import LongField, StringField

from ledger.accounts import NAME_PATTERN
from shared.database import Document


def balance_id(account: str, currency: str) -> str:
    """The id of an account's balance in one currency."""
    return f"{account}|{currency}"


class Balance(Document):
    """The sum of all legs on one guarded account in one currency."""

    VALIDATOR = {
        "$jsonSchema": {
            "bsonType": "object",
            "required": ["_id", "posted"],
            "additionalProperties": False,
            "properties": {
                "_id": {
                    "bsonType": "string",
                    "pattern": NAME_PATTERN.removesuffix("$") + r"\|[A-Z]{3}$",
                },
                "posted": {"bsonType": ["int", "long"], "minimum": 0},
            },
        }
    }

    id = StringField(primary_key=True)
    posted = LongField(required=True)

    meta: dict[str, Any] = {"collection": "balances"}
