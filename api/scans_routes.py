"""Scans over HTTP: the live QR to its holder; a look and a hand-over to the point's clerk."""

from typing import Any

from flask import Response

from api.blueprint import Blueprint
from api.errors import documents
from api.qr_codes import qr_png, qr_svg
from api.scans_schemas import (
    LiveQrSchema,
    LookSchema,
    NewLookSchema,
    NewScanSchema,
    PointKeyHeaderSchema,
    QrQuerySchema,
    ScanHeadersSchema,
    ScanSchema,
    VoucherKeysSchema,
)
from api.signing_in import ANYONE, SIGNED_IN, caller, may_call
from catalog import (
    HandedOver,
    LiveQr,
    VoucherKeys,
    VoucherLookedAt,
    confirm_look,
    handed_over,
    live_qr,
    look_at_voucher,
    scan_voucher,
    voucher_keys,
)
from people import Role

blp = Blueprint("scans", __name__, description="At the counter · 扫码兑换")

_PICTURE = {"type": "string", "format": "binary"}


@blp.get("/vouchers/<string:voucher_id>/qr")
@may_call(SIGNED_IN)
@documents(404, 409)
@blp.arguments(QrQuerySchema, location="query")
@blp.response(200, LiveQrSchema, headers={"Cache-Control": {"schema": {"type": "string"}}})
def get_qr(query: dict[str, Any], voucher_id: str) -> tuple[LiveQr, int, dict[str, str]]:
    """What the voucher's QR says now, to its holder, and in the next minutes, for want of network.

    It changes every 30 seconds; an old one is refused at the counter.
    """
    return live_qr(voucher_id, **query, by=caller()), 200, {"Cache-Control": "no-store"}


@blp.get("/vouchers/<string:voucher_id>/qr.svg")
@may_call(SIGNED_IN)
@documents(404, 409)
@blp.response(200, _PICTURE, content_type="image/svg+xml")
def get_qr_svg(voucher_id: str) -> Response:
    """The voucher's QR of this moment as a picture, to its holder."""
    return qr_svg(live_qr(voucher_id, by=caller()).text)


@blp.get("/vouchers/<string:voucher_id>/qr.png")
@may_call(SIGNED_IN)
@documents(404, 409)
@blp.response(200, _PICTURE, content_type="image/png")
def get_qr_png(voucher_id: str) -> Response:
    """The voucher's QR of this moment as a picture, to its holder."""
    return qr_png(live_qr(voucher_id, by=caller()).text)


@blp.get("/voucher-keys")
@may_call(ANYONE)
@blp.response(200, VoucherKeysSchema)
def get_voucher_keys() -> VoucherKeys:
    """The public keys by which a point without network checks a QR, with the town and the times."""
    return voucher_keys()


@blp.post("/voucher-looks")
@may_call(Role.CLERK)
@documents(404, 409, 429)
@blp.arguments(NewLookSchema)
@blp.arguments(PointKeyHeaderSchema, location="headers")
@blp.response(201, LookSchema)
def post_look(shown: dict[str, Any], header: dict[str, Any]) -> VoucherLookedAt:
    """See what a voucher is for before it is handed over: good for two minutes, for this clerk."""
    return look_at_voucher(**shown, **header, by=caller())


@blp.post("/voucher-scans")
@may_call(Role.CLERK)
@documents(404, 409, 429)
@blp.arguments(NewScanSchema)
@blp.arguments(ScanHeadersSchema, location="headers")
@blp.response(201, ScanSchema)
def post_scan(scan: dict[str, Any], header: dict[str, Any]) -> HandedOver:
    """Hand over what a voucher is for: once, at its point, in its time."""
    look_id, at = scan.pop("look_id"), {"point_id": scan["point_id"], "by": caller()}
    if look_id:
        return handed_over(confirm_look(look_id, **header, **at))
    return handed_over(scan_voucher(**scan, **header, by=caller()))
