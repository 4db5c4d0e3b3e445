"""How far one person is with one quest: counted whole from verified work, never added to."""

from typing import Any

import mongoengine as me

from shared.database import Document


def progress_id_for(quest_id: str, person_id: str) -> str:
    """The id of a person's progress with a quest: made from both."""
    return f"{quest_id}:{person_id}"


class QuestProgress(Document):
    """`done` is how often each step was taken, at most as often as it asks, in the steps' order.

    There is one where any step was ever begun; `taken` is the sum of `done`.
    """

    id = me.StringField(primary_key=True)
    quest_id = me.StringField(required=True)
    person_id = me.StringField(required=True)
    done = me.ListField(me.IntField(), required=True)
    taken = me.IntField(required=True)
    completed_at = me.DateTimeField()
    # The quest's, so that a person's badges are found without their quests.
    badge_id = me.StringField(default="")
    # How often it became complete, or no longer was: each time is told once.
    times = me.IntField(required=True, default=0)
    told = me.BooleanField(required=True, default=True)
    counted_at = me.DateTimeField(required=True)
    version = me.IntField(required=True, default=1)

    meta: dict[str, Any] = {
        "collection": "quest_progress",
        "indexes": [
            {"fields": ["person_id", "quest_id"], "unique": True, "name": "of_person"},
            {"fields": ["quest_id", "taken", "completed_at"], "name": "taking_part"},
            {"fields": ["told"], "name": "untold", "partialFilterExpression": {"told": False}},
        ],
    }
