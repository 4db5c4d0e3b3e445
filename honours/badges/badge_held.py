"""A badge held: who has which badge since when, and what became of it."""

from enum import StrEnum
from typing import Any

import mongoengine as me

from shared.database import Document


class BadgeState(StrEnum):
    """HELD ⇄ TAKEN_BACK as work is verified and withdrawn; HELD → REVOKED by an admin."""

    HELD = "held"
    TAKEN_BACK = "taken_back"
    REVOKED = "revoked"


def held_id_for(person_id: str, badge_id: str) -> str:
    """The id of a person's badge: made from both, so that nobody has one twice."""
    return f"{person_id}:{badge_id}"


class BadgeHeld(Document):
    """One person's badge, in the version it was earned under; kept when that changes."""

    id = me.StringField(primary_key=True)
    person_id = me.StringField(required=True)
    badge_id = me.StringField(required=True)
    version = me.IntField(required=True)
    state = me.EnumField(BadgeState, required=True)
    earned_at = me.DateTimeField(required=True)
    # The unit they were first in, or the quest they completed; empty where neither.
    about_id = me.StringField(default="")
    # Whoever gave it by hand, and why; None where its rule did.
    given_by = me.StringField()
    words = me.StringField(default="")
    taken_back_at = me.DateTimeField()
    revoked_at = me.DateTimeField()
    revoked_by = me.StringField()
    why = me.StringField(default="")
    # Kept by its holder from the page that others see.
    hidden = me.BooleanField(required=True, default=False)
    # How often it changed hands: each time is told once.
    times = me.IntField(required=True, default=1)
    told = me.BooleanField(required=True, default=False)

    meta: dict[str, Any] = {
        "collection": "badges_held",
        "indexes": [
            {"fields": ["person_id", "-earned_at", "-_id"], "name": "of_person"},
            {"fields": ["told"], "name": "untold", "partialFilterExpression": {"told": False}},
        ],
    }

    @property
    def is_by_hand(self) -> bool:
        """Whether somebody gave it, so that no recount takes it back."""
        return self.given_by is not None
