"""What comes in and goes out around phone apps: credentials, set-up, quarantine, GPX, wire."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import moment_out, one_line
from api.errors import language
from api.positions_schemas import datum
from tasks import UNUSABLE, PhoneApp

APPS = [app.value for app in PhoneApp]


class NewDeviceSchema(ma.Schema):
    """A phone app to send positions from."""

    name = one_line(1, 40, required=True)
    app = fields.String(required=True, validate=validate.OneOf(APPS))
    datum = fields.String(
        load_default="wgs84",
        validate=validate.OneOf(("wgs84", "gcj02", "bd09")),
        metadata={"description": "what its degrees are in; the apps named here send wgs84"},
    )


class DeviceSchema(ma.Schema):
    """One phone app of the caller's."""

    id = fields.String()
    name = fields.String()
    app = fields.String(metadata={"enum": APPS})
    datum = fields.String()
    created_at = moment_out()
    seen_at = moment_out(
        allow_none=True, metadata={"description": "when it last sent something, to the minute"}
    )
    quarantined = fields.Integer(
        metadata={"description": "how many of its messages were of no use so far"}
    )


class DevicesSchema(ma.Schema):
    """All phone apps of the caller's."""

    items = fields.List(fields.Nested(DeviceSchema))


class SetUpSchema(ma.Schema):
    """How the app is set up: an address, a file to open in it, a link to tap or scan."""

    address = fields.String(metadata={"description": "where the app sends to"})
    username = fields.String(metadata={"description": "for HTTP Basic; the password is `secret`"})
    interval_s = fields.Integer()
    file_name = fields.String()
    file_type = fields.String()
    file_text = fields.String(
        metadata={"description": "the settings as a file to open in the app, or empty"}
    )
    link = fields.String(metadata={"description": "the settings as a link, or empty"})
    qr_svg = fields.String(metadata={"description": "the link as a QR code, an SVG, or empty"})


class CredentialsSchema(ma.Schema):
    """A phone app with its secret, which is told this once, and how to set it up."""

    device = fields.Nested(DeviceSchema)
    secret = fields.String()
    set_up = fields.Nested(SetUpSchema)


class QuarantinedFixSchema(ma.Schema):
    """A message that could not become a point, and why."""

    why = fields.String(metadata={"enum": sorted(UNUSABLE)})
    reason = fields.Function(
        lambda fix: UNUSABLE[fix.why].say(language()), metadata={"type": "string"}
    )
    about = fields.String(metadata={"description": "the value that was wrong"})
    received_at = moment_out()


class QuarantinedFixesSchema(ma.Schema):
    """What a device sent of late that was of no use, newest first."""

    items = fields.List(fields.Nested(QuarantinedFixSchema))


class GpxQuerySchema(ma.Schema):
    """What a GPX file cannot say itself."""

    upload_key = fields.String(
        required=True,
        validate=validate.Regexp(r"^[\x21-\x7e]{1,80}$"),
        metadata={"description": "the phone's own name for this upload; repeat with the same"},
    )
    datum = datum()


class WireAnswerSchema(ma.Schema):
    """What became of an app's fixes; it need not read this."""

    kept = fields.Integer(metadata={"description": "new fixes of a walk that is going on"})
    known = fields.Integer(metadata={"description": "fixes that had come before"})
    outside = fields.Integer(metadata={"description": "fixes outside any walk: not kept"})
    quarantined = fields.Integer(metadata={"description": "messages that were of no use"})


class OwnTracksMessageSchema(ma.Schema):
    """A message of OwnTracks, by its `_type`."""

    class Meta:
        unknown = ma.INCLUDE

    type = fields.String(data_key="_type", attribute="_type")
    action = fields.String()
    waypoints = fields.Dict()
