"""What comes in and goes out around leases, waiting lists, teams and companions."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import moment_out, one_line
from api.positions_schemas import PositionSchema


class ExtensionSchema(ma.Schema):
    """Which extension of the claim this is, so that a repeat extends nothing twice."""

    number = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1, max=2),
        metadata={"description": "1 for the first quarter of an hour more, 2 for the second"},
    )


class IncidentSchema(ma.Schema):
    """What happened."""

    words = one_line(1, 500, required=True)


class TeamCodeSchema(ma.Schema):
    """What the leader's phone shows for others to scan."""

    code = fields.String()
    next_at = moment_out(metadata={"description": "ask again by then: the code changes"})


class TeamMemberSchema(ma.Schema):
    """The code from the leader's phone, and where the one who scans it stands."""

    code = fields.String(required=True, validate=validate.Length(1, 200))
    position = fields.Nested(PositionSchema, required=True)


class CompanionSchema(ma.Schema):
    """The card of a member without a smartphone, and where the captain stands who reads it."""

    card = fields.String(
        required=True,
        validate=validate.Length(1, 200),
        metadata={"description": "the text of the card's QR, or the code printed below it"},
    )
    position = fields.Nested(PositionSchema, required=True)


class CardSchema(ma.Schema):
    """A person's printed card."""

    person_id = fields.String()
    version = fields.Integer(metadata={"description": "how often a card was issued"})
    text = fields.String(metadata={"description": "what the QR says"})
    code = fields.String(metadata={"description": "what is read out where no camera works"})


class CardSeenSchema(ma.Schema):
    """Which issue of the card is to be void."""

    version = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=1, max=2**31),
        metadata={"description": "the `version` of the lost card; a repeat issues no second one"},
    )
