"""What comes in and goes out around quests."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, PageQuerySchema, moment_in, moment_out, one_line, said
from honours import MAX_STEPS, MAX_TIMES, QuestPhase, SeenQuest


class QuestNameSchema(ma.Schema):
    """What a quest is called, in both languages."""

    en = one_line(1, 40, required=True)
    zh = one_line(1, 40, required=True)


class QuestWordsSchema(ma.Schema):
    """What a quest is about, in both languages."""

    en = one_line(1, 500, required=True)
    zh = one_line(1, 500, required=True)


class QuestStepSchema(ma.Schema):
    """So many pieces of verified work, of a kind and for a unit or one below it where said."""

    kind = one_line(1, 40)
    unit_id = fields.String(
        validate=ID, metadata={"description": "the quest's own unit, where it is left out"}
    )
    times = fields.Integer(required=True, strict=True, validate=validate.Range(1, MAX_TIMES))


class QuestContentSchema(ma.Schema):
    """A quest's draft, whole."""

    name = fields.Nested(QuestNameSchema, required=True)
    words = fields.Nested(QuestWordsSchema, required=True)
    from_at = moment_in(required=True)
    until_at = moment_in(required=True)
    steps = fields.List(
        fields.Nested(QuestStepSchema), required=True, validate=validate.Length(1, MAX_STEPS)
    )
    badge_id = one_line(
        1,
        40,
        allow_none=True,
        load_default=None,
        metadata={"description": "what completing it gives: a badge whose rule is quest"},
    )


class NewQuestSchema(QuestContentSchema):
    """A quest of a unit."""

    unit_id = fields.String(required=True, validate=ID)


class SeenStepSchema(ma.Schema):
    """A step, and how often the caller took it."""

    kind = fields.String(metadata={"description": "empty: any"})
    unit_id = fields.String(metadata={"description": "with all units below it"})
    times = fields.Integer()
    done = fields.Integer()


class QuestSchema(ma.Schema):
    """A quest with the caller's own progress."""

    id = fields.String()
    unit_id = fields.String()
    version = fields.Integer()
    phase = fields.String(validate=validate.OneOf([phase.value for phase in QuestPhase]))
    name = fields.Nested(QuestNameSchema)
    words = fields.Nested(QuestWordsSchema)
    from_at = moment_out()
    until_at = moment_out()
    steps = fields.List(fields.Nested(SeenStepSchema))
    badge_id = fields.String(metadata={"description": "empty: none"})
    completed_at = moment_out(allow_none=True)
    participants = fields.Integer(metadata={"description": "who took a step, minutes ago"})
    completed = fields.Integer(metadata={"description": "who took all"})
    why = fields.String(metadata={"description": "why it was withdrawn"})

    @ma.pre_dump
    def _flat(self, seen: SeenQuest, **_: Any) -> dict[str, Any]:
        quest = seen.quest
        steps = zip(quest.plain()["steps"], seen.done, strict=True)
        own = {name: getattr(quest, name) for name in ("id", "unit_id", "version", "why")}
        own |= {name: getattr(seen, name) for name in ("completed_at", "participants", "completed")}
        shown = [
            step | {"unit_id": step["unit_id"] or quest.unit_id, "done": done}
            for step, done in steps
        ]
        return quest.plain() | own | {"phase": seen.phase.value, "steps": shown}


class QuestPageSchema(ma.Schema):
    """Quests; where the list goes on."""

    items = fields.List(fields.Nested(QuestSchema))
    next_cursor = fields.String(allow_none=True)


class QuestsQuerySchema(PageQuerySchema):
    """Whose quests: of one unit, those above it and below; else of the caller's own units."""

    unit_id = fields.String(validate=ID)


class QuestWithdrawalSchema(ma.Schema):
    """Why a quest ends before its time."""

    why = said(500, metadata={"description": "for the log of changes"})
