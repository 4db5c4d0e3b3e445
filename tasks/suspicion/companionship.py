"""The companionship: which two accounts went along with each other outside teams, and how often."""

import mongoengine as me

from shared.database import Document, EmbeddedDocument


class WalkTogether(EmbeddedDocument):
    """One time: the two participations, and when both were known."""

    key = me.StringField(required=True)
    at = me.DateTimeField(required=True)


class Companionship(Document):
    """Two accounts, under both ids in order; its walks are bounded, the oldest go."""

    id = me.StringField(primary_key=True)
    walks = me.EmbeddedDocumentListField(WalkTogether)
    # The last of them: what nobody looks at any more goes by itself.
    last_at = me.DateTimeField(required=True)

    meta = {
        "collection": "companionships",
        "indexes": [
            {"fields": ["last_at"], "name": "old", "expireAfterSeconds": 400 * 86_400},
        ],
    }
