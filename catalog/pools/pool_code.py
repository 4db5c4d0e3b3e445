"""A pool code: one ticket of a reward, sealed, waiting at a point until a voucher takes it."""

from datetime import datetime
from enum import StrEnum

from mongoengine import DateTimeField, EnumField, IntField, StringField

from shared.database import Document


class PoolCodeState(StrEnum):
    """A pool code's life: every move is one guarded write.

    FREE → TAKEN by a voucher → OPENED by its owner; back to FREE where the voucher ended unused;
    FREE → VOID where it serves too short a time to be sold, or an officer took it out.
    """

    FREE = "free"
    TAKEN = "taken"
    OPENED = "opened"
    VOID = "void"


class PoolCode(Document):
    """One code, given to one voucher at most.

    `sealed` opens only bound to this very document; `code_hash` finds the code again: a point gives
    one code once, whatever the reward, and so does a reward, whatever the point. A void one lets
    go of it, so that the code can be brought again, to another reward or with its right end.
    `valid_until` is the first moment at which it serves no more, None where it always does. Free
    and taken ones are in the stock's `supplied`, and only the free ones in its `available`:
    whoever moves a code between them moves the stock too.
    """

    id = StringField(primary_key=True)
    reward_id = StringField(required=True)
    point_id = StringField(required=True)
    sealed = StringField(required=True)
    code_hash = StringField(required=True)
    valid_until = DateTimeField()
    state = EnumField(PoolCodeState, required=True)
    voucher_id = StringField()
    # The file it came with, and the line there.
    import_id = StringField(required=True)
    line = IntField(required=True, min_value=1)
    opened_at = DateTimeField()
    voided_at = DateTimeField()
    # The officer who took it out; none where its time was over.
    voided_by = StringField()

    # A code that is given names the voucher, whoever writes.
    VALIDATOR = {
        "$or": [
            {"state": {"$in": ["free", "void"]}, "voucher_id": None},
            {"state": "taken", "voucher_id": {"$type": "string"}},
            {
                "state": "opened",
                "voucher_id": {"$type": "string"},
                "opened_at": {"$type": "date"},
            },
        ]
    }
    meta = {
        "collection": "pool_codes",
        "indexes": [
            {"fields": ["reward_id", "code_hash"], "unique": True},
            {"fields": ["point_id", "code_hash"], "unique": True},
            # A repeat of a file finds its own lines by it, void ones too.
            {"fields": ["import_id", "line"], "unique": True},
            {
                "fields": ["voucher_id"],
                "unique": True,
                "partialFilterExpression": {"voucher_id": {"$type": "string"}},
            },
            # Which free code is next, answered from the index alone.
            ("reward_id", "point_id", "state", "valid_until", "_id"),
            ("state", "valid_until"),
        ],
    }

    def serves_at(self, moment: datetime) -> bool:
        """Whether it can still be used then."""
        return self.valid_until is None or bool(moment < self.valid_until)
