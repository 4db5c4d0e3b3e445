"""A point's devices on the wire: their keys, and the queues they bring in after being offline."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import moment_in, moment_out, one_line
from catalog import HandOverOutcome


class NewPointKeySchema(ma.Schema):
    """Which device the key is for."""

    label = one_line(1, 60, required=True)


class PointKeySchema(ma.Schema):
    """A device's key; the secret itself is not kept."""

    id = fields.String()
    point_id = fields.String()
    label = fields.String()
    made_by = fields.String()
    made_at = moment_out()
    last_used_at = moment_out(allow_none=True)
    revoked_at = moment_out(allow_none=True)
    revoked_by = fields.String(allow_none=True)
    revoked_reason = fields.String(allow_none=True)


class MadePointKeySchema(ma.Schema):
    """A fresh key, and its secret, which is shown this once."""

    key = fields.Nested(PointKeySchema)
    secret = fields.String(metadata={"description": "what the device sends as `Point-Key`"})


class PointKeyListSchema(ma.Schema):
    """A point's keys, newest first, revoked ones too."""

    items = fields.List(fields.Nested(PointKeySchema))


class RevocationSchema(ma.Schema):
    """Why a key is worth nothing any more."""

    reason = one_line(1, 200, required=True)


class NewHandOverSchema(ma.Schema):
    """One line of a device's queue."""

    code = fields.String(
        required=True,
        validate=validate.Length(1, 200),
        metadata={"description": "the QR's text, or a bare code with `phone_last4`"},
    )
    phone_last4 = fields.String(load_default="", validate=validate.Regexp(r"^([0-9]{4})?$"))
    handed_over_at = moment_in(required=True)
    key = fields.String(
        required=True,
        validate=validate.Regexp(r"^[\x21-\x7e]{8,100}$"),
        metadata={"description": "the device's own name for the line: resolved once"},
    )


class NewHandOversSchema(ma.Schema):
    """A device's queue, oldest first."""

    items = fields.List(
        fields.Nested(NewHandOverSchema), required=True, validate=validate.Length(1, 200)
    )


class DisputeReasonSchema(ma.Schema):
    """Why a line is disputed: a name for programs, and words in both languages."""

    code = fields.String()
    en = fields.String()
    zh = fields.String(attribute="zh-CN", data_key="zh-CN")


class HandOverSchema(ma.Schema):
    """What became of one line; `reason` is empty where it was accepted."""

    id = fields.String()
    key = fields.String()
    outcome = fields.Enum(HandOverOutcome, by_value=True)
    reason = fields.Nested(DisputeReasonSchema)
    voucher_id = fields.String(allow_none=True)
    title = fields.String()
    title_en = fields.String()
    price = fields.Integer(metadata={"description": "Fu coins"})
    cost_fen = fields.Integer(metadata={"description": "of an award in kind"})
    handed_over_at = moment_out()
    received_at = moment_out()
    statement_id = fields.String(allow_none=True)


class HandOversSchema(ma.Schema):
    """What became of a queue, in its order."""

    items = fields.List(fields.Nested(HandOverSchema))


class HandOverPageSchema(HandOversSchema):
    """Offline hand-overs, newest first."""

    next_cursor = fields.String(allow_none=True)
