"""The attendance: one reading of the instructor's code, at the place, during the hours."""

import mongoengine as me

from shared.database import Document


class Attendance(Document):
    """One reading; where exactly it was is held against the area and not kept."""

    id = me.StringField(primary_key=True)
    participation_id = me.StringField(required=True)
    # Which of the changing codes was read: the same one again is the same reading.
    step = me.LongField(required=True)
    attended_at = me.DateTimeField(required=True)

    meta = {
        "collection": "attendances",
        "indexes": [
            {"fields": ["participation_id", "step"], "unique": True, "name": "reading"},
        ],
    }
