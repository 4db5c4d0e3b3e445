"""Vouchers over HTTP: the owner's list, the QR to show, cancelling, and the clerk's scan."""

from typing import Any

from flask import Response

from api.blueprint import Blueprint
from api.common_schemas import PageQuerySchema
from api.errors import documents
from api.headers import IdempotencyKeySchema
from api.qr_codes import qr_png, qr_svg
from api.signing_in import SIGNED_IN, caller, may_call
from api.vouchers_schemas import NewScanSchema, ScanSchema, VoucherPageSchema, VoucherSchema
from catalog import (
    VoucherInHand,
    VoucherPage,
    cancel_voucher,
    scan_voucher,
    voucher_in_hand,
    voucher_of,
    vouchers_of,
)
from people import Role

blp = Blueprint("vouchers", __name__, description="The right to a reward · 兑换券")

_PICTURE = {"type": "string", "format": "binary"}


@blp.get("/me/vouchers")
@may_call(SIGNED_IN)
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, VoucherPageSchema)
def list_my_vouchers(query: dict[str, Any]) -> VoucherPage:
    """The caller's vouchers of every state, newest first."""
    return vouchers_of(caller(), **query)


@blp.get("/vouchers/<string:voucher_id>")
@may_call(SIGNED_IN)
@documents(404)
@blp.response(200, VoucherSchema)
def get_voucher(voucher_id: str) -> VoucherInHand:
    """One of the caller's own vouchers."""
    return voucher_of(voucher_id, by=caller())


@blp.get("/vouchers/<string:voucher_id>/qr.svg")
@may_call(SIGNED_IN)
@documents(404)
@blp.response(200, _PICTURE, content_type="image/svg+xml")
def get_qr_svg(voucher_id: str) -> Response:
    """The voucher's code as a QR picture, to its owner."""
    return qr_svg(voucher_of(voucher_id, by=caller()).code)


@blp.get("/vouchers/<string:voucher_id>/qr.png")
@may_call(SIGNED_IN)
@documents(404)
@blp.response(200, _PICTURE, content_type="image/png")
def get_qr_png(voucher_id: str) -> Response:
    """The voucher's code as a QR picture, to its owner."""
    return qr_png(voucher_of(voucher_id, by=caller()).code)


@blp.post("/vouchers/<string:voucher_id>/cancellation")
@may_call(SIGNED_IN)
@documents(404, 409)
@blp.response(201, VoucherSchema)
def post_cancellation(voucher_id: str) -> VoucherInHand:
    """Cancel one's own voucher: its coins go back into the wallet, once."""
    return voucher_in_hand(cancel_voucher(voucher_id, by=caller()))


@blp.post("/voucher-scans")
@may_call(Role.CLERK)
@documents(404, 409)
@blp.arguments(NewScanSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, ScanSchema)
def post_scan(scan: dict[str, Any], header: dict[str, Any]) -> VoucherInHand:
    """Hand over what a voucher is for: once, at its point, in its time."""
    return voucher_in_hand(scan_voucher(**scan, **header, by=caller()))
