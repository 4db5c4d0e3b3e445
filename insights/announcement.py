"""What was told already, and how far: so that whoever sweeps tells everything once."""

from typing import Any

from mongoengine import DateTimeField, IntField, LongField, StringField

from shared.database import Document


class Announcement(Document):
    """One thing that officers were told: a change, a card that begins, a budget's threshold.

    `id` names it; `had` is what a budget had in all when its threshold was told of. Where telling
    failed, `tries` says how often; `told_at` is None until it went well.
    """

    id = StringField(primary_key=True)
    told_at = DateTimeField()
    tries = IntField()
    had = LongField()

    meta: dict[str, Any] = {"collection": "insight_announcements", "indexes": []}


class ToldUpTo(Document):
    """Up to when everything of one sort (`id`) was told; what is older is not looked at again.

    `last_id`: of what is looked at in turn, the one that was looked at last.
    """

    id = StringField(primary_key=True)
    reached_at = DateTimeField(required=True)
    last_id = StringField()

    meta: dict[str, Any] = {"collection": "insight_told_up_to", "indexes": []}
