"""A request to reverse an entry: who asked, why, and who decided. One document an entry."""

from enum import StrEnum
from typing import Any

from mongoengine import (
    DateTimeField,
    EmbeddedDocumentListField,
    EnumField,
    LongField,
    StringField,
)

from ledger.entry import MAX_AMOUNT, Currency
from ledger.entry_kinds import ReasonCode
from shared.database import Document, EmbeddedDocument


class ReversalState(StrEnum):
    """Where a request stands: WAITING becomes POSTED or DECLINED; DECLINED may be asked anew."""

    WAITING = "waiting"
    POSTED = "posted"
    DECLINED = "declined"


class Asking(EmbeddedDocument):
    """One officer's wish to reverse the entry, and by whom it was decided.

    `decided_by` is empty where nobody has yet, or where the amount needed no second officer.
    """

    reason = EnumField(ReasonCode, required=True)
    effective_at = DateTimeField(required=True)
    asked_by = StringField(required=True)
    asked_at = DateTimeField(required=True)
    decided_by = StringField()
    decided_at = DateTimeField()


class ReversalRequest(Document):
    """The one request to reverse the entry whose id it has; `reversal_id` is what was posted.

    `amount` is what the entry moved in its largest currency, in minor units. `asks` are all
    wishes, the last one the present; those before it were declined. `version` counts the moves.
    """

    VALIDATOR = {
        "$and": [
            {"state": {"$in": [state.value for state in ReversalState]}},
            {"asks.0": {"$exists": True}},
            {"amount": {"$gte": 1, "$lte": MAX_AMOUNT}},
            # Posted is who has a reversal in the book, and nobody else.
            {
                "$or": [
                    {"state": "posted", "reversal_id": {"$type": "string"}},
                    {"state": {"$ne": "posted"}, "reversal_id": {"$exists": False}},
                ]
            },
        ]
    }

    id = StringField(primary_key=True)
    state = EnumField(ReversalState, required=True)
    amount = LongField(required=True)
    currency = EnumField(Currency, required=True)
    asked_at = DateTimeField(required=True)
    reversal_id = StringField()
    asks = EmbeddedDocumentListField(Asking, required=True)
    version = LongField(required=True)

    meta: dict[str, Any] = {
        "collection": "reversal_requests",
        "indexes": [{"fields": ["state", "asked_at", "id"]}],
    }
