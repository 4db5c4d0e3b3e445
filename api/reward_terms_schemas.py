"""A reward's terms on the wire: what officers draft and change, and how everybody reads them."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, lines, moment_in, one_line
from catalog import ExpiryRule, RewardKind
from people import Role

MOST_COUNT, MOST_FEN, MOST_LEVEL, DAY_MINUTES = 1_000, 10_000_000, 100, 1_440


def _count(least: int, most: int, said: str = "", **more: Any) -> fields.Integer:
    if said:
        more["metadata"] = {"description": said}
    return fields.Integer(strict=True, validate=validate.Range(least, most), **more)


def _names(said: str) -> fields.List:
    return fields.List(
        one_line(1, 50), validate=validate.Length(max=20), metadata={"description": said}
    )


class BuyersSchema(ma.Schema):
    """Who may order; what is left out or empty asks nothing. Of each list, one is enough."""

    least_level = _count(0, MOST_LEVEL)
    groups = _names("of one of these groups")
    trades = _names("of one of these trades")
    roles = fields.List(
        fields.String(validate=validate.OneOf([role.value for role in Role])),
        validate=validate.Length(max=12),
        metadata={"description": "with one of these roles, wherever held"},
    )
    unit_id = fields.String(
        validate=ID,
        allow_none=True,
        metadata={"description": "with a home in this unit, or below it"},
    )


class SaleHoursSchema(ma.Schema):
    """One span of hours on some days of the week, in minutes of the town's day."""

    weekdays = fields.List(
        _count(1, 7), required=True, validate=validate.Length(1, 7), metadata={"description": "1-7"}
    )
    from_minute = _count(0, DAY_MINUTES - 1, required=True)
    until_minute = _count(1, DAY_MINUTES, required=True)


class TermsSchema(ma.Schema):
    """What a unit says of a reward; it stays as it is once it is offered."""

    title = one_line(1, 80)
    title_en = fields.String(validate=validate.Length(max=120))
    description = lines(2_000)
    price = _count(0, 100_000_000, "Fu coins; 0 where it is only awarded in kind")
    cost_fen = _count(
        1, MOST_FEN, "what its point gets for one awarded in kind, in fen", allow_none=True
    )
    validity_days = _count(1, 730)
    per_person_limit = _count(1, MOST_COUNT, allow_none=True)
    per_day_limit = _count(1, MOST_COUNT, "one person's orders a day", allow_none=True)
    buyers = fields.Nested(BuyersSchema, allow_none=True)
    on_sale_from = moment_in(allow_none=True)
    on_sale_until = moment_in(allow_none=True)
    sale_hours = fields.List(
        fields.Nested(SaleHoursSchema),
        validate=validate.Length(max=21),
        metadata={"description": "when it can be ordered, within the sale; empty: always"},
    )
    cancel_hours = _count(
        0, 17_520, "an order can be cancelled for so long; null: until its end", allow_none=True
    )
    refund_days = _count(0, 90, "days in which what was handed over can be brought back")
    expiry_rule = fields.Enum(
        ExpiryRule,
        by_value=True,
        metadata={"description": "what becomes of the coins of a voucher never used"},
    )
    can_be_gifted = fields.Boolean(truthy={True}, falsy={False})
    provider_id = one_line(
        1, 40, allow_none=True, metadata={"description": "of a top-up: who delivers it"}
    )
    product = one_line(
        1, 80, allow_none=True, metadata={"description": "of a top-up: the provider's name for it"}
    )


class NewRewardSchema(TermsSchema):
    """A reward to draft."""

    unit_id = fields.String(required=True, validate=ID)
    kind = fields.Enum(RewardKind, by_value=True)
    title = one_line(1, 80, required=True)
    price = _count(0, 100_000_000, "Fu coins; 0 where it is only awarded in kind", required=True)
    validity_days = _count(1, 730, required=True)


class RewardEditSchema(TermsSchema):
    """Any of a draft's terms but its unit and its kind; what is left out stays."""


class OfferSchema(ma.Schema):
    """When the offer's sale begins and ends, where the draft does not say or says otherwise."""

    on_sale_from = moment_in()
    on_sale_until = moment_in()
