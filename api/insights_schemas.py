"""Forecasts and shares on the wire. Coins are whole numbers."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import moment_in, moment_out

PER_WEEK = {"description": "Fu coins drawn in each of the last whole weeks, oldest first"}


class ForecastQuerySchema(ma.Schema):
    """Of which year: the present one where not said."""

    year = fields.Integer(load_default=None, validate=validate.Range(2000, 2100))


class ForecastSchema(ma.Schema):
    """When a budget is used up at its pace of late; null where that is never, or not known."""

    weeks = fields.Integer(metadata={"description": "how many weeks it rests on"})
    per_week = fields.Float(allow_none=True)
    used_up_at = moment_out(allow_none=True)
    earliest_at = moment_out(
        allow_none=True,
        metadata={"description": "four times out of five between this and `latest_at`"},
    )
    latest_at = moment_out(allow_none=True)
    left_at_end = fields.Integer(
        allow_none=True, metadata={"description": "below zero where coins will be missing"}
    )
    lasts = fields.Boolean(
        allow_none=True, metadata={"description": "whether it outlives its year or quarter"}
    )


class BudgetForecastSchema(ma.Schema):
    """One budget of a year or of a quarter, and how it burns down."""

    fund = fields.String()
    quarter = fields.Integer(
        allow_none=True, metadata={"description": "null: the whole year, quarters included"}
    )
    left = fields.Integer()
    ends_at = moment_out()
    weekly = fields.List(fields.Integer(), metadata=PER_WEEK)
    forecast = fields.Nested(ForecastSchema)


class UnitForecastsSchema(ma.Schema):
    """The forecasts of a unit's budgets, as of a moment."""

    unit_id = fields.String()
    year = fields.Integer()
    at = moment_out()
    budgets = fields.List(fields.Nested(BudgetForecastSchema))


class ShareSpanSchema(ma.Schema):
    """Of work begun when: the last 13 weeks where not said, a year at most."""

    since = moment_in(load_default=None)
    until = moment_in(load_default=None)


class TallySchema(ma.Schema):
    """What was paid for some verified work: for time, by the piece, or not said."""

    count = fields.Integer()
    seconds = fields.Integer()
    metres = fields.Float()
    coins = fields.Integer(metadata={"description": "paid, after caps"})
    time = fields.Integer(metadata={"description": "of them for time"})
    piece = fields.Integer(metadata={"description": "of them by the piece"})
    unsaid = fields.Integer(metadata={"description": "of them agreed before lines named parts"})
    time_share = fields.Float(
        allow_none=True, metadata={"description": "time of time and piece, 0 to 1"}
    )


class KindTallySchema(TallySchema):
    """The work of one kind."""

    kind = fields.String(attribute="name")


class MonthTallySchema(TallySchema):
    """The work begun in one month of the business time zone."""

    month = fields.String(attribute="name", metadata={"description": "2026-11"})


class PaySharesSchema(ma.Schema):
    """Paid for time against paid by the piece."""

    unit_id = fields.String()
    since = moment_out()
    until = moment_out()
    total = fields.Nested(TallySchema)
    kinds = fields.List(fields.Nested(KindTallySchema), metadata={"description": "by kind"})
    months = fields.List(fields.Nested(MonthTallySchema), metadata={"description": "by month"})
