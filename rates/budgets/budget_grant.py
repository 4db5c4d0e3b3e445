"""A budget grant: who let a unit spend how many coins in a year, of which fund, by what."""

from typing import Any

from mongoengine import DateTimeField, IntField, LongField, StringField

from shared.database import Document


class BudgetGrant(Document):
    """One grant, written in the same transaction as its entry; never changed.

    `authorisation` names the decision it rests on: words stay here, out of the ledger.
    """

    id = StringField(primary_key=True)
    unit_id = StringField(required=True)
    year = IntField(required=True)
    fund = StringField(required=True)
    coins = LongField(required=True, min_value=1)
    authorisation = StringField(required=True)
    key = StringField(required=True)
    entry_id = StringField(required=True)
    granted_by = StringField(required=True)
    granted_at = DateTimeField(required=True)

    meta: dict[str, Any] = {
        "collection": "budget_grants",
        "indexes": [
            {"fields": ["granted_by", "key"], "unique": True},
            {"fields": ["unit_id", "year", "fund", "id"]},
        ],
    }
