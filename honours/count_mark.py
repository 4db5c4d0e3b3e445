"""How far the counting got: marks in time, and who is still to be counted anew."""

from typing import Any

import mongoengine as me

from shared.database import Document


class CountMark(Document):
    """How far one of the steady passes got.

    `until` for those that look at what was settled; `after_id` where the count of everybody runs,
    `day` and `levels_version` of the one that was finished last, `running_…` of the one that runs.
    """

    id = me.StringField(primary_key=True)
    until = me.DateTimeField()
    after_id = me.StringField()
    running_day = me.StringField()
    running_levels = me.IntField()
    day = me.StringField()
    levels_version = me.IntField()

    meta: dict[str, Any] = {"collection": "count_marks", "indexes": []}


class DueCount(Document):
    """A person to be counted anew; its id is the person's. Gone once that is done."""

    id = me.StringField(primary_key=True)
    # Another one each time it is asked for, so that what was asked for meanwhile stays.
    asked_at = me.DateTimeField(required=True)
    # Who takes it moves this on: it comes back where they fail or die.
    look_again_at = me.DateTimeField(required=True)

    meta: dict[str, Any] = {
        "collection": "due_counts",
        "indexes": [{"fields": ["look_again_at"], "name": "due"}],
    }
