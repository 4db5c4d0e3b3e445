"""The delivery: one notice on its way to one webhook."""

from enum import StrEnum
from typing import Any

import mongoengine as me

from shared.database import Document


class DeliveryState(StrEnum):
    """PENDING → SENT or FAILED: taken by the receiver, or given up."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


class Delivery(Document):
    """One notice, or a trial without one, for one webhook; its id is the receiver's key."""

    id = me.StringField(primary_key=True)
    webhook_id = me.StringField(required=True)
    # None for a trial.
    notice_id = me.StringField()
    state = me.StringField(
        required=True,
        choices=[state.value for state in DeliveryState],
        default=DeliveryState.PENDING.value,
    )
    tries = me.IntField(required=True, default=0)
    # Pushed ahead by whoever tries, so that nobody else does meanwhile.
    next_try_at = me.DateTimeField(required=True)
    give_up_at = me.DateTimeField(required=True)
    # What the last try met: an HTTP status, or a word where there was no answer.
    last_status = me.IntField()
    last_error = me.StringField()
    created_at = me.DateTimeField(required=True)
    sent_at = me.DateTimeField()
    expires_at = me.DateTimeField(required=True)

    meta: dict[str, Any] = {
        "collection": "deliveries",
        "indexes": [
            {
                "fields": ["webhook_id", "next_try_at"],
                "name": "due",
                "partialFilterExpression": {"state": DeliveryState.PENDING.value},
            },
            {
                "fields": ["give_up_at"],
                "name": "overdue",
                "partialFilterExpression": {"state": DeliveryState.PENDING.value},
            },
            {"fields": ["webhook_id", "-created_at", "-_id"], "name": "of_webhook"},
            {"fields": ["expires_at"], "expireAfterSeconds": 0, "name": "forgotten"},
        ],
    }

    @property
    def is_trial(self) -> bool:
        """Whether it only tries the webhook."""
        return self.notice_id is None
