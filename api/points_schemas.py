"""Redemption points on the wire: where, when open, what they carry; hours and counts as sent."""

from datetime import date
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, PageQuerySchema, moment_out, one_line, said
from api.positions_schemas import datum, in_wgs84, latitude, longitude
from api.rewards_schemas import NearQuerySchema, PointSchema
from catalog import CountNote, PointTerms, StockCountState

_MINUTE = validate.Range(0, 1_440)
_DAYS = validate.Range(date(2000, 1, 1), date(2100, 12, 31))


class PointsQuerySchema(PageQuerySchema):
    """Where the caller is, and which points are wanted."""

    lat = latitude(required=True)
    lon = longitude(required=True)
    datum = datum()
    reward_id = fields.String(
        validate=ID, metadata={"description": "those that have some of this reward left"}
    )
    open_now = fields.Boolean(load_default=False)

    @ma.post_load
    def as_near(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """The position as `near`, (lat, lon) in WGS-84."""
        near = in_wgs84({name: data.pop(name) for name in ("lat", "lon", "datum")})
        return {**data, "near": near}


class PointQuerySchema(NearQuerySchema):
    """Where the caller is, if they say."""


class TimeSpanSchema(ma.Schema):
    """From one minute of the day up to another, in the business time zone; 1,440 is its end."""

    from_minute = fields.Integer(required=True, strict=True, validate=_MINUTE)
    until_minute = fields.Integer(required=True, strict=True, validate=_MINUTE)


class WeekdayHoursSchema(TimeSpanSchema):
    """A span of every such weekday, 1 (Monday) to 7; a day may have several."""

    weekday = fields.Integer(required=True, strict=True, validate=validate.Range(1, 7))


class ExtraDaySchema(ma.Schema):
    """A day with hours of its own, whatever its weekday says."""

    day = fields.Date(required=True, validate=_DAYS)
    spans = fields.List(
        fields.Nested(TimeSpanSchema), required=True, validate=validate.Length(1, 50)
    )


class PointHoursSchema(ma.Schema):
    """What a point says of itself, whole: what is left out is empty."""

    weekly = fields.List(
        fields.Nested(WeekdayHoursSchema), load_default=list, validate=validate.Length(max=50)
    )
    closed_days = fields.List(
        fields.Date(validate=_DAYS), load_default=list, validate=validate.Length(max=400)
    )
    extra_days = fields.List(
        fields.Nested(ExtraDaySchema), load_default=list, validate=validate.Length(max=400)
    )
    paused = fields.Boolean(
        load_default=False, metadata={"description": "nothing can be ordered there for now"}
    )
    paused_reason = one_line(1, 200, load_default="")
    phone_number = fields.String(load_default="", validate=validate.Length(max=30))
    low_at = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(0, 10_000_000),
        metadata={"description": "so few are few; null: a tenth of what was supplied"},
    )

    @ma.post_load
    def as_terms(self, data: dict[str, Any], **_kwargs: Any) -> PointTerms:
        """The hours as the catalogue takes them."""
        weekly = [(one["weekday"], *_span(one)) for one in data.pop("weekly")]
        extra = [
            (one["day"], [_span(span) for span in one["spans"]]) for one in data.pop("extra_days")
        ]
        return PointTerms(weekly=weekly, extra_days=extra, **data)


def _span(said: dict[str, int]) -> tuple[int, int]:
    return said["from_minute"], said["until_minute"]


class StoredWeekdayHoursSchema(ma.Schema):
    """A span of a weekday as it is answered."""

    weekday = fields.Integer()
    from_minute = fields.Integer(attribute="span.from_minute")
    until_minute = fields.Integer(attribute="span.until_minute")


class StoredExtraDaySchema(ma.Schema):
    """A day with hours of its own as it is answered."""

    day = fields.String()
    spans = fields.List(fields.Nested(TimeSpanSchema))


class PointProfileSchema(ma.Schema):
    """A point's hours as its staff said them."""

    weekly = fields.List(fields.Nested(StoredWeekdayHoursSchema))
    closed_days = fields.List(fields.String())
    extra_days = fields.List(fields.Nested(StoredExtraDaySchema))
    paused = fields.Boolean()
    paused_reason = fields.String()
    phone_number = fields.String()
    version = fields.Integer(metadata={"description": "to be sent as If-Match"})


class PointFoundSchema(ma.Schema):
    """A point, whether it is open, when it opens next, how far it is."""

    point = fields.Nested(PointSchema)
    hours = fields.Nested(PointProfileSchema, attribute="profile", allow_none=True)
    is_open = fields.Boolean(
        allow_none=True, metadata={"description": "null where the point never said its hours"}
    )
    opens_at = moment_out(
        allow_none=True, metadata={"description": "the next opening; now where it is open"}
    )
    distance_m = fields.Float(allow_none=True)


class PointPageSchema(ma.Schema):
    """Points, nearest first."""

    items = fields.List(fields.Nested(PointFoundSchema), attribute="points")
    next_cursor = fields.String(allow_none=True)


class CarriedSchema(ma.Schema):
    """A reward on offer at a point, and how many are left."""

    id = fields.String(attribute="reward.id")
    title = fields.String(attribute="reward.title")
    title_en = fields.String(attribute="reward.title_en")
    price = fields.Integer(attribute="reward.price", metadata={"description": "Fu coins"})
    available = fields.Integer()


class PointInFullSchema(ma.Schema):
    """A point with what it carries."""

    found = fields.Nested(PointFoundSchema)
    carries = fields.List(
        fields.Nested(CarriedSchema), metadata={"description": "on offer, the newest 200"}
    )


class NewStockCountSchema(ma.Schema):
    """How many of a reward somebody counted on a point's shelf."""

    reward_id = fields.String(required=True, validate=ID)
    counted = fields.Integer(required=True, strict=True, validate=validate.Range(0, 10_000_000))
    note = fields.Enum(CountNote, by_value=True, load_default=CountNote.UNKNOWN)


class DismissalSchema(ma.Schema):
    """Why a count is dismissed."""

    reason = said(200)


class StockCountSchema(ma.Schema):
    """A count against what should lie there."""

    id = fields.String()
    reward_id = fields.String()
    point_id = fields.String()
    expected = fields.Integer(metadata={"description": "supplied less handed over, at the count"})
    counted = fields.Integer()
    difference = fields.Integer()
    note = fields.Enum(CountNote, by_value=True)
    state = fields.Enum(StockCountState, by_value=True)
    counted_by = fields.String()
    counted_at = moment_out()
    decided_by = fields.String(allow_none=True)
    decided_at = moment_out(allow_none=True)
    reason = fields.String(allow_none=True)


class StockCountPageSchema(ma.Schema):
    """Counts at a point, newest first."""

    items = fields.List(fields.Nested(StockCountSchema), attribute="counts")
    next_cursor = fields.String(allow_none=True)
