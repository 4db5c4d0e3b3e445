"""The quarantined fix: a message that can never become a point, and why, for its owner to see."""

from datetime import timedelta
from typing import Any

import mongoengine as me

from shared.database import Document

# The newest of each device; an older one makes room.
MAX_QUARANTINED = 100
KEPT_FOR = timedelta(days=7)


class QuarantinedFix(Document):
    """Why one message was of no use. Where somebody was is not kept: nobody needs it."""

    # Device and place in its ring.
    id = me.StringField(primary_key=True)
    device_id = me.StringField(required=True)
    why = me.StringField(required=True)
    # The value that was wrong, cut short.
    about = me.StringField()
    received_at = me.DateTimeField(required=True)
    forget_at = me.DateTimeField(required=True)

    meta: dict[str, Any] = {
        "collection": "quarantined_fixes",
        "indexes": [
            {"fields": ["device_id", "-received_at"], "name": "of_device"},
            {"fields": ["forget_at"], "expireAfterSeconds": 0, "name": "forgotten"},
        ],
    }
