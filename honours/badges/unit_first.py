"""Who was the first ever to do verified work for a unit: one document a unit."""

from typing import Any

import mongoengine as me

from shared.database import Document


class UnitFirst(Document):
    """The first verified work of a unit; its id is the unit's, so that a race has one winner."""

    id = me.StringField(primary_key=True)
    person_id = me.StringField(required=True)
    participation_id = me.StringField(required=True)
    starts_at = me.DateTimeField(required=True)

    meta: dict[str, Any] = {
        "collection": "unit_firsts",
        "indexes": [{"fields": ["person_id"], "name": "of_person"}],
    }
