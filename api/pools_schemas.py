"""Pools of codes on the wire: a file's report, what is in a pool, an opened ticket."""

import marshmallow as ma
from marshmallow import fields

from api.common_schemas import ID, moment_out
from api.rewards_schemas import PointSchema
from catalog import LineFlaw

CODES_BODY = {
    "requestBody": {
        "required": True,
        "description": "The CSV file alone: the line `code,valid_until`, then a code a line. "
        "`valid_until` may be empty, a day (valid through its end), or a time with its offset.",
        "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class CodesQuerySchema(ma.Schema):
    """Which point's pool the codes go to."""

    point_id = fields.String(required=True, validate=ID)


class FlawedLineSchema(ma.Schema):
    """A line that gave no code, and why."""

    line = fields.Integer()
    flaw = fields.Enum(LineFlaw, by_value=True)


class ImportReportSchema(ma.Schema):
    """What became of a file's lines."""

    id = fields.String(attribute="import_id")
    added = fields.Integer()
    duplicates = fields.Integer()
    bad = fields.Integer()
    flawed = fields.List(
        fields.Nested(FlawedLineSchema), metadata={"description": "the first 1,000 of them"}
    )
    available = fields.Integer(metadata={"description": "codes in the pool that nobody ordered"})


class PoolSchema(ma.Schema):
    """How many codes of a reward are at a point, in which state."""

    point = fields.Nested(PointSchema)
    free = fields.Integer()
    taken = fields.Integer()
    opened = fields.Integer()
    void = fields.Integer()
    soonest_end = moment_out(
        allow_none=True, metadata={"description": "of the free ones; null where none ends"}
    )


class PoolListSchema(ma.Schema):
    """A reward's pools."""

    items = fields.List(fields.Nested(PoolSchema))


class CodeVoidingSchema(ma.Schema):
    """Which free codes to take out: all of a point's pool, or those of one import."""

    point_id = fields.String(required=True, validate=ID)
    import_id = fields.String(load_default=None, allow_none=True, validate=ID)


class CodesVoidedSchema(ma.Schema):
    """How many free codes were taken out, and how many are left: for those, once more."""

    voided = fields.Integer()
    left = fields.Integer()


class OpenedTicketSchema(ma.Schema):
    """A ticket's code, to its owner."""

    voucher_id = fields.String(attribute="voucher.id")
    code = fields.String(metadata={"description": "as its issuer printed it"})
    opened_at = moment_out()
    valid_until = moment_out(
        allow_none=True, metadata={"description": "when it stops serving; null for never"}
    )
