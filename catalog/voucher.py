"""A voucher: one person's right to one reward at one redemption point, used once."""

from datetime import datetime
from enum import StrEnum

from mongoengine import DateTimeField, EnumField, LongField, StringField

from shared.database import Document


class VoucherState(StrEnum):
    """A voucher's life: it leaves ISSUED once, by one guarded write."""

    ISSUED = "issued"
    REDEEMED = "redeemed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Voucher(Document):
    """`price` in Fu coins lies in `voucher:<id>` while ISSUED; the code itself is never stored.

    `look_again_at` is when the sweep tries again to finish it, after it failed to.
    """

    id = StringField(primary_key=True)
    person_id = StringField(required=True)
    idempotency_key = StringField(required=True)
    reward_id = StringField(required=True)
    point_id = StringField(required=True)
    price = LongField(required=True, min_value=1)
    code_hash = StringField(required=True)
    state = EnumField(VoucherState, required=True)
    issued_at = DateTimeField(required=True)
    expires_at = DateTimeField(required=True)
    redeemed_at = DateTimeField()
    redeemed_by = StringField()
    redeemed_point_id = StringField()
    scan_key = StringField()
    settled_entry_id = StringField()
    ended_at = DateTimeField()
    look_again_at = DateTimeField()

    # A hand-over is never half-told, whoever writes.
    VALIDATOR = {
        "$or": [
            {"state": {"$in": ["issued", "cancelled", "expired"]}, "redeemed_at": None},
            {
                "state": "redeemed",
                "redeemed_at": {"$type": "date"},
                "redeemed_by": {"$type": "string"},
                "redeemed_point_id": {"$type": "string"},
                "scan_key": {"$type": "string"},
            },
        ]
    }
    meta = {
        "collection": "vouchers",
        "indexes": [
            {"fields": ["person_id", "idempotency_key"], "unique": True},
            {"fields": ["code_hash"], "unique": True},
            {
                "fields": ["redeemed_by", "scan_key"],
                "unique": True,
                "partialFilterExpression": {"scan_key": {"$type": "string"}},
            },
            ("person_id", "-id"),
            ("person_id", "reward_id", "state"),
            ("state", "expires_at"),
            ("state", "settled_entry_id", "look_again_at"),
        ],
    }

    def is_expired_at(self, moment: datetime) -> bool:
        """Whether its time is over, be it marked as EXPIRED yet or not."""
        return bool(self.expires_at <= moment)
