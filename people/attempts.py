"""The moments at which something was tried of late, by key; MongoDB forgets them in time."""

from typing import Any

import mongoengine as me

from shared.database import Document


class Attempts(Document):
    """The moments of the latest tries under one key, newest first."""

    id = me.StringField(primary_key=True)
    times = me.ListField(me.DateTimeField())
    forget_at = me.DateTimeField(required=True)

    meta: dict[str, Any] = {
        "collection": "attempts",
        "indexes": [{"fields": ["forget_at"], "expireAfterSeconds": 0}],
    }
