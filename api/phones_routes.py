"""Phone apps over HTTP: their credentials and set-up, what was quarantined, and GPX files."""

from typing import Any

import segno
from flask import abort, request

from api.blueprint import Blueprint
from api.errors import documents
from api.participations_schemas import ReceiptSchema
from api.phones_schemas import (
    CredentialsSchema,
    DevicesSchema,
    GpxQuerySchema,
    NewDeviceSchema,
    QuarantinedFixesSchema,
)
from api.qr_codes import QUIET_ZONE_MODULES
from api.signing_in import SIGNED_IN, caller, may_call
from tasks import (
    Credentials,
    PhoneApp,
    Receipt,
    devices_of,
    quarantined_of,
    register_device,
    renew_secret,
    revoke_device,
    set_up,
    upload_gpx,
)

blp = Blueprint("phones", __name__, description="Phone apps that send positions · 定位设备")

GPX_TYPES = ("application/gpx+xml", "application/xml", "text/xml")


def _told(made: Credentials) -> dict[str, Any]:
    """The credentials with everything the app needs, its address as the caller reached us."""
    device = made.device
    app, api = PhoneApp(device.app), f"{request.host_url}api/v1"
    needed = set_up(app, device.id, device.name, made.secret, api=api)
    return {
        "device": device,
        "secret": made.secret,
        "set_up": vars(needed) | {"qr_svg": _qr_svg(needed.link) if needed.link else ""},
    }


def _qr_svg(text: str) -> str:
    code = segno.make(text, error="l", micro=False)
    drawn: str = code.svg_inline(scale=4, border=QUIET_ZONE_MODULES, light="white")
    return drawn


@blp.get("/me/devices")
@may_call(SIGNED_IN)
@blp.response(200, DevicesSchema)
def list_my_devices() -> dict[str, Any]:
    """The caller's phone apps."""
    return {"items": devices_of(caller().person_id)}


@blp.post("/me/devices")
@may_call(SIGNED_IN)
@blp.arguments(NewDeviceSchema)
@blp.response(201, CredentialsSchema, headers={"Cache-Control": {"schema": {"type": "string"}}})
@documents(409)
def post_device(wanted: dict[str, str]) -> Any:
    """Register a phone app; its secret and set-up are told this once."""
    app = PhoneApp(wanted["app"])
    made = register_device(wanted["name"], app, wanted["datum"], by=caller())
    return _told(made), 201, {"Cache-Control": "no-store"}


@blp.post("/me/devices/<device_id>/secret")
@may_call(SIGNED_IN)
@blp.response(201, CredentialsSchema, headers={"Cache-Control": {"schema": {"type": "string"}}})
@documents(404)
def post_device_secret(device_id: str) -> Any:
    """Give a phone app a new secret and tell its set-up again; the old secret ends."""
    made = renew_secret(device_id, by=caller())
    return _told(made), 201, {"Cache-Control": "no-store"}


@blp.delete("/me/devices/<device_id>")
@may_call(SIGNED_IN)
@blp.response(204)
@documents(404)
def delete_device(device_id: str) -> None:
    """Revoke a phone app; what it sent in time still counts."""
    revoke_device(device_id, by=caller())


@blp.get("/me/devices/<device_id>/quarantined-fixes")
@may_call(SIGNED_IN)
@blp.response(200, QuarantinedFixesSchema)
@documents(404)
def list_quarantined_fixes(device_id: str) -> dict[str, Any]:
    """What a phone app sent in the last week that was of no use, and why."""
    return {"items": quarantined_of(device_id, by=caller())}


@blp.post("/participations/<participation_id>/gpx")
@may_call(SIGNED_IN)
@blp.doc(
    requestBody={
        "required": True,
        "content": {"application/gpx+xml": {"schema": {"type": "string", "format": "binary"}}},
    }
)
@blp.arguments(GpxQuerySchema, location="query")
@blp.response(201, ReceiptSchema)
@documents(404, 409, 413, 415)
def post_gpx(query: dict[str, str], participation_id: str) -> Receipt:
    """Send a recorded GPX file as the body; a segment's break is a gap."""
    if request.mimetype not in GPX_TYPES:
        abort(415)
    raw = request.get_data(cache=False)
    return upload_gpx(participation_id, query["upload_key"], query["datum"], raw, by=caller())
