"""What comes in and goes out around hand-outs and the log of a duty."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, lines, moment_in, moment_out, one_line


class NewHandOutSchema(ma.Schema):
    """One line: so many of an item at a place, with photos of it."""

    item = one_line(1, 80, required=True)
    place = one_line(1, 80, required=True)
    count = fields.Integer(required=True, strict=True, validate=validate.Range(1, 100_000))
    photo_ids = fields.List(
        fields.String(validate=ID), load_default=list, validate=validate.Length(max=20)
    )


class HandOutSchema(ma.Schema):
    """One line as it was written; a voided one counts no more."""

    id = fields.String()
    participation_id = fields.String()
    item = fields.String()
    place = fields.String()
    count = fields.Integer()
    photo_ids = fields.List(fields.String())
    handed_at = moment_out()
    voided_at = moment_out(allow_none=True)


class CountedSchema(ma.Schema):
    """So many of one item at one place."""

    item = fields.String()
    place = fields.String()
    count = fields.Integer()


class PlaceReachedSchema(ma.Schema):
    """One place that was asked for, and what came there."""

    place = fields.String()
    count = fields.Integer()
    least = fields.Integer()
    reached = fields.Boolean(attribute="is_reached")


class HandOutSheetSchema(ma.Schema):
    """A participation's hand-outs."""

    lines = fields.List(fields.Nested(HandOutSchema))
    sums = fields.List(fields.Nested(CountedSchema))
    places = fields.List(fields.Nested(PlaceReachedSchema))


class PeriodQuerySchema(ma.Schema):
    """From which moment on, and until before which; 92 days at most."""

    since = moment_in(required=True)
    until = moment_in(required=True)


class UnitHandOutsSchema(ma.Schema):
    """What a unit's tasks brought where; only verified participations reach a place."""

    sums = fields.List(fields.Nested(CountedSchema))
    undecided = fields.List(fields.Nested(CountedSchema))
    places = fields.List(fields.Nested(PlaceReachedSchema))


class PresenceSchema(ma.Schema):
    """So many people of one role; nobody is named."""

    role = one_line(1, 40, required=True)
    count = fields.Integer(required=True, strict=True, validate=validate.Range(0, 1_000))


class NewDutyLogSchema(ma.Schema):
    """What closes a duty."""

    text = lines(2_000, required=True)
    incidents = fields.Integer(required=True, strict=True, validate=validate.Range(0, 1_000))
    present = fields.List(
        fields.Nested(PresenceSchema), load_default=list, validate=validate.Length(max=20)
    )


class DutyLogSchema(ma.Schema):
    """The log of a duty."""

    participation_id = fields.String(attribute="id")
    text = fields.String()
    incidents = fields.Integer()
    present = fields.List(fields.Nested(PresenceSchema))
    logged_at = moment_out()
    changed_at = moment_out()
