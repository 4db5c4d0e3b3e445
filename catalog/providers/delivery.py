"""A top-up's delivery: what was asked of its provider, and what is known of the outcome."""

from enum import StrEnum
from typing import Any

import mongoengine as me

from shared.database import Document, EmbeddedDocument


class DeliveryState(StrEnum):
    """A delivery's life: WAITING → SENT → DELIVERED or REFUNDED; WAITING → CALLED_OFF.

    From SENT on, the provider may have it. CALLED_OFF: its voucher ended before that.
    """

    WAITING = "waiting"
    SENT = "sent"
    DELIVERED = "delivered"
    REFUNDED = "refunded"
    CALLED_OFF = "called_off"


OPEN = (DeliveryState.WAITING, DeliveryState.SENT)


class Source(StrEnum):
    """Who said how it ended."""

    ANSWER = "answer"
    QUESTION = "question"
    CALL_BACK = "call_back"
    FILE = "file"
    # A file that an officer brought: it ends nothing by itself.
    FILE_BY_HAND = "file_by_hand"
    OFFICERS = "officers"
    # Nobody: the provider never had it, and may no longer deliver.
    NEVER_HAD = "never_had"
    # Nobody: the hold of its coins was over before anything was known.
    HOLD_OVER = "hold_over"


class DeliveryProposal(EmbeddedDocument):
    """What one officer says became of it, until a second one agrees."""

    outcome = me.StringField(required=True)
    reference = me.StringField(required=True)
    by = me.StringField(required=True)
    at = me.DateTimeField(required=True)


class TopUpDelivery(Document):
    """One delivery a voucher, under the voucher's own id, which is the provider's key too.

    `recipient_sealed` is the phone. `in_doubt` says that a request may have arrived, so that the
    next step is to ask, never to send; `valid_until` stands in what was signed: after it the
    provider must not deliver. `next_try_at` is pushed ahead by who works on it: a lease.
    """

    id = me.StringField(primary_key=True)
    person_id = me.StringField(required=True)
    reward_id = me.StringField(required=True)
    provider_id = me.StringField(required=True)
    point_id = me.StringField(required=True)
    product = me.StringField(required=True)
    # Forgotten some time after the end; see forgetting.py.
    recipient_sealed = me.StringField()
    state = me.EnumField(DeliveryState, required=True)
    made_at = me.DateTimeField(required=True)
    next_try_at = me.DateTimeField()
    tries = me.IntField(required=True, default=0)
    sent_at = me.DateTimeField()
    valid_until = me.DateTimeField()
    in_doubt = me.BooleanField(default=False)
    # How often the provider said after `valid_until` that it never had it, one margin apart.
    not_found_times = me.IntField(default=0)
    not_found_at = me.DateTimeField()
    # The last thing met, a word of the port's outcomes and why.
    last_outcome = me.StringField()
    last_reason = me.StringField()
    reference = me.StringField()
    ended_at = me.DateTimeField()
    ended_by = me.EnumField(Source)
    officers_told_at = me.DateTimeField()
    proposal = me.EmbeddedDocumentField(DeliveryProposal)
    settled_by = me.ListField(me.StringField())
    # Its person is still to be told how it ended.
    to_tell = me.BooleanField(default=False)
    # The day of the provider's file that says it was delivered.
    in_file_of = me.StringField()

    meta: dict[str, Any] = {
        "collection": "top_up_deliveries",
        "indexes": [
            ("state", "next_try_at"),
            ("provider_id", "made_at"),
            ("provider_id", "-id"),
            ("provider_id", "state", "ended_at"),
            {"fields": ["to_tell"], "partialFilterExpression": {"to_tell": True}},
            {
                "fields": ["ended_at"],
                "partialFilterExpression": {"recipient_sealed": {"$exists": True}},
            },
        ],
    }

    @property
    def seal_place(self) -> str:
        """What the sealed phone is bound to."""
        return seal_place_of(self.id)


def seal_place_of(delivery_id: str) -> str:
    """What the sealed phone of the delivery with this id is bound to."""
    return f"top_up_deliveries.{delivery_id}.recipient"
