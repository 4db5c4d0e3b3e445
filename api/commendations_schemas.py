"""Commendations on the wire: nominations, decisions, consents, and what the public sees."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, PageQuerySchema, moment_out, one_line, said
from honours import (
    LONGEST_FOUND,
    LONGEST_TITLE,
    LONGEST_WORDS,
    CommendationKind,
    CommendationSide,
    CommendationState,
    ShownName,
)

LONGEST_WHY = 500


class NewCommendationSchema(ma.Schema):
    """Whom or what to commend, for what; by which unit."""

    kind = fields.Enum(CommendationKind, by_value=True, required=True)
    unit_id = fields.String(
        required=True, validate=ID, metadata={"description": "the unit that awards it"}
    )
    person_id = fields.String(validate=ID)
    card = fields.String(
        validate=validate.Length(1, 200),
        metadata={"description": "the text of the person's card, or the code printed below it"},
    )
    subject_unit_id = fields.String(validate=ID, metadata={"description": "of kind unit"})
    title = one_line(1, LONGEST_TITLE, required=True)
    words = said(LONGEST_WORDS)
    deed_on = fields.Date()


class CommendationCheckSchema(ma.Schema):
    """What a second person found out; officers alone read it."""

    found = said(LONGEST_FOUND)


class CommendationReasonSchema(ma.Schema):
    """Why it is so decided."""

    why = said(LONGEST_WHY)


class ConsentSchema(ma.Schema):
    """How whom it is for wants to be named, and whether title and words may be read."""

    shown_as = fields.Enum(
        ShownName,
        by_value=True,
        load_default=None,
        metadata={"description": "of a person; a unit is shown by its name"},
    )
    with_words = fields.Boolean(load_default=False)


class PublicQuerySchema(PageQuerySchema):
    """Which public commendations to list."""

    unit_id = fields.String(validate=ID, metadata={"description": "awarded there or below"})
    kind = fields.Enum(CommendationKind, by_value=True)


class OwnQuerySchema(PageQuerySchema):
    """Those for oneself, or those one nominated."""

    side = fields.Enum(CommendationSide, by_value=True, load_default=CommendationSide.SUBJECT)


class UnitQuerySchema(PageQuerySchema):
    """Which commendations of a unit to list."""

    state = fields.Enum(CommendationState, by_value=True)


_NAMES = {"description": "in both languages: en, zh-CN"}
_CONSENTED = {"description": "empty where title and words were not consented to"}


class PublicCommendationSchema(ma.Schema):
    """What anybody may know of a commendation, by consent."""

    id = fields.String()
    kind = fields.Enum(CommendationKind, by_value=True)
    title = fields.String(metadata=_CONSENTED)
    words = fields.String(metadata=_CONSENTED)
    name = fields.Dict(keys=fields.String(), values=fields.String(), metadata=_NAMES)
    unit_id = fields.String()
    unit_name = fields.Dict(keys=fields.String(), values=fields.String(), metadata=_NAMES)
    deed_on = fields.String(allow_none=True)
    awarded_at = moment_out()


class PublicCommendationPageSchema(ma.Schema):
    """Public commendations, the newest award first."""

    items = fields.List(fields.Nested(PublicCommendationSchema))
    next_cursor = fields.String(allow_none=True)


class CommendationSchema(ma.Schema):
    """A commendation as one side sees it; what that side does not see is null."""

    id = fields.String()
    side = fields.Enum(CommendationSide, by_value=True)
    kind = fields.Enum(CommendationKind, by_value=True)
    state = fields.Enum(CommendationState, by_value=True)
    person_id = fields.String(allow_none=True)
    subject_unit_id = fields.String(allow_none=True)
    unit_id = fields.String()
    title = fields.String()
    words = fields.String()
    deed_on = fields.String(allow_none=True)
    nominated_by = fields.String(allow_none=True)
    nominated_at = moment_out()
    found = fields.String(allow_none=True)
    checked_by = fields.String(allow_none=True)
    checked_at = moment_out(allow_none=True)
    decided_by = fields.String(allow_none=True)
    decided_at = moment_out(allow_none=True)
    why = fields.String(allow_none=True)
    awarded_by = fields.String(allow_none=True)
    awarded_at = moment_out(allow_none=True)
    is_consented = fields.Boolean(allow_none=True)
    are_words_consented = fields.Boolean(allow_none=True)
    shown_as = fields.Enum(ShownName, by_value=True, allow_none=True)
    shown_name = fields.String(allow_none=True)
    consented_by = fields.String(allow_none=True)
    consented_at = moment_out(allow_none=True)
    is_public = fields.Boolean()
    version = fields.Integer()


class CommendationPageSchema(ma.Schema):
    """Commendations, newest first."""

    items = fields.List(fields.Nested(CommendationSchema))
    next_cursor = fields.String(allow_none=True)
