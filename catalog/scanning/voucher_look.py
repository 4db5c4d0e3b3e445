"""A clerk's look at a voucher: what the confirmation that follows refers to."""

from mongoengine import DateTimeField, IntField, StringField

from shared.database import Document


class VoucherLook(Document):
    """One clerk's look, at one point, at a voucher that `person_id` held.

    `step` is that of the QR (None of a bare code). It is kept for as long as offline queues are
    taken: what a point looked at with network it did not hand over without.
    """

    id = StringField(primary_key=True)
    voucher_id = StringField(required=True)
    person_id = StringField(required=True)
    by_id = StringField(required=True)
    point_id = StringField(required=True)
    step = IntField()
    looked_at = DateTimeField(required=True)
    good_until = DateTimeField(required=True)
    forget_at = DateTimeField(required=True)

    meta = {
        "collection": "voucher_looks",
        "indexes": [
            {"fields": ["forget_at"], "expireAfterSeconds": 0},
            ("voucher_id", "point_id"),
        ],
    }
