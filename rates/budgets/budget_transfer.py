"""A budget transfer: coins that one unit gives to another out of its budget of a year."""

from enum import StrEnum
from typing import Any

from mongoengine import DateTimeField, EnumField, IntField, LongField, StringField

from shared.database import Document


class TransferState(StrEnum):
    """REQUESTED → APPROVED, its entry in the same transaction, or REFUSED."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"


class BudgetTransfer(Document):
    """Asked for by who administers the giving unit's budget, decided by a second person.

    `why` is why it was asked, `decided_why` why it was decided so; `entry_id` moved the coins.
    """

    id = StringField(primary_key=True)
    from_unit_id = StringField(required=True)
    to_unit_id = StringField(required=True)
    year = IntField(required=True)
    fund = StringField(required=True)
    coins = LongField(required=True, min_value=1)
    state = EnumField(TransferState, required=True)
    why = StringField(required=True)
    key = StringField(required=True)
    asked_by = StringField(required=True)
    asked_at = DateTimeField(required=True)
    decided_by = StringField()
    decided_at = DateTimeField()
    decided_why = StringField()
    entry_id = StringField()

    meta: dict[str, Any] = {
        "collection": "budget_transfers",
        "indexes": [
            {"fields": ["asked_by", "key"], "unique": True},
            {"fields": ["from_unit_id", "year", "fund", "-_id"]},
            {"fields": ["to_unit_id", "year", "fund", "-_id"]},
        ],
    }
