"""Rewards and stocks on the wire: what everybody reads, what officers say of a shelf."""

from typing import Any

import marshmallow as ma
from flask import has_request_context
from marshmallow import fields, validate

from api.common_schemas import ID, PageQuerySchema, moment_out
from api.error_words import spoken
from api.errors import language
from api.positions_schemas import in_wgs84, latitude, longitude
from api.reward_terms_schemas import BuyersSchema, SaleHoursSchema
from catalog import ExpiryRule, RewardKind, RewardState
from shared.datums import DATUMS
from shared.errors import DomainError
from shared.i18n import DEFAULT_LANGUAGE

MOST_SUPPLIED = 10_000_000


class NearQuerySchema(ma.Schema):
    """A position in a named datum; without one there are no distances."""

    lat = latitude()
    lon = longitude()
    datum = fields.String(validate=validate.OneOf(DATUMS))

    @ma.validates_schema
    def all_or_none(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """A half position is a slip, and a datum is never guessed."""
        missing = {"lat", "lon", "datum"} - data.keys()
        if len(missing) not in (0, 3):
            raise ma.ValidationError(
                {name: ["Missing data for required field."] for name in missing}
            )

    @ma.post_load
    def as_near(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """The position as `near`, (lat, lon) in WGS-84."""
        if "datum" in data:
            data["near"] = in_wgs84({name: data.pop(name) for name in ("lat", "lon", "datum")})
        return data


class RewardsQuerySchema(PageQuerySchema, NearQuerySchema):
    """Which rewards to list; `state` is for the officers of `unit_id`, drafts among them."""

    unit_id = fields.String(validate=ID)
    point_id = fields.String(validate=ID)
    kind = fields.Enum(RewardKind, by_value=True)
    affordable = fields.Boolean(
        load_default=False, metadata={"description": "only what the caller's coins pay for now"}
    )
    state = fields.Enum(RewardState, by_value=True)

    @ma.validates_schema
    def state_of_a_unit(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """A state is asked of one unit's own rewards; what residents ask does not go with it."""
        if "state" not in data:
            return
        if "unit_id" not in data:
            raise ma.ValidationError({"unit_id": ["Missing data for required field."]})
        for name in ("point_id", "datum"):
            if name in data:
                raise ma.ValidationError({name: ["Unknown field."]})
        if data["affordable"]:
            raise ma.ValidationError({"affordable": ["Unknown field."]})


class NewOrderSchema(ma.Schema):
    """Where the ordered reward will be handed over, and which phone a top-up is for."""

    point_id = fields.String(
        validate=ID, metadata={"description": "may be left out where one point carries it"}
    )
    recipient_phone = fields.String(
        validate=validate.Length(1, 30),
        metadata={"description": "of a top-up; left out: the caller's own"},
    )


class SupplySchema(ma.Schema):
    """How many of a reward a point was supplied with in total, ever."""

    supplied = fields.Integer(required=True, strict=True, validate=validate.Range(0, MOST_SUPPLIED))
    low_at = fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(0, MOST_SUPPLIED),
        metadata={"description": "its people are told when so few are left; null: as at its point"},
    )


class PointSchema(ma.Schema):
    """A redemption point: where it is and when it is open."""

    id = fields.String()
    name = fields.String()
    name_en = fields.String()
    address = fields.String()
    opening_hours = fields.String()
    location = fields.Dict(allow_none=True, metadata={"description": "GeoJSON Point, WGS-84"})


class ShelfSchema(ma.Schema):
    """What is left of a reward at one point."""

    point = fields.Nested(PointSchema)
    available = fields.Integer()
    paused = fields.Boolean(
        attribute="stock.paused", metadata={"description": "takes no orders for now"}
    )
    distance_m = fields.Float(allow_none=True)


class StockSchema(ma.Schema):
    """A stock as its officers see it."""

    point = fields.Nested(PointSchema)
    supplied = fields.Integer()
    available = fields.Integer()
    low_at = fields.Integer(attribute="stock.low_at", allow_none=True)
    paused = fields.Boolean(attribute="stock.paused")
    counted_at = moment_out(attribute="stock.counted_at", allow_none=True)


def _in_words(refusal: DomainError) -> str:
    tongue = language() if has_request_context() else DEFAULT_LANGUAGE
    return refusal.message.say(tongue, **spoken(refusal.facts, tongue))


class WhyNotSchema(ma.Schema):
    """What an order would be refused with now."""

    code = fields.Function(
        lambda refusal: type(refusal).__name__,
        metadata={"type": "string", "description": "the refusal's name, for programs"},
    )
    detail = fields.Function(
        _in_words, metadata={"type": "string", "description": "in the caller's language"}
    )


class RewardSchema(ma.Schema):
    """A reward, and the points that carry it, nearest first where a position was given."""

    id = fields.String(attribute="reward.id")
    unit_id = fields.String(attribute="reward.unit_id")
    title = fields.String(attribute="reward.title")
    title_en = fields.String(attribute="reward.title_en")
    description = fields.String(attribute="reward.description")
    kind = fields.Enum(RewardKind, by_value=True, attribute="reward.kind")
    price = fields.Integer(attribute="reward.price", metadata={"description": "Fu coins"})
    cost_fen = fields.Integer(attribute="reward.cost_fen", allow_none=True)
    validity_days = fields.Integer(attribute="reward.validity_days")
    per_person_limit = fields.Integer(attribute="reward.per_person_limit", allow_none=True)
    per_day_limit = fields.Integer(attribute="reward.per_day_limit", allow_none=True)
    buyers = fields.Nested(BuyersSchema, attribute="reward.buyers", allow_none=True)
    on_sale_from = moment_out(attribute="reward.on_sale_from", allow_none=True)
    on_sale_until = moment_out(attribute="reward.on_sale_until", allow_none=True)
    sale_hours = fields.List(fields.Nested(SaleHoursSchema), attribute="reward.sale_hours")
    cancel_hours = fields.Integer(attribute="reward.cancel_hours", allow_none=True)
    refund_days = fields.Integer(attribute="reward.refund_days")
    expiry_rule = fields.Enum(ExpiryRule, by_value=True, attribute="reward.expiry_rule")
    can_be_gifted = fields.Boolean(attribute="reward.can_be_gifted")
    provider_id = fields.String(attribute="reward.provider_id", allow_none=True)
    product = fields.String(attribute="reward.product", allow_none=True)
    picture_ids = fields.List(
        fields.String(),
        attribute="reward.picture_ids",
        metadata={"description": "each at /rewards/{id}/pictures/{picture_id}"},
    )
    state = fields.Enum(RewardState, by_value=True, attribute="reward.state")
    version = fields.Integer(attribute="reward.version")
    available = fields.Integer(metadata={"description": "left at all these points together"})
    opens_at = moment_out(
        allow_none=True, metadata={"description": "when it is on sale next; null: now, or never"}
    )
    may_order = fields.Boolean(
        allow_none=True, metadata={"description": "whether the caller may, now"}
    )
    why_not = fields.Nested(WhyNotSchema, attribute="refusal", allow_none=True)
    stocks = fields.List(
        fields.Nested(ShelfSchema), metadata={"description": "the nearest 200 points"}
    )


class RewardPageSchema(ma.Schema):
    """Rewards on offer, newest first."""

    items = fields.List(fields.Nested(RewardSchema), attribute="rewards")
    next_cursor = fields.String(allow_none=True)


class RecallSchema(ma.Schema):
    """How many vouchers were given back now; where it is 100, the rest follow within minutes."""

    given_back = fields.Integer()
