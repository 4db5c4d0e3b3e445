"""The request headers that routes read as arguments."""

import marshmallow as ma
from marshmallow import fields, validate


class IdempotencyKeySchema(ma.Schema):
    """The caller's own name for one attempt: repeating with it does nothing twice."""

    key = fields.String(
        required=True,
        data_key="Idempotency-Key",
        validate=validate.Regexp(r"^[\x21-\x7e]{8,100}$"),
        metadata={"description": "8 to 100 visible ASCII characters, say a UUID"},
    )


class IfMatchSchema(ma.Schema):
    """The version that the caller has seen; another one now means somebody was faster."""

    version = fields.Integer(
        required=True,
        data_key="If-Match",
        validate=validate.Range(min=0, max=2**31),
        metadata={"description": "the `version` last read"},
    )
