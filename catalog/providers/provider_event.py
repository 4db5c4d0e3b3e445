"""A provider's event: one call-back as it came, so that the same one again is the same answer."""

from typing import Any

import mongoengine as me

from shared.database import Document


class ProviderEvent(Document):
    """One call-back, under `provider:event`; `news` is what it came to, once that is known."""

    id = me.StringField(primary_key=True)
    provider_id = me.StringField(required=True)
    key = me.StringField(required=True)
    status = me.StringField(required=True)
    reference = me.StringField(default="")
    reason = me.StringField(default="")
    received_at = me.DateTimeField(required=True)
    news = me.StringField()

    meta: dict[str, Any] = {"collection": "provider_events", "indexes": [("key",)]}
