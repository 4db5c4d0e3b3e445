"""What was told already, and how far: so that whoever sweeps tells everything once."""

from typing import Any

from mongoengine import DateTimeField, LongField, StringField

from shared.database import Document


class Announcement(Document):
    """One thing that officers were told: a change, a card that begins, a budget's threshold.

    `id` names it; `had` is what a budget had in all when its threshold was told of.
    """

    id = StringField(primary_key=True)
    told_at = DateTimeField(required=True)
    had = LongField()

    meta: dict[str, Any] = {"collection": "insight_announcements", "indexes": []}


class ToldUpTo(Document):
    """Up to when everything of one sort (`id`) was told; what is older is not looked at again."""

    id = StringField(primary_key=True)
    reached_at = DateTimeField(required=True)

    meta: dict[str, Any] = {"collection": "insight_told_up_to", "indexes": []}
