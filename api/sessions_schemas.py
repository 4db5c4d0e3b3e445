"""Codes, sessions and tokens on the wire."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID


class PhoneSchema(ma.Schema):
    """A phone that a code shall go to."""

    phone = fields.String(
        required=True,
        validate=validate.Length(1, 40),
        metadata={"description": "any spelling; Chinese without a country code"},
    )


class CodeSentSchema(ma.Schema):
    """Where a code went, and until when it is good."""

    phone = fields.String(metadata={"description": "masked"})
    expires_at = fields.AwareDateTime(format="iso")
    demo_code = fields.String(metadata={"description": "the code itself; in the demo only"})


class NewSessionSchema(PhoneSchema):
    """A phone with the code that it received."""

    code = fields.String(required=True, validate=validate.Regexp(r"^[0-9]{6}$"))
    recruited_by = fields.String(
        load_default="",
        validate=ID,
        metadata={"description": "a person's id; counts when the phone is new"},
    )


class NewStaffSessionSchema(ma.Schema):
    """A login with its password."""

    login = fields.String(required=True, validate=validate.Length(1, 64))
    password = fields.String(required=True, load_only=True, validate=validate.Length(1, 200))


class RefreshSchema(ma.Schema):
    """A refresh token, to be replaced by a new pair."""

    refresh_token = fields.String(required=True, load_only=True, validate=validate.Length(1, 4_000))


class TokensSchema(ma.Schema):
    """A pair of tokens: the access token goes into Authorization, the other gets the next pair."""

    access_token = fields.String()
    refresh_token = fields.String(
        metadata={"description": "good once; a repeat within 30 seconds is forgiven"}
    )
    token_type = fields.String()
    expires_in_s = fields.Integer(metadata={"description": "life of the access token"})
    person_id = fields.String()
    is_new_person = fields.Boolean(metadata={"description": "this phone signed in the first time"})
