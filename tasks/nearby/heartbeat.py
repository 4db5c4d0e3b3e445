"""The heartbeat of a process that follows the open tasks: written by it, and seen come back."""

import mongoengine as me

from shared.database import Document

KEPT_S = 3_600


class Heartbeat(Document):
    """The last one of a process; those of processes that are gone are forgotten."""

    id = me.StringField(primary_key=True)
    number = me.LongField(required=True)
    at = me.DateTimeField(required=True)

    meta = {
        "collection": "heartbeats",
        "indexes": [{"fields": ["at"], "expireAfterSeconds": KEPT_S, "name": "forgotten"}],
    }
