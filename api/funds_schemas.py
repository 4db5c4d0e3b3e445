"""Funds on the wire: money in fen of renminbi, whole numbers."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, PageQuerySchema, one_line
from rates import FUND_PATTERN

FEN = {"description": "fen of renminbi"}
LEFT = {"description": "fen not yet set aside for an award or paid out"}
YEAR = {"description": "of the business time zone; this one where not said"}


def _year() -> fields.Integer:
    return fields.Integer(validate=validate.Range(2000, 2100), metadata=YEAR)


class NewFundSchema(ma.Schema):
    """A fund to open."""

    name = fields.String(
        required=True,
        validate=validate.Regexp(FUND_PATTERN),
        metadata={"description": "what its accounts are called; kept for ever"},
    )
    unit_id = fields.String(required=True, validate=ID)
    title = one_line(1, 80, required=True)


class FundSchema(ma.Schema):
    """A fund: money of a unit under a name."""

    name = fields.String()
    unit_id = fields.String()
    title = fields.String()
    opened_at = fields.AwareDateTime()


class FundYearQuerySchema(ma.Schema):
    """Of which year."""

    year = _year()


class FundsQuerySchema(PageQuerySchema):
    """Where the list goes on, and of which year it tells what is left."""

    year = _year()


class FundLeftSchema(ma.Schema):
    """A fund and what it has left of a year."""

    fund = fields.Nested(FundSchema)
    year = fields.Integer()
    left = fields.Integer(metadata=LEFT)


class FundPageSchema(ma.Schema):
    """Funds by name."""

    items = fields.List(fields.Nested(FundLeftSchema))
    next_cursor = fields.String(allow_none=True)


class NewFundGrantSchema(ma.Schema):
    """Money to bring into a fund for a year."""

    year = fields.Integer(required=True, strict=True, validate=validate.Range(2000, 2100))
    fen = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, 1_000_000_000_000), metadata=FEN
    )
    authorisation = fields.String(
        required=True,
        validate=validate.Length(1, 500),
        metadata={"description": "the decision it rests on"},
    )


class FundGrantSchema(ma.Schema):
    """One grant: who brought how much, on what authority, and the entry that posted it."""

    id = fields.String()
    fund = fields.String()
    year = fields.Integer()
    fen = fields.Integer(metadata=FEN)
    authorisation = fields.String()
    entry_id = fields.String()
    reversed = fields.Boolean(
        metadata={"description": "whether that entry was reversed since: it is not counted then"}
    )
    granted_by = fields.String()
    granted_at = fields.AwareDateTime()


class FundYearSchema(ma.Schema):
    """A fund in one year."""

    fund = fields.Nested(FundSchema)
    year = fields.Integer()
    granted = fields.Integer(metadata=FEN)
    left = fields.Integer(metadata=LEFT)
    grants = fields.List(
        fields.Nested(FundGrantSchema), metadata={"description": "the newest 100, newest first"}
    )
