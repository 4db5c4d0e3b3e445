"""A clerk's look at a voucher: what the confirmation that follows refers to."""

from mongoengine import DateTimeField, StringField

from shared.database import Document


class VoucherLook(Document):
    """One clerk's look, at one point, at a voucher that `person_id` held."""

    id = StringField(primary_key=True)
    voucher_id = StringField(required=True)
    person_id = StringField(required=True)
    by_id = StringField(required=True)
    point_id = StringField(required=True)
    good_until = DateTimeField(required=True)
    forget_at = DateTimeField(required=True)

    meta = {
        "collection": "voucher_looks",
        "indexes": [{"fields": ["forget_at"], "expireAfterSeconds": 0}],
    }
