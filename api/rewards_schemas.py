"""Rewards and stocks on the wire: what officers send, what everybody reads."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, PageQuerySchema, lines, one_line
from api.positions_schemas import in_wgs84, latitude, longitude
from catalog import RewardKind, RewardState
from shared.datums import DATUMS


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
    """Which rewards to list."""

    unit_id = fields.String(validate=ID)
    point_id = fields.String(validate=ID)


class NewRewardSchema(ma.Schema):
    """A reward to draft; its terms stay as they are once it is offered."""

    unit_id = fields.String(required=True, validate=ID)
    title = one_line(1, 80, required=True)
    title_en = fields.String(load_default="", validate=validate.Length(max=120))
    description = lines(2_000, load_default="")
    kind = fields.Enum(RewardKind, by_value=True, load_default=RewardKind.GOODS)
    price = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(1, 100_000_000),
        metadata={"description": "Fu coins"},
    )
    validity_days = fields.Integer(required=True, strict=True, validate=validate.Range(1, 730))
    per_person_limit = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 1_000)
    )


class SupplySchema(ma.Schema):
    """How many of a reward a point was supplied with in total, ever."""

    supplied = fields.Integer(required=True, strict=True, validate=validate.Range(0, 10_000_000))


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
    distance_m = fields.Float(allow_none=True)


class StockSchema(ma.Schema):
    """A stock as its officers see it."""

    point = fields.Nested(PointSchema)
    supplied = fields.Integer()
    available = fields.Integer()


class RewardSchema(ma.Schema):
    """A reward, and the points that carry it, nearest first where a position was given."""

    id = fields.String(attribute="reward.id")
    unit_id = fields.String(attribute="reward.unit_id")
    title = fields.String(attribute="reward.title")
    title_en = fields.String(attribute="reward.title_en")
    description = fields.String(attribute="reward.description")
    kind = fields.Enum(RewardKind, by_value=True, attribute="reward.kind")
    price = fields.Integer(attribute="reward.price", metadata={"description": "Fu coins"})
    validity_days = fields.Integer(attribute="reward.validity_days")
    per_person_limit = fields.Integer(attribute="reward.per_person_limit", allow_none=True)
    state = fields.Enum(RewardState, by_value=True, attribute="reward.state")
    version = fields.Integer(attribute="reward.version")
    stocks = fields.List(
        fields.Nested(ShelfSchema), metadata={"description": "the nearest 200 points"}
    )


class RewardPageSchema(ma.Schema):
    """Rewards on offer, newest first."""

    items = fields.List(fields.Nested(RewardSchema), attribute="rewards")
    next_cursor = fields.String(allow_none=True)
