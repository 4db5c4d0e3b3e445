"""Vouchers on the wire: in their holder's hand, given away, exchanged, brought back."""

from datetime import date

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, PageQuerySchema, moment_out
from api.rewards_schemas import PointSchema
from catalog import DeliveryState, RefundReason, RewardKind, VoucherState

FATES = ("returns", "forfeits", "gift", "award")


class VouchersQuerySchema(PageQuerySchema):
    """Which of the caller's vouchers to list."""

    state = fields.Enum(VoucherState, by_value=True)


class VoucherRewardSchema(ma.Schema):
    """What a voucher is for."""

    id = fields.String()
    title = fields.String()
    title_en = fields.String()


class SeenVoucherSchema(ma.Schema):
    """What holder and clerk both see of a voucher."""

    id = fields.String(attribute="voucher.id")
    state = fields.Enum(VoucherState, by_value=True, attribute="voucher.state")
    price = fields.Integer(
        attribute="voucher.price", metadata={"description": "Fu coins; 0 of one awarded in kind"}
    )
    reward = fields.Nested(VoucherRewardSchema)
    point = fields.Nested(PointSchema)


class VoucherSchema(SeenVoucherSchema):
    """A voucher as its holder sees it, code and all, or, without its code, who gave it away."""

    kind = fields.Enum(RewardKind, by_value=True, attribute="voucher.kind")
    code = fields.String(
        allow_none=True,
        metadata={
            "description": "six groups of three, to read aloud; null where no clerk scans it, and "
            "to who gave it away"
        },
    )
    issued_at = moment_out(attribute="voucher.issued_at")
    expires_at = moment_out(attribute="voucher.expires_at")
    redeemed_at = moment_out(
        allow_none=True, metadata={"description": "when it was handed over, opened or delivered"}
    )
    ended_at = moment_out(
        attribute="voucher.ended_at",
        allow_none=True,
        metadata={"description": "when it was cancelled, lapsed or was refunded"},
    )
    ended_reason = fields.String(attribute="voucher.ended_reason", allow_none=True)
    cancel_until = moment_out(
        attribute="voucher.cancel_until",
        allow_none=True,
        metadata={"description": "null: up to its end; what it cost goes back to who paid"},
    )
    can_be_cancelled = fields.Boolean(metadata={"description": "by the caller, now"})
    can_be_given = fields.Boolean(metadata={"description": "to a neighbour, by the caller, now"})
    unused = fields.String(
        attribute="fate",
        validate=validate.OneOf(FATES),
        metadata={
            "description": "what becomes of its coins where it is never used: they return to the "
            "holder, are forfeit, return to who gave the gift; an award costs the holder nothing"
        },
    )
    refund_until = moment_out(
        allow_none=True, metadata={"description": "until when the goods may be brought back"}
    )
    is_award = fields.Function(lambda one: one.voucher.is_award(), metadata={"type": "boolean"})
    gifted_at = moment_out(attribute="voucher.gifted_at", allow_none=True)
    is_given_away = fields.Boolean(metadata={"description": "by the caller, to a neighbour"})
    delivery = fields.Enum(
        DeliveryState,
        by_value=True,
        allow_none=True,
        metadata={"description": "of a top-up: where it stands with its provider"},
    )
    substitutes = fields.String(
        attribute="voucher.substitutes",
        allow_none=True,
        metadata={"description": "the voucher that was exchanged for it"},
    )
    substituted_by = fields.String(
        attribute="voucher.substituted_by",
        allow_none=True,
        metadata={"description": "the voucher that it was exchanged for"},
    )


class VoucherPageSchema(ma.Schema):
    """The caller's vouchers, newest first."""

    items = fields.List(fields.Nested(VoucherSchema), attribute="vouchers")
    next_cursor = fields.String(allow_none=True)


class NewGiftSchema(ma.Schema):
    """The neighbour's card."""

    card = fields.String(
        required=True,
        validate=validate.Length(1, 200),
        metadata={"description": "the text of the card's QR, or the code printed below it"},
    )


class GiftSchema(ma.Schema):
    """What the giver keeps of a gift; its code is the neighbour's alone."""

    voucher_id = fields.String()
    title = fields.String()
    title_en = fields.String()
    to_nickname = fields.String()
    gifted_at = moment_out()


class NewSubstitutionSchema(ma.Schema):
    """What the voucher is exchanged for."""

    reward_id = fields.String(required=True, validate=ID)
    point_id = fields.String(required=True, validate=ID)


class NewRefundSchema(ma.Schema):
    """Why something handed over is taken back, and whether it is back on the shelf."""

    reason = fields.Enum(RefundReason, by_value=True, required=True)
    restock = fields.Boolean(
        required=True,
        metadata={"description": "true: the goods can be handed over again"},
    )


class RefundSchema(ma.Schema):
    """A refund as the officer sees it; whose voucher it was, is not said."""

    id = fields.String()
    state = fields.Enum(VoucherState, by_value=True)
    coins = fields.Integer(attribute="price")
    reason = fields.String(attribute="ended_reason")
    restocked = fields.Boolean(attribute="is_restocked")
    refunded_at = moment_out(attribute="ended_at")


class PointHandOversQuerySchema(PageQuerySchema):
    """Of which day, or of which voucher."""

    day = fields.Date(
        validate=validate.Range(date(2000, 1, 1), date(2100, 12, 31)),
        metadata={"description": "of the business time zone; left out: today"},
    )
    code = fields.String(
        validate=validate.Length(1, 64),
        metadata={"description": "a voucher's code, as it is read aloud; `day` is not asked then"},
    )


class PointHandOverSchema(ma.Schema):
    """Something handed over, as an officer sees it; whose voucher it was, is not said."""

    voucher_id = fields.String(attribute="voucher.id")
    reward = fields.Nested(VoucherRewardSchema)
    kind = fields.Enum(RewardKind, by_value=True, attribute="voucher.kind")
    state = fields.Enum(VoucherState, by_value=True, attribute="voucher.state")
    coins = fields.Integer(attribute="voucher.price")
    is_award = fields.Function(lambda one: one.voucher.is_award(), metadata={"type": "boolean"})
    handed_over_at = moment_out(attribute="voucher.redeemed_at")
    is_offline = fields.Boolean(attribute="voucher.is_offline")
    refund_until = moment_out(
        allow_none=True,
        metadata={"description": "null: never, no more, or its statement is settled"},
    )


class PointHandOverPageSchema(ma.Schema):
    """What a point handed over on a day, the latest first."""

    items = fields.List(fields.Nested(PointHandOverSchema), attribute="hand_overs")
    next_cursor = fields.String(allow_none=True)
