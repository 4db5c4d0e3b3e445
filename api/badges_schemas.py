"""What comes in and goes out around badges."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, moment_out, one_line, said
from honours import MAX_AT_LEAST, MAX_SET, MEASURES, RULES, SETS, SeenBadge


def badge_slug(**more: Any) -> fields.String:
    """A badge's id."""
    return fields.String(validate=validate.Regexp(r"^[a-z][a-z_]{1,39}$"), **more)


class BadgeNameSchema(ma.Schema):
    """What a badge is called, in both languages."""

    en = one_line(1, 30, required=True)
    zh = one_line(1, 30, required=True)


class BadgeWordsSchema(ma.Schema):
    """What a badge is for, in both languages."""

    en = one_line(1, 200, required=True)
    zh = one_line(1, 200, required=True)


class BadgeRuleSchema(ma.Schema):
    """What gives a badge; which fields go with which rule, the rule's own errors say."""

    rule = fields.String(
        required=True,
        validate=validate.OneOf(RULES),
        metadata={
            "description": "threshold: at_least of a measure, of a kind where said · set: all of "
            "the names · first_of_kind: their first work of a kind · first_in_unit: the first "
            "ever at a unit · quest: quests that name it · by_hand: officers alone"
        },
    )
    measure = fields.String(validate=validate.OneOf(MEASURES))
    at_least = fields.Integer(strict=True, validate=validate.Range(1, MAX_AT_LEAST))
    kind = one_line(1, 40)
    of = fields.String(validate=validate.OneOf(SETS), metadata={"description": "what names name"})
    names = fields.List(one_line(1, 40), validate=validate.Length(1, MAX_SET))
    unit_ids = fields.List(fields.String(validate=ID), validate=validate.Length(1, MAX_SET))


class NewBadgeSchema(ma.Schema):
    """The next version of a badge, whole."""

    active = fields.Boolean(
        load_default=True,
        metadata={"description": "false retires it: who holds it keeps it, nobody else gets it"},
    )
    name = fields.Nested(BadgeNameSchema, required=True)
    words = fields.Nested(BadgeWordsSchema, required=True)
    rule = fields.Nested(BadgeRuleSchema, required=True)


class PutBadgeSchema(NewBadgeSchema):
    """The next version of a badge, and why."""

    why = said(500, metadata={"description": "for the log of changes"})


class BadgeSchema(NewBadgeSchema):
    """One version of a badge."""

    id = fields.String(attribute="badge_id")
    version = fields.Integer()
    put_at = moment_out(
        allow_none=True, metadata={"description": "null: as it came with the programme"}
    )


class ShortHeldSchema(ma.Schema):
    """What became of a badge in the caller's own hands."""

    state = fields.String(attribute="state.value")
    version = fields.Integer(metadata={"description": "the version it was earned under"})
    earned_at = moment_out()
    hidden = fields.Boolean()


class SeenBadgeSchema(BadgeSchema):
    """A badge with the caller's own progress."""

    have = fields.Float(metadata={"description": "in the rule's own unit; hours and km in tenths"})
    need = fields.Integer()
    held = fields.Nested(ShortHeldSchema, allow_none=True)

    @ma.pre_dump
    def _flat(self, seen: SeenBadge, **_: Any) -> dict[str, Any]:
        badge = {name: getattr(seen.badge, name) for name in ("badge_id", "version", "put_at")}
        return badge | seen.badge.plain() | seen._asdict()


class SeenBadgeListSchema(ma.Schema):
    """Every badge in use, and those the caller holds."""

    items = fields.List(fields.Nested(SeenBadgeSchema))


class HeldBadgeSchema(ma.Schema):
    """A badge in somebody's hands, with its words as they were then."""

    id = fields.String(attribute="held.badge_id")
    person_id = fields.String(attribute="held.person_id")
    version = fields.Integer(attribute="held.version")
    name = fields.Nested(BadgeNameSchema, attribute="badge.name")
    words = fields.Nested(BadgeWordsSchema, attribute="badge.words")
    state = fields.String(attribute="held.state.value")
    earned_at = moment_out(
        attribute="held.earned_at",
        metadata={"description": "for who is neither its holder nor their staff: the day"},
    )
    about_id = fields.String(
        attribute="held.about_id",
        metadata={
            "description": "the first unit, or the quest; empty: neither, or a stranger asks"
        },
    )
    given_words = fields.String(
        attribute="held.words", metadata={"description": "of who gave it; empty for strangers"}
    )
    revoked_at = moment_out(attribute="held.revoked_at", allow_none=True)
    why = fields.String(attribute="held.why", metadata={"description": "why it was revoked"})
    hidden = fields.Boolean(attribute="held.hidden")


class HeldBadgeListSchema(ma.Schema):
    """A person's badges, newest first."""

    items = fields.List(fields.Nested(HeldBadgeSchema))


class GivenBadgeSchema(ma.Schema):
    """A badge to be given by hand, and the words that its holder is told."""

    badge_id = badge_slug(required=True)
    why = said(500)


class RevokedBadgeSchema(ma.Schema):
    """A badge to be taken away, and the reason that its holder is told."""

    badge_id = badge_slug(required=True)
    why = said(500)


class HideBadgeSchema(ma.Schema):
    """Whether others are to see it."""

    hidden = fields.Boolean(required=True)
