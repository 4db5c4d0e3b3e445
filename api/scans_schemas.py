"""Scans on the wire: the QR a holder shows, what a clerk looks at and hands over, public keys."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, moment_out
from api.headers import IdempotencyKeySchema
from api.rewards_schemas import PointSchema
from catalog import MOST_AHEAD, RewardKind, VoucherState


class PointKeyHeaderSchema(ma.Schema):
    """The device's key, where the redemption point has any."""

    point_key = fields.String(
        load_default="",
        data_key="Point-Key",
        validate=validate.Length(max=100),
        metadata={"description": "`id.secret`, as shown when the key was made"},
    )


class ScanHeadersSchema(IdempotencyKeySchema, PointKeyHeaderSchema):
    """The caller's name for one attempt, and the device's key."""


class QrQuerySchema(ma.Schema):
    """How many steps to come are wanted too."""

    ahead = fields.Integer(load_default=0, validate=validate.Range(0, MOST_AHEAD))


class ShownStepSchema(ma.Schema):
    """One QR text and its time."""

    text = fields.String(metadata={"description": "what the QR says: FX1 and base32 letters"})
    shown_from = moment_out()
    shown_until = moment_out(metadata={"description": "then the next one is to be shown"})
    accepted_until = moment_out(metadata={"description": "afterwards it is out of date"})


class LiveQrSchema(ShownStepSchema):
    """The QR to show now, and those to go on with while there is no network."""

    ahead = fields.List(fields.Nested(ShownStepSchema))


class VoucherKeySchema(ma.Schema):
    """A public key of Ed25519."""

    id = fields.String(metadata={"description": "8 hex digits, as QR texts name it"})
    public_key = fields.String(metadata={"description": "32 bytes in hex"})


class VoucherKeysSchema(ma.Schema):
    """What a point without network needs to check a QR."""

    town = fields.String(metadata={"description": "16 hex digits, as QR texts name it"})
    keys = fields.List(fields.Nested(VoucherKeySchema))
    step_s = fields.Integer()
    steps_either_side = fields.Integer()


class NewLookSchema(ma.Schema):
    """A QR's text, or a code with its second check, and the redemption point it was shown at."""

    code = fields.String(required=True, validate=validate.Length(1, 200))
    phone_last4 = fields.String(
        load_default="",
        validate=validate.Regexp(r"^([0-9]{4})?$"),
        metadata={"description": "of the holder; needed with a bare code"},
    )
    point_id = fields.String(required=True, validate=ID)


class NewScanSchema(NewLookSchema):
    """What was looked at, by its `look_id`, or a QR or code at once; and where."""

    code = fields.String(load_default="", validate=validate.Length(1, 200))
    look_id = fields.String(load_default="", validate=ID)

    @ma.validates_schema
    def _is_one(self, data: dict[str, Any], **_: Any) -> None:
        if bool(data.get("code")) == bool(data.get("look_id")):
            raise ma.ValidationError("Give either code or look_id.", "code")


class ScannedRewardSchema(ma.Schema):
    """What is handed over."""

    id = fields.String()
    title = fields.String()
    title_en = fields.String()
    kind = fields.Enum(RewardKind, by_value=True)
    picture_ids = fields.List(fields.String())


class ScanSchema(ma.Schema):
    """What the clerk hands over; whose it is, is not said."""

    id = fields.String(attribute="voucher.id")
    state = fields.Enum(VoucherState, by_value=True, attribute="voucher.state")
    price = fields.Integer(attribute="voucher.price", metadata={"description": "Fu coins"})
    reward = fields.Nested(ScannedRewardSchema)
    point = fields.Nested(PointSchema)
    redeemed_at = fields.AwareDateTime(attribute="voucher.redeemed_at", allow_none=True)


class LookSchema(ScanSchema):
    """What will be handed over when the look is confirmed."""

    look_id = fields.String()
    good_until = moment_out()
    nickname = fields.String(metadata={"description": "the holder's, all but its first letter hid"})
    expires_at = moment_out(attribute="voucher.expires_at")
