"""What comes in and goes out around photos."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import moment_in, moment_out, one_line
from api.positions_schemas import latitude, longitude
from shared.datums import DATUMS
from shared.photos import FORMATS

UPLOAD_KEY = validate.Regexp(r"^[\x21-\x7e]{1,100}$")

# The file alone is the body, so that no form has to be taken apart; the words stand in the query.
PHOTO_BODY = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in FORMATS},
    }
}


class PhotoQuerySchema(ma.Schema):
    """What is said with a photo."""

    upload_key = fields.String(
        required=True,
        validate=UPLOAD_KEY,
        metadata={"description": "the phone's own name for this upload; repeat with the same"},
    )
    taken_at = moment_in(load_default=None)
    lat = latitude()
    lon = longitude()
    datum = fields.String(validate=validate.OneOf(DATUMS))
    about = one_line(
        1,
        80,
        load_default=None,
        metadata={"description": 'what it shows: a place of a hand-out, or "incident"'},
    )

    @ma.validates_schema
    def refuse_half_positions(self, query: dict[str, Any], **_: Any) -> None:
        """A position is lat, lon and datum, or nothing."""
        missing = {"lat", "lon", "datum"} - query.keys()
        if missing and len(missing) < 3:
            sentence = fields.Field.default_error_messages["required"]
            raise ma.ValidationError({name: [sentence] for name in sorted(missing)})


class PhotoSchema(ma.Schema):
    """One photo as it was kept; the picture itself is at /photos/{id}."""

    id = fields.String()
    participation_id = fields.String()
    upload_key = fields.String()
    about = fields.String(allow_none=True)
    sha256 = fields.String(metadata={"description": "of the bytes as they were received"})
    width = fields.Integer()
    height = fields.Integer()
    camera_at = moment_out(allow_none=True, metadata={"description": "what the camera noted"})
    said_at = moment_out(allow_none=True, metadata={"description": "what the app said"})
    stored_at = moment_out()


class PhotoListSchema(ma.Schema):
    """A participation's photos, oldest first; there are sixty at most."""

    items = fields.List(fields.Nested(PhotoSchema))
