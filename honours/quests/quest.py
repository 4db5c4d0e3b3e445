"""A quest: some verified work to be done in a span of time, of several kinds or places."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import mongoengine as me

from shared.database import Document, EmbeddedDocument


class QuestState(StrEnum):
    """DRAFT → OPEN → WITHDRAWN; DRAFT → WITHDRAWN. That it is over, its dates say."""

    DRAFT = "draft"
    OPEN = "open"
    WITHDRAWN = "withdrawn"


class QuestPhase(StrEnum):
    """What a quest is at a moment."""

    DRAFT = "draft"
    AHEAD = "ahead"
    OPEN = "open"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


class QuestStep(EmbeddedDocument):
    """`times` pieces of verified work of a kind (any where empty) for a unit or one below it.

    An empty `unit_id` is the quest's own unit.
    """

    kind = me.StringField(default="")
    unit_id = me.StringField(default="")
    times = me.IntField(required=True, min_value=1)


class Quest(Document):
    """Steps that volunteers take from `from_at` until `until_at`; `name` and `words` {"en", "zh"}.

    Whoever took all of them has completed it, and is given the badge `badge_id` where it names one.
    """

    id = me.StringField(primary_key=True)
    unit_id = me.StringField(required=True)
    # The unit's: root first, itself last.
    lineage = me.ListField(me.StringField(), required=True)
    state = me.EnumField(QuestState, required=True)
    name = me.DictField(required=True)
    words = me.DictField(required=True)
    from_at = me.DateTimeField(required=True)
    until_at = me.DateTimeField(required=True)
    steps = me.EmbeddedDocumentListField(QuestStep, required=True)
    badge_id = me.StringField(default="")
    drafted_by = me.StringField(required=True)
    drafted_at = me.DateTimeField(required=True)
    draft_key = me.StringField(required=True)
    draft_hash = me.StringField(required=True)
    opened_by = me.StringField()
    opened_at = me.DateTimeField()
    withdrawn_by = me.StringField()
    withdrawn_at = me.DateTimeField()
    why = me.StringField(default="")
    # Whether those who did its work before it was opened were asked to be counted.
    is_asked = me.BooleanField(required=True, default=False)
    # Who took a step of it and who all, as of a moment.
    participants = me.IntField(required=True, default=0)
    completed = me.IntField(required=True, default=0)
    participants_at = me.DateTimeField()
    version = me.IntField(required=True, default=1)

    meta: dict[str, Any] = {
        "collection": "quests",
        "indexes": [
            {"fields": ["drafted_by", "draft_key"], "unique": True, "name": "draft"},
            {"fields": ["unit_id", "state", "until_at"], "name": "of_unit"},
            {"fields": ["lineage", "state", "until_at"], "name": "below_unit"},
            {"fields": ["lineage", "-_id"], "name": "all_below_unit"},
            {"fields": ["state", "participants_at"], "name": "to_count"},
            {
                "fields": ["state", "is_asked"],
                "name": "to_ask",
                "partialFilterExpression": {"is_asked": False},
            },
        ],
    }

    def phase_at(self, moment: datetime) -> QuestPhase:
        """What it is at a moment."""
        if self.state != QuestState.OPEN:
            return QuestPhase(self.state.value)
        if moment < self.from_at:
            return QuestPhase.AHEAD
        return QuestPhase.OPEN if moment < self.until_at else QuestPhase.ENDED

    def plain(self) -> dict[str, Any]:
        """What an officer writes of it, in plain values."""
        return {
            "name": dict(self.name),
            "words": dict(self.words),
            "from_at": self.from_at,
            "until_at": self.until_at,
            "steps": [
                {"kind": step.kind, "unit_id": step.unit_id, "times": step.times}
                for step in self.steps
            ],
            "badge_id": self.badge_id,
        }
