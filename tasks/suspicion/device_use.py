"""The device use: that a phone, known by a keyed hash only, sent positions for an account."""

import mongoengine as me

from shared.database import Document


class DeviceUse(Document):
    """One phone with one account, from when to when; gone two months after the last time."""

    id = me.StringField(primary_key=True)
    device = me.StringField(required=True)
    person_id = me.StringField(required=True)
    first_at = me.DateTimeField(required=True)
    last_at = me.DateTimeField(required=True)

    meta = {
        "collection": "device_uses",
        "indexes": [
            {"fields": ["device", "last_at"], "name": "of_device"},
            {"fields": ["last_at"], "name": "old", "expireAfterSeconds": 60 * 86_400},
        ],
    }
