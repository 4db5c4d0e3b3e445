"""A badge as data: one document a version, never changed, the newest one counts."""

from typing import Any

import mongoengine as me

from shared.database import Document


class Badge(Document):
    """One version of a badge: what it is called, what for, and the rule that gives it."""

    # "long_walker:2": whoever inserts a version's key first made it.
    key = me.StringField(primary_key=True)
    badge_id = me.StringField(required=True)
    version = me.IntField(required=True, min_value=1)
    # A retired badge stays with who holds it, and is given to nobody more.
    active = me.BooleanField(required=True, default=True)
    name = me.DictField(required=True)
    words = me.DictField(required=True)
    rule = me.DictField(required=True)
    # None under the standard badges, which nobody put.
    put_by = me.StringField()
    put_at = me.DateTimeField()
    why = me.StringField()

    meta: dict[str, Any] = {
        "collection": "badges",
        "indexes": [{"fields": ["badge_id", "-version"], "unique": True, "name": "of_badge"}],
    }

    def plain(self) -> dict[str, Any]:
        """What an admin writes of it, in plain values."""
        return {
            "active": self.active,
            "name": dict(self.name),
            "words": dict(self.words),
            "rule": dict(self.rule),
        }
