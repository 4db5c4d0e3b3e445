"""A point key: the secret by which one device is known as a redemption point's own."""

from mongoengine import DateTimeField, StringField

from shared.database import Document


class PointKey(Document):
    """One device's key; its secret follows from the id and is stored as a keyed hash alone.

    `label` says which device. Revoked for good, by whom and with which word of the verb's caller.
    """

    id = StringField(primary_key=True)
    point_id = StringField(required=True)
    label = StringField(required=True, min_length=1, max_length=60)
    secret_hash = StringField(required=True)
    made_by = StringField(required=True)
    made_at = DateTimeField(required=True)
    idempotency_key = StringField(required=True)
    last_used_at = DateTimeField()
    revoked_at = DateTimeField()
    revoked_by = StringField()
    revoked_reason = StringField(max_length=200)

    meta = {
        "collection": "point_keys",
        "indexes": [
            {"fields": ["made_by", "idempotency_key"], "unique": True},
            ("point_id", "-id"),
        ],
    }
