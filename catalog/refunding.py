"""Refunding: goods brought back give the coins back, until their point is settled for them."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from catalog.escrow import refund
from catalog.giving_back import VoucherNotFound
from catalog.offering import OFFICERS
from catalog.ordering import move_stock
from catalog.reward import SCANNED
from catalog.scanning.redeeming import settle_redemption
from catalog.settlement.deciding import line_refunded
from catalog.telling import REFUNDED, try_to_tell
from catalog.voucher import Voucher, VoucherState
from people import Actor, Role, unit_of
from shared.clock import in_business_time, now
from shared.database import collection, confirmed, in_transaction
from shared.errors import Conflict, DomainError, NotAllowed, Refused, Unavailable
from shared.i18n import Text


class RefundReason(StrEnum):
    """Why a voucher is refunded; one word for the record, never a sentence about a person."""

    GOODS_FAULTY = "goods_faulty"
    GOODS_RETURNED = "goods_returned"
    HANDED_OVER_IN_ERROR = "handed_over_in_error"


class NotHandedOver(Conflict):
    """Raised when the voucher to refund is not one that was handed over."""

    message = Text(
        "Only what was handed over is refunded; this voucher is {state}.",
        "仅已兑换的兑换券可以退货，该券当前状态为“{state}”。",
    )


class NotRefundable(Refused):
    """Raised when the voucher cost no coins, no clerk handed it over, or no refund is allowed."""

    message = Text("This reward is not taken back.", "该奖品不支持退货。")


class RefundTimeOver(Refused):
    """Raised when the time in which the reward is taken back is over."""

    message = Text("This could be refunded until {until_local}.", "退货期限为 {until_local}。")


class OwnRefund(NotAllowed):
    """Raised when who holds or paid for the voucher, or a clerk of its point, would refund it."""

    message = Text(
        "Neither the point's clerks nor who has the voucher may refund it.",
        "兑换点店员及兑换券持有人不得办理本券退货。",
    )


class AlreadyRefunded(Conflict):
    """Raised when the voucher was refunded before, by another request."""

    message = Text("This voucher was refunded already.", "该兑换券已退货。")


class RefundKeyUsed(Conflict):
    """Raised when the Idempotency-Key was used for another refund."""

    message = Text(
        "This Idempotency-Key was used for another refund.", "该 Idempotency-Key 已用于其他退货。"
    )


def refund_voucher(
    voucher_id: str, *, reason: RefundReason, restock: bool, key: str, by: Actor
) -> Voucher:
    """Refund what was handed over, as an officer of its point: coins back to who paid them.

    Within the reward's days for it, and until the point's statement is settled. `restock` says
    whether the goods are back on the shelf. The same key answers the same. Raises VoucherNotFound,
    NotAllowed, OwnRefund, NotHandedOver, NotRefundable, RefundTimeOver, AlreadyRefunded,
    StatementMoved, InsufficientCoins, RefundKeyUsed.
    """
    wanted = (voucher_id, RefundReason(reason), restock)
    if (earlier := _refunded_before(wanted, key, by)) is not None:
        try_to_tell(voucher_id)
        return earlier
    try:
        _refundable(voucher_id, by)
        # Only coins that came to the point can be taken back from it.
        settle_redemption(voucher_id)
        in_transaction(lambda session: _refund(wanted, key, by, session))
    except (DuplicateKeyError, DomainError):
        confirmed(Voucher).find_one({"_id": voucher_id})
        if _refunded_before(wanted, key, by) is None:
            raise
    try_to_tell(voucher_id)
    return Voucher.objects.get(id=voucher_id)


def _refunded_before(wanted: tuple[str, RefundReason, bool], key: str, by: Actor) -> Voucher | None:
    """The voucher that this very request refunded before. Raises RefundKeyUsed."""
    earlier = Voucher.objects(ended_by=by.person_id, refund_key=key).first()
    if earlier and (earlier.id, earlier.ended_reason, bool(earlier.is_restocked)) != wanted:
        raise RefundKeyUsed
    return earlier


def _refundable(voucher_id: str, by: Actor) -> Voucher:
    """The voucher, where this officer may refund it now: clear refusals before any transaction."""
    found = Voucher.objects(id=voucher_id).first()
    if found is None:
        raise VoucherNotFound
    point = unit_of(found.redeemed_point_id or found.point_id)
    # Vouchers of other points are not told from those that there are not.
    if not by.holds(*OFFICERS, at=point):
        raise VoucherNotFound
    if by.person_id in (found.person_id, found.ordered_by) or by.holds(Role.CLERK, at=point):
        raise OwnRefund
    _refuse(found, now())
    return found


def _refuse(found: Voucher, moment: datetime) -> None:
    """Raises why a voucher is not refunded at this moment, if so."""
    if found.state == VoucherState.REFUNDED:
        raise AlreadyRefunded
    if found.state != VoucherState.REDEEMED:
        raise NotHandedOver(state=found.state.value)
    until = refund_until(found)
    if until is None:
        raise NotRefundable
    if until <= moment:
        raise RefundTimeOver(until_local=in_business_time(until))


def refund_until(handed_over: Voucher) -> datetime | None:
    """Until when a voucher handed over can be refunded; None where it never can."""
    if handed_over.kind not in SCANNED or handed_over.is_award() or not handed_over.refund_days:
        return None
    if handed_over.redeemed_at is None:
        return None
    until: datetime = handed_over.redeemed_at + timedelta(days=handed_over.refund_days)
    return until


def _refund(
    wanted: tuple[str, RefundReason, bool], key: str, by: Actor, session: ClientSession
) -> None:
    """The deciding transaction, on the voucher as it sees it: a statement may just be taking it."""
    voucher_id, reason, restock = wanted
    row = collection(Voucher).find_one({"_id": voucher_id}, session=session)
    found: Voucher = Voucher._from_son(row)
    _refuse(found, now())
    if not found.settled_entry_id:  # its coins are on their way to the point
        raise Unavailable
    change: dict[str, Any] = {
        "state": VoucherState.REFUNDED.value,
        "ended_at": now(),
        "ended_by": by.person_id,
        "ended_reason": reason.value,
        "refund_key": key,
        "is_restocked": restock,
    }
    collection(Voucher).update_one(
        {"_id": voucher_id, "state": VoucherState.REDEEMED.value},
        {"$set": change, "$addToSet": {"untold": REFUNDED}},
        session=session,
    )
    if found.statement_id:
        line_refunded(voucher_id, found.statement_id, session)
    refund(found, session)
    if restock:
        move_stock(found, +1, session)
