"""The webhook: an address of an app's push service that notices are sent to, signed."""

from typing import Any

import mongoengine as me

from shared.database import Document
from shared.ids import new_id


class Webhook(Document):
    """Where notices are sent to; `events` are names of notices, none means all."""

    id = me.StringField(primary_key=True, default=new_id)
    url = me.StringField(required=True)
    secret_sealed = me.StringField(required=True)
    events = me.ListField(me.StringField())
    made_by = me.StringField(required=True)
    # The maker's own name for the wish: a repeat makes no second.
    key = me.StringField(required=True)
    created_at = me.DateTimeField(required=True)
    # Kept, so that a repeated removal finds it; nothing is sent there any more.
    removed_at = me.DateTimeField()
    # Failures since it last took something, and until when nothing is tried because of them.
    failures = me.IntField(required=True, default=0)
    resting_until = me.DateTimeField()

    meta: dict[str, Any] = {
        "collection": "webhooks",
        "indexes": [{"fields": ["made_by", "key"], "unique": True, "name": "made_once"}],
    }

    @property
    def seal_place(self) -> str:
        """What the sealed secret is bound to."""
        return f"webhooks.{self.id}.secret"

    def wants(self, notice: str) -> bool:
        """Whether notices of this name are sent there."""
        return self.removed_at is None and (not self.events or notice in self.events)
