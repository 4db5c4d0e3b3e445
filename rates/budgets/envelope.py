"""An envelope: what a unit set aside out of a year's budget for one quarter of it."""

from typing import Any

from mongoengine import DateTimeField, IntField, LongField, StringField

from shared.database import Document


class Envelope(Document):
    """What was set aside for a quarter in all, less what was taken back or was left at its end.

    The coins themselves lie in the quarter's budget; each change of `coins` is one transaction
    with the entry that moves them.
    """

    # The name of the budget: <unit>:<fund>:<period>
    id = StringField(primary_key=True)
    unit_id = StringField(required=True)
    fund = StringField(required=True)
    year = IntField(required=True)
    quarter = IntField(required=True, min_value=1, max_value=4)
    coins = LongField(required=True, min_value=0)

    VALIDATOR: dict[str, Any] = {"coins": {"$gte": 0}}
    meta: dict[str, Any] = {
        "collection": "budget_envelopes",
        "indexes": [{"fields": ["unit_id", "year", "fund", "quarter"], "unique": True}],
    }


class EnvelopePut(Document):
    """Coins set aside for a quarter, or taken back where they are below zero; never changed."""

    id = StringField(primary_key=True)
    envelope_id = StringField(required=True)
    unit_id = StringField(required=True)
    fund = StringField(required=True)
    year = IntField(required=True)
    quarter = IntField(required=True, min_value=1, max_value=4)
    coins = LongField(required=True)
    why = StringField(required=True)
    key = StringField(required=True)
    entry_id = StringField(required=True)
    put_by = StringField(required=True)
    put_at = DateTimeField(required=True)

    meta: dict[str, Any] = {
        "collection": "envelope_puts",
        "indexes": [
            {"fields": ["put_by", "key"], "unique": True},
            {"fields": ["envelope_id", "-_id"]},
        ],
    }
