"""The occurrence: one duty of one day of a schedule, and what became of it."""

from enum import StrEnum

import mongoengine as me

from shared.database import Document


class OccurrenceState(StrEnum):
    """PLANNED → PUBLISHED; PLANNED, PUBLISHED → CALLED_OFF."""

    PLANNED = "planned"
    PUBLISHED = "published"
    CALLED_OFF = "called_off"


class Occurrence(Document):
    """Written once the schedule's publisher, or an officer, first had to do with it."""

    # <schedule id>:<day>.<name of the time>
    id = me.StringField(primary_key=True)
    schedule_id = me.StringField(required=True)
    unit_id = me.StringField(required=True)
    occurrence = me.StringField(required=True)
    starts_at = me.DateTimeField(required=True)
    ends_at = me.DateTimeField(required=True)
    state = me.StringField(required=True, choices=[state.value for state in OccurrenceState])
    # The schedule's version that it is drafted from, and the officer in whose name.
    drafted_version = me.IntField(required=True)
    author_id = me.StringField(required=True)
    task_id = me.StringField()
    called_off_by = me.StringField()
    # The refusal's name and words in both languages, where publishing failed.
    failure = me.StringField()
    failure_words = me.DictField()
    tries = me.IntField(required=True, default=0)
    # False while a called-off occurrence's task may still be standing.
    settled = me.BooleanField(required=True, default=True)

    meta = {
        "collection": "occurrences",
        "indexes": [
            {"fields": ["schedule_id", "starts_at"], "name": "of_schedule"},
            {
                "fields": ["settled"],
                "name": "unsettled",
                "partialFilterExpression": {"settled": False},
            },
        ],
    }
