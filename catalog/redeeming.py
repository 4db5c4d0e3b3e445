"""Redeeming: a clerk's scan hands a voucher over once; its coins follow to the point's account."""

from datetime import datetime

import structlog
from mongoengine.errors import NotUniqueError
from pymongo.errors import PyMongoError

from catalog.code_keys import hashes_of
from catalog.codes import parse
from catalog.offering import redemption_point_of
from catalog.voucher import Voucher, VoucherState
from ledger import (
    DatedInFuture,
    EntryConflict,
    EntryKind,
    Leg,
    MonthClosed,
    NewEntry,
    merchant,
    post_one,
    voucher,
)
from people import Actor, Role, unit_of
from shared.clock import in_business_time, now
from shared.database import collection
from shared.errors import Conflict, DomainError, NotFound, Refused
from shared.i18n import Text

log = structlog.get_logger()


class UnknownCode(NotFound):
    """Raised when a code is well-formed and belongs to no voucher."""

    message = Text("No voucher has this code.", "没有使用此兑换码的兑换券。")


class WrongPoint(Refused):
    """Raised when the voucher is for another redemption point, which the refusal names."""

    message = Text(
        "This voucher is for {point_name_en}, {address}.",
        "该兑换券须在{point_name}（{address}）兑换。",
    )


class ExpiredAtPoint(Refused):
    """Raised when the voucher shown is past its time."""

    message = Text(
        "This voucher expired at {expired_local}.", "该兑换券已于 {expired_local} 过期。"
    )


class CancelledAtPoint(Refused):
    """Raised when the voucher shown was cancelled by its owner."""

    message = Text("This voucher was cancelled.", "该兑换券已被取消。")


class AlreadyHandedOver(Conflict):
    """Raised when the voucher was redeemed before; tells when and where the first time was."""

    message = Text(
        "Already handed over at {redeemed_local}, {point_name_en}.",
        "该兑换券已于 {redeemed_local} 在{point_name}兑换。",
    )


class ScanKeyUsed(Conflict):
    """Raised when the Idempotency-Key was used for the scan of another voucher."""

    message = Text(
        "This Idempotency-Key was used for another scan.", "该 Idempotency-Key 已用于其他扫码。"
    )


def scan_voucher(code: str, *, point_id: str, key: str, by: Actor) -> Voucher:
    """Hand over what a voucher is for, at the clerk's redemption point, exactly once.

    The clerk's repeat with the same key answers the first result. Raises NotAllowed, UnitNotFound,
    NotARedemptionPoint, CodeMistyped, UnknownCode, WrongPoint, ExpiredAtPoint, CancelledAtPoint,
    AlreadyHandedOver, ScanKeyUsed.
    """
    by.must_hold(Role.CLERK, at=redemption_point_of(point_id))
    shown = Voucher.objects(code_hash__in=hashes_of(parse(code))).first()
    if shown is None:
        raise UnknownCode
    redeemed = _redeem(shown.id, point_id, key, by) or _answered_before(shown.id, point_id, key, by)
    _try_to_settle(redeemed)
    return redeemed


def _redeem(voucher_id: str, point_id: str, key: str, by: Actor) -> Voucher | None:
    """The deciding write: the voucher as handed over, or None where the guard did not hold."""
    redeemed_at = now()
    try:
        return Voucher.objects(
            id=voucher_id,
            state=VoucherState.ISSUED,
            point_id=point_id,
            expires_at__gt=redeemed_at,
        ).modify(
            set__state=VoucherState.REDEEMED,
            set__redeemed_at=redeemed_at,
            set__redeemed_by=by.person_id,
            set__redeemed_point_id=point_id,
            set__scan_key=key,
            new=True,
        )
    except NotUniqueError:
        raise ScanKeyUsed from None


def _answered_before(voucher_id: str, point_id: str, key: str, by: Actor) -> Voucher:
    """The voucher where this very scan went through before; else raises why it may not."""
    found = Voucher.objects.get(id=voucher_id)
    if found.state == VoucherState.REDEEMED:
        first = (found.redeemed_by, found.scan_key, found.redeemed_point_id)
        if first == (by.person_id, key, point_id):
            return found
        raise _handed_over(found)
    if found.state == VoucherState.CANCELLED:
        raise CancelledAtPoint
    if found.state == VoucherState.EXPIRED or found.is_expired_at(now()):
        raise ExpiredAtPoint(expired_local=in_business_time(found.expires_at))
    right = unit_of(found.point_id)
    raise WrongPoint(
        point_id=right.id,
        point_name=right.name,
        point_name_en=right.name_en or right.name,
        address=right.address,
    )


def _handed_over(found: Voucher) -> AlreadyHandedOver:
    point = unit_of(found.redeemed_point_id)
    return AlreadyHandedOver(
        redeemed_at=found.redeemed_at,
        redeemed_local=in_business_time(found.redeemed_at),
        point_id=point.id,
        point_name=point.name,
        point_name_en=point.name_en or point.name,
    )


def _try_to_settle(redeemed: Voucher) -> None:
    """The tail at once where possible: the hand-over stands, so a failure waits for the sweep."""
    try:
        _settle(redeemed)
    except (DomainError, PyMongoError) as error:
        log.warning("redemption_not_settled", voucher=redeemed.id, error=type(error).__name__)


def settle_redemption(voucher_id: str) -> bool:
    """Post a handed-over voucher's coins to its point's account; safe to repeat and to race.

    False where there is nothing to post.
    """
    redeemed = Voucher.objects(id=voucher_id, state=VoucherState.REDEEMED).first()
    return redeemed is not None and _settle(redeemed)


def _settle(redeemed: Voucher) -> bool:
    if redeemed.settled_entry_id:
        return False
    try:
        entry_id = post_one(_redemption(redeemed, redeemed.redeemed_at))
    except (MonthClosed, DatedInFuture, EntryConflict):
        # Its month was closed before the coins could follow, or a demo's clock ran ahead: they
        # count from now. A conflict says that this was so before.
        entry_id = post_one(_redemption(redeemed, None))
    collection(Voucher).update_one({"_id": redeemed.id}, {"$set": {"settled_entry_id": entry_id}})
    return True


def _redemption(redeemed: Voucher, effective_at: datetime | None) -> NewEntry:
    return NewEntry(
        key=f"redemption:{redeemed.id}",
        kind=EntryKind.REDEMPTION,
        legs=[
            Leg(voucher(redeemed.id), -redeemed.price),
            Leg(merchant(redeemed.redeemed_point_id), redeemed.price),
        ],
        about=("voucher", redeemed.id),
        effective_at=effective_at,
        unit=redeemed.redeemed_point_id,
    )
