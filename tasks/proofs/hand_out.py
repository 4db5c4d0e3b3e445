"""The hand-out: so many of one item brought to one place, as a line that is never changed."""

import mongoengine as me

from shared.database import Document


class HandOut(Document):
    """One line of what was handed out or put up; a wrong one is voided, and another one written."""

    id = me.StringField(primary_key=True)
    participation_id = me.StringField(required=True)
    task_id = me.StringField(required=True)
    unit_id = me.StringField(required=True)
    key = me.StringField(required=True)
    item = me.StringField(required=True)
    place = me.StringField(required=True)
    count = me.IntField(required=True, min_value=1)
    photo_ids = me.ListField(me.StringField())
    handed_at = me.DateTimeField(required=True)
    voided_at = me.DateTimeField()

    meta = {
        "collection": "hand_outs",
        "indexes": [
            {"fields": ["participation_id", "key"], "unique": True, "name": "key"},
            {"fields": ["unit_id", "handed_at"], "name": "of_unit"},
        ],
    }
