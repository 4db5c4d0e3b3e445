"""The weeks of one year that a volunteer froze, so that an absence breaks no streak."""

from typing import Any

import mongoengine as me

from shared.database import Document


def freezes_id_for(person_id: str, year: int) -> str:
    """The id of a person's freezes of an ISO year: one document, so that its push counts them."""
    return f"{person_id}:{year:04d}"


class StreakFreezes(Document):
    """One person's frozen weeks of one ISO year ("2026-W47"), in the order they were frozen."""

    id = me.StringField(primary_key=True)
    person_id = me.StringField(required=True)
    year = me.IntField(required=True)
    weeks = me.ListField(me.StringField())

    meta: dict[str, Any] = {
        "collection": "streak_freezes",
        "indexes": [{"fields": ["person_id", "-year"], "name": "of_person"}],
    }
