"""Vouchers on the wire: an order, a voucher in its owner's hand, a clerk's scan."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID
from api.rewards_schemas import PointSchema
from catalog import VoucherState


class NewOrderSchema(ma.Schema):
    """Where the ordered reward will be handed over."""

    point_id = fields.String(required=True, validate=ID)


class VoucherRewardSchema(ma.Schema):
    """What a voucher is for."""

    id = fields.String()
    title = fields.String()
    title_en = fields.String()


class _SharedSchema(ma.Schema):
    """What owner and clerk both see of a voucher."""

    id = fields.String(attribute="voucher.id")
    state = fields.Enum(VoucherState, by_value=True, attribute="voucher.state")
    price = fields.Integer(attribute="voucher.price", metadata={"description": "Fu coins"})
    reward = fields.Nested(VoucherRewardSchema)
    point = fields.Nested(PointSchema)
    redeemed_at = fields.AwareDateTime(attribute="voucher.redeemed_at", allow_none=True)


class VoucherSchema(_SharedSchema):
    """A voucher as its owner sees it, code and all."""

    code = fields.String(metadata={"description": "six groups of three, to show or read aloud"})
    issued_at = fields.AwareDateTime(attribute="voucher.issued_at")
    expires_at = fields.AwareDateTime(attribute="voucher.expires_at")
    ended_at = fields.AwareDateTime(
        attribute="voucher.ended_at",
        allow_none=True,
        metadata={"description": "when it was cancelled or lapsed"},
    )


class VoucherPageSchema(ma.Schema):
    """The caller's vouchers, newest first."""

    items = fields.List(fields.Nested(VoucherSchema), attribute="vouchers")
    next_cursor = fields.String(allow_none=True)


class NewScanSchema(ma.Schema):
    """A code as scanned or typed, and the redemption point at which it was shown."""

    code = fields.String(required=True, validate=validate.Length(1, 200))
    point_id = fields.String(required=True, validate=ID)


class ScanSchema(_SharedSchema):
    """What the clerk hands over; whose it is, is not said."""
