"""Rate cards and budgets on the wire. Coins are whole numbers."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, moment_in

COINS = {"description": "Fu coins"}


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


class RateCardSchema(ma.Schema):
    """A rate card as it was put in force."""

    id = fields.String()
    unit_id = fields.String()
    in_force_from = fields.AwareDateTime()
    lines = fields.List(fields.Nested(RateLineSchema))
    fen_per_10000_coins = fields.Integer()
    put_at = fields.AwareDateTime()


class InForceQuerySchema(ma.Schema):
    """For which unit, and when: now, where not said."""

    unit_id = fields.String(required=True, validate=ID)
    at = moment_in()


class NewGrantSchema(ma.Schema):
    """Coins to issue into a unit's budget of a year."""

    year = fields.Integer(required=True, strict=True, validate=validate.Range(2000, 2100))
    coins = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, 1_000_000_000_000), metadata=COINS
    )
    authorisation = fields.String(
        required=True,
        validate=validate.Length(1, 500),
        metadata={"description": "the decision it rests on"},
    )


class GrantSchema(ma.Schema):
    """One grant: who allowed how much, on what authority, and the entry that issued it."""

    id = fields.String()
    unit_id = fields.String()
    year = fields.Integer()
    coins = fields.Integer(metadata=COINS)
    authorisation = fields.String()
    entry_id = fields.String()
    granted_by = fields.String()
    granted_at = fields.AwareDateTime()


class YearBudgetSchema(ma.Schema):
    """A unit's budget of one year."""

    unit_id = fields.String()
    year = fields.Integer()
    granted = fields.Integer(metadata=COINS)
    left = fields.Integer(metadata={"description": "Fu coins not yet put into tasks"})
    grants = fields.List(
        fields.Nested(GrantSchema), metadata={"description": "the newest 100, newest first"}
    )
