"""The log of changes on the wire."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import PageQuerySchema, moment_out


class ChangesQuerySchema(PageQuerySchema):
    """Of which thing alone, where that is wanted."""

    about_id = fields.String(validate=validate.Length(1, 100))


class ChangeSchema(ma.Schema):
    """One change of a rule: what was before and after, of what differs, who made it, and why."""

    id = fields.String()
    subject = fields.String(metadata={"description": "what kind of rule, as rate_card"})
    about_id = fields.String(metadata={"description": "which one"})
    unit_id = fields.String()
    verb = fields.String()
    before = fields.Dict()
    after = fields.Dict()
    why = fields.String()
    by_id = fields.String()
    at = moment_out()


class ChangePageSchema(ma.Schema):
    """A page of changes, newest first."""

    items = fields.List(fields.Nested(ChangeSchema))
    next_cursor = fields.String(allow_none=True)
