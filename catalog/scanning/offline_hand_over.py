"""An offline hand-over: what a point without network wrote down, and what became of it."""

from enum import StrEnum

from mongoengine import DateTimeField, DictField, EnumField, LongField, StringField

from shared.database import Document


class HandOverOutcome(StrEnum):
    """What an offline hand-over was resolved to; for good.

    CONFLICT is no outcome and is never stored: the device used the line's key for another line
    before, and is to send this one under a key of its own.
    """

    ACCEPTED = "accepted"
    DISPUTED = "disputed"
    CONFLICT = "conflict"


class OfflineHandOver(Document):
    """One line of a device's queue, resolved once: unique by point key and line's key.

    `voucher_id` is empty where the code meant none. Of a disputed one `reason` holds a `code` and
    both languages; `title`, `price` and `cost_fen` are what the voucher was for, as a snapshot.
    """

    id = StringField(primary_key=True)
    point_id = StringField(required=True)
    key = StringField(required=True)
    point_key_id = StringField(required=True)
    # Keyed hash of code and moment: whether a repeat is one.
    content_hash = StringField()
    brought_by = StringField(required=True)
    voucher_id = StringField()
    reward_id = StringField()
    title = StringField(default="")
    title_en = StringField(default="")
    price = LongField(default=0)
    cost_fen = LongField(default=0)
    handed_over_at = DateTimeField(required=True)
    received_at = DateTimeField(required=True)
    outcome = EnumField(HandOverOutcome, required=True)
    reason = DictField()
    # The point's statement in whose line it stands.
    statement_id = StringField()

    # A dispute always says why.
    VALIDATOR = {
        "$or": [
            {"outcome": "accepted", "voucher_id": {"$type": "string"}},
            {"outcome": "disputed", "reason.code": {"$type": "string"}},
        ]
    }
    meta = {
        "collection": "offline_hand_overs",
        "indexes": [
            {"fields": ["point_key_id", "key"], "unique": True},
            ("point_id", "-id"),
            ("outcome", "point_id", "statement_id", "received_at"),
        ],
    }
