"""Volunteers on duty on the wire: ids, places in the caller's datum, and how fresh they are."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import moment_out
from api.positions_schemas import PositionSchema, datum, latitude, longitude
from tasks import MAX_ON_DUTY_RADIUS_M


class OnDutyQuerySchema(ma.Schema):
    """Around where, how far, how many."""

    lat = latitude(required=True)
    lon = longitude(required=True)
    datum = datum()
    radius_m = fields.Float(load_default=3_000, validate=validate.Range(1, MAX_ON_DUTY_RADIUS_M))
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))


class OnDutySchema(ma.Schema):
    """One volunteer on duty."""

    person_id = fields.String()
    participation_id = fields.String()
    task_id = fields.String()
    unit_id = fields.String()
    position = fields.Nested(PositionSchema)
    located_at = moment_out()
    distance_m = fields.Float()


class OnDutyListSchema(ma.Schema):
    """The nearest first."""

    items = fields.List(fields.Nested(OnDutySchema))
