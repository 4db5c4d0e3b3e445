"""Rate cards and budgets on the wire. Coins are whole numbers."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, moment_in
from ledger import GENERAL_FUND
from rates import FUND_PATTERN

COINS = {"description": "Fu coins"}
LEFT = {"description": "Fu coins not yet put into tasks"}
LASTS = {
    "description": "for how many months after the one they were earned in coins may be spent; "
    "null: for ever"
}


class RateLineSchema(ma.Schema):
    """What one kind of action is worth: base + per_hour × hours, and never less than minimum."""

    kind = fields.String(required=True, validate=validate.Regexp(r"^[a-z][a-z_]{1,39}$"))
    base = fields.Integer(
        required=True, strict=True, validate=validate.Range(0, 1_000_000), metadata=COINS
    )
    per_hour = fields.Integer(
        required=True, strict=True, validate=validate.Range(0, 1_000_000), metadata=COINS
    )
    minimum = fields.Integer(
        load_default=1, strict=True, validate=validate.Range(1, 1_000_000), metadata=COINS
    )


class NewRateCardSchema(ma.Schema):
    """A rate card to put in force for a unit and all below it that have none of their own."""

    unit_id = fields.String(required=True, validate=ID)
    in_force_from = moment_in(required=True, metadata={"description": "a moment still ahead"})
    lines = fields.List(
        fields.Nested(RateLineSchema), required=True, validate=validate.Length(1, 50)
    )
    fen_per_10000_coins = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, 100_000_000),
        metadata={"description": "what 10,000 coins are worth, in fen"},
    )
    coins_last_months = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, 120),
        metadata=LASTS,
    )


class RateCardSchema(ma.Schema):
    """A rate card as it was put in force."""

    id = fields.String()
    unit_id = fields.String()
    in_force_from = fields.AwareDateTime()
    lines = fields.List(fields.Nested(RateLineSchema))
    fen_per_10000_coins = fields.Integer()
    coins_last_months = fields.Integer(allow_none=True, metadata=LASTS)
    put_at = fields.AwareDateTime()


class InForceQuerySchema(ma.Schema):
    """For which unit, and when: now, where not said."""

    unit_id = fields.String(required=True, validate=ID)
    at = moment_in()


class NewGrantSchema(ma.Schema):
    """Coins to issue into a unit's budget of a year, out of a fund."""

    year = fields.Integer(required=True, strict=True, validate=validate.Range(2000, 2100))
    coins = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, 1_000_000_000_000), metadata=COINS
    )
    authorisation = fields.String(
        required=True,
        validate=validate.Length(1, 500),
        metadata={"description": "the decision it rests on"},
    )
    fund = fields.String(
        load_default=GENERAL_FUND,
        validate=validate.Regexp(FUND_PATTERN),
        metadata={"description": "the fund it comes from, which tasks name that it pays for"},
    )


class GrantSchema(ma.Schema):
    """One grant: who allowed how much, on what authority, and the entry that issued it."""

    id = fields.String()
    unit_id = fields.String()
    year = fields.Integer()
    fund = fields.String()
    coins = fields.Integer(metadata=COINS)
    authorisation = fields.String()
    entry_id = fields.String()
    reversed = fields.Boolean(
        metadata={"description": "whether that entry was reversed since: it is not counted then"}
    )
    granted_by = fields.String()
    granted_at = fields.AwareDateTime()


class FundBudgetSchema(ma.Schema):
    """A unit's budget of one year from one fund."""

    fund = fields.String()
    granted = fields.Integer(metadata=COINS)
    left = fields.Integer(metadata=LEFT)
    grants = fields.List(
        fields.Nested(GrantSchema), metadata={"description": "the newest 100, newest first"}
    )


class YearBudgetSchema(ma.Schema):
    """A unit's budgets of one year, from all funds together and from each."""

    unit_id = fields.String()
    year = fields.Integer()
    granted = fields.Integer(metadata=COINS)
    left = fields.Integer(metadata=LEFT)
    funds = fields.List(fields.Nested(FundBudgetSchema), metadata={"description": "by name"})
