"""A stock count: what a clerk found on the shelf, against what should lie there."""

from enum import StrEnum

from mongoengine import BooleanField, DateTimeField, EnumField, IntField, StringField

from shared.database import Document


class StockCountState(StrEnum):
    """A count's life: MATCHED at once, or OPEN → ACCEPTED, DISMISSED; a newer count ends it.

    OPEN → SUPERSEDED: what two counts found must not be taken off the supply twice.
    """

    MATCHED = "matched"
    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    SUPERSEDED = "superseded"


class CountNote(StrEnum):
    """What the clerk knows of a difference."""

    DAMAGED = "damaged"
    LOST = "lost"
    FOUND = "found"
    DELIVERED_OTHERWISE = "delivered_otherwise"
    UNKNOWN = "unknown"


class StockCount(Document):
    """One count of one reward at one point.

    `expected` = supplied − handed over, both as of the count; `difference` = counted − expected.
    """

    id = StringField(primary_key=True)
    reward_id = StringField(required=True)
    point_id = StringField(required=True)
    supplied = IntField(required=True, min_value=0)
    expected = IntField(required=True)
    counted = IntField(required=True, min_value=0)
    difference = IntField(required=True)
    note = EnumField(CountNote, default=CountNote.UNKNOWN)
    state = EnumField(StockCountState, required=True)
    counted_by = StringField(required=True)
    key = StringField(required=True)
    counted_at = DateTimeField(required=True)
    told = BooleanField(default=False)
    decided_by = StringField()
    decided_at = DateTimeField()
    reason = StringField(max_length=200)

    meta = {
        "collection": "stock_counts",
        "indexes": [
            {"fields": ["counted_by", "key"], "unique": True},
            ("point_id", "-id"),
            ("reward_id", "point_id", "state"),
            ("state", "told"),
        ],
    }
