"""What comes in and goes out around levels."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import moment_out, said
from api.task_kinds_schemas import NameSchema
from honours import MAX_HOURS, MAX_LEVELS, MAX_WEEKS
from people import LEVELLED_ROLES


class LevelLineSchema(ma.Schema):
    """One level: from how much verified work on."""

    name = fields.Nested(NameSchema, required=True)
    least_hours = fields.Integer(required=True, strict=True, validate=validate.Range(0, MAX_HOURS))
    least_weeks = fields.Integer(
        load_default=0,
        strict=True,
        validate=validate.Range(0, MAX_WEEKS),
        metadata={"description": "different ISO weeks with verified work"},
    )
    roles = fields.List(
        fields.String(validate=validate.OneOf([role.value for role in LEVELLED_ROLES])),
        load_default=list,
        validate=validate.Length(max=len(LEVELLED_ROLES)),
        metadata={"description": "roles that may be given from this level on"},
    )


class NewLevelsSchema(ma.Schema):
    """The whole table, level 1 first; each level asks for more than the one below it."""

    levels = fields.List(
        fields.Nested(LevelLineSchema), required=True, validate=validate.Length(1, MAX_LEVELS)
    )
    why = said(500)


class LevelTableSchema(ma.Schema):
    """The levels in force. They open kinds of task and are never worth coins."""

    version = fields.Integer()
    levels = fields.List(fields.Nested(LevelLineSchema), attribute="lines")
    put_at = moment_out(
        allow_none=True, metadata={"description": "null: as they came with the programme"}
    )
