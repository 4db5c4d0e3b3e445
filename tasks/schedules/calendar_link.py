"""The calendar link: the secret by which a calendar app reads a person's or a unit's feed."""

from enum import StrEnum

import mongoengine as me

from shared.database import Document


class FeedOf(StrEnum):
    """Whose feed a link opens."""

    PERSON = "person"
    UNIT = "unit"


class CalendarLink(Document):
    """One link an owner: a new one takes the place of the old. Only the secret's hash is kept."""

    # <person or unit>:<its id>
    id = me.StringField(primary_key=True)
    feed_of = me.StringField(required=True, choices=[kind.value for kind in FeedOf])
    owner_id = me.StringField(required=True)
    token_hash = me.StringField(required=True)
    issued_by = me.StringField(required=True)
    issued_at = me.DateTimeField(required=True)

    meta = {
        "collection": "calendar_links",
        "indexes": [{"fields": ["token_hash"], "unique": True, "name": "of_token"}],
    }
