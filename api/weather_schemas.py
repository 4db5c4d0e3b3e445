"""Weather warnings on the wire."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import moment_in, moment_out, said
from rates import Occasion

WEATHER = [Occasion.HEAT.value, Occasion.STORM.value]


class NewWarningSchema(ma.Schema):
    """Heat or a storm over a unit and all below it, as an officer declares it."""

    occasion = fields.Enum(
        Occasion,
        by_value=True,
        required=True,
        validate=validate.OneOf([Occasion.HEAT, Occasion.STORM], labels=WEATHER),
        metadata={"enum": WEATHER},
    )
    starts_at = moment_in(
        required=True, metadata={"description": "at most a day back and 30 days ahead"}
    )
    ends_at = moment_in(
        required=True, metadata={"description": "still ahead, at most 14 days after it begins"}
    )
    why = said(500, metadata={"description": "what the warning rests on"})


class EndingSchema(ma.Schema):
    """Why a warning ends before its time."""

    why = said(500)


class WarningSchema(ma.Schema):
    """A weather warning: what is published while it is known counts the hours that lie in it."""

    id = fields.String()
    unit_id = fields.String()
    occasion = fields.Enum(Occasion, by_value=True)
    starts_at = moment_out()
    ends_at = moment_out()
    why = fields.String()
    declared_by = fields.String()
    declared_at = moment_out()
    withdrawn_by = fields.String(allow_none=True)
    withdrawn_at = moment_out(
        allow_none=True, metadata={"description": "when it was ended before its time"}
    )


class WarningPageSchema(ma.Schema):
    """Weather warnings, newest first."""

    items = fields.List(fields.Nested(WarningSchema))
    next_cursor = fields.String(allow_none=True)
