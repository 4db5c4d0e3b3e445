"""Vouchers over HTTP: the holder's list, giving away, exchanging, cancelling; refunds."""

from typing import Any

from flask import Response

from api.blueprint import Blueprint
from api.errors import documents
from api.headers import IdempotencyKeySchema
from api.signing_in import SIGNED_IN, caller, may_call
from api.vouchers_schemas import (
    GiftSchema,
    NewGiftSchema,
    NewRefundSchema,
    NewSubstitutionSchema,
    PointHandOverPageSchema,
    PointHandOversQuerySchema,
    RefundSchema,
    VoucherPageSchema,
    VoucherSchema,
    VouchersQuerySchema,
)
from catalog import (
    Gift,
    HandedOverPage,
    Voucher,
    VoucherInHand,
    VoucherPage,
    cancel_voucher,
    gift_voucher,
    handed_over_at,
    refund_voucher,
    substitute_voucher,
    voucher_in_hand,
    voucher_of,
    vouchers_of,
)
from people import Role

blp = Blueprint("vouchers", __name__, description="The right to a reward · 兑换券")


@blp.after_request
def _keep_nowhere(answer: Response) -> Response:
    """A code is money: no cache on the way keeps it."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blp.get("/me/vouchers")
@may_call(SIGNED_IN)
@blp.arguments(VouchersQuerySchema, location="query")
@blp.response(200, VoucherPageSchema)
def list_my_vouchers(query: dict[str, Any]) -> VoucherPage:
    """The caller's vouchers, newest first: those held, and those given away."""
    return vouchers_of(caller(), **query)


@blp.get("/vouchers/<string:voucher_id>")
@may_call(SIGNED_IN)
@documents(404)
@blp.response(200, VoucherSchema)
def get_voucher(voucher_id: str) -> VoucherInHand:
    """A voucher that the caller holds or gave away."""
    return voucher_of(voucher_id, by=caller())


@blp.post("/vouchers/<string:voucher_id>/cancellation")
@may_call(SIGNED_IN)
@documents(404, 409)
@blp.response(201, VoucherSchema)
def post_cancellation(voucher_id: str) -> VoucherInHand:
    """Cancel one's own voucher: what it cost goes back to who paid it, once."""
    by = caller()
    return voucher_in_hand(cancel_voucher(voucher_id, by=by), by=by)


@blp.post("/vouchers/<string:voucher_id>/gift")
@may_call(SIGNED_IN)
@documents(404, 409)
@blp.arguments(NewGiftSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, GiftSchema)
def post_gift(gift: dict[str, Any], header: dict[str, Any], voucher_id: str) -> Gift:
    """Give one's own voucher to the neighbour whose card is shown: their code is a new one."""
    return gift_voucher(voucher_id, gift["card"], **header, by=caller())


@blp.post("/vouchers/<string:voucher_id>/substitution")
@may_call(SIGNED_IN)
@documents(404, 409)
@blp.arguments(NewSubstitutionSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, VoucherSchema)
def post_substitution(
    wanted: dict[str, Any], header: dict[str, Any], voucher_id: str
) -> VoucherInHand:
    """Exchange one's own voucher for another reward or point, the difference in coins moved."""
    by = caller()
    return voucher_in_hand(substitute_voucher(voucher_id, **wanted, **header, by=by), by=by)


@blp.get("/points/<string:point_id>/hand-overs")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404)
@blp.arguments(PointHandOversQuerySchema, location="query")
@blp.response(200, PointHandOverPageSchema)
def list_hand_overs(query: dict[str, Any], point_id: str) -> HandedOverPage:
    """What a point handed over on a day, or by a voucher's code: to find what is brought back."""
    return handed_over_at(point_id, **query, by=caller())


@blp.post("/vouchers/<string:voucher_id>/refund")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409)
@blp.arguments(NewRefundSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, RefundSchema)
def post_refund(refund: dict[str, Any], header: dict[str, Any], voucher_id: str) -> Voucher:
    """Give the coins back for goods that were brought back, until their point is settled."""
    return refund_voucher(voucher_id, **refund, **header, by=caller())
