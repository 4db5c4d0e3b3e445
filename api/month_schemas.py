"""Closed months and their balances on the wire. Amounts are whole, in minor units."""

import marshmallow as ma
from marshmallow import fields


class ClosedMonthSchema(ma.Schema):
    """A month that takes no entry any more."""

    month = fields.String(metadata={"description": "2026-10, in the business time zone"})
    closed_by = fields.String()
    closed_at = fields.AwareDateTime()
    stored = fields.Boolean(metadata={"description": "whether its balances can be read yet"})


class ClosedMonthsSchema(ma.Schema):
    """The months closed so far, the newest first; all before the oldest are closed with it."""

    items = fields.List(fields.Nested(ClosedMonthSchema))


class MonthBalanceSchema(ma.Schema):
    """What an account held at the end of the month."""

    account = fields.String()
    currency = fields.String()
    balance = fields.Integer(metadata={"description": "in minor units"})


class MonthBalancePageSchema(ma.Schema):
    """Balances of the accounts that moved in the month, by name."""

    month = fields.String()
    stored = fields.Boolean(metadata={"description": "false: come again, they are being added up"})
    items = fields.List(fields.Nested(MonthBalanceSchema))
    next_cursor = fields.String(allow_none=True)
