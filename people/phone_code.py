"""The code last sent to a phone, as a keyed hash; MongoDB forgets it after its time."""

from typing import Any

import mongoengine as me

from shared.database import Document


class PhoneCode(Document):
    """The code last sent to a phone; its id is the phone's keyed hash."""

    id = me.StringField(primary_key=True)
    code_hash = me.StringField()
    tries = me.IntField(required=True, default=0)
    expires_at = me.DateTimeField(required=True)

    meta: dict[str, Any] = {
        "collection": "phone_codes",
        "indexes": [{"fields": ["expires_at"], "expireAfterSeconds": 0}],
    }
