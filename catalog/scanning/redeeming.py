"""Redeeming: a voucher is handed over once, by one guarded write; its coins follow to the point."""

from datetime import datetime
from typing import Any

import structlog
from mongoengine.errors import NotUniqueError
from pymongo.errors import PyMongoError

from catalog.escrow import pay_point
from catalog.reward import SCANNED
from catalog.scanning.counter import Counter
from catalog.scanning.pacing import refuse_haste
from catalog.scanning.reading import QrPassedOn, Row, is_repeat, turn_of
from catalog.telling import FETCHED
from catalog.voucher import HANDED_OVER, Voucher, VoucherState
from people import unit_of
from shared.clock import in_business_time, now
from shared.database import collection
from shared.errors import Conflict, DomainError, Refused
from shared.i18n import Text

log = structlog.get_logger()


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
    """Raised when the voucher shown was cancelled."""

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


class NotScanned(Refused):
    """Raised when the voucher is for something that no clerk hands over: a top-up, a ticket."""

    message = Text(
        "This is not handed over at a point: its owner has it in the app.",
        "该奖品无需到点兑换，持券人可在应用内使用。",
    )


class OwnVoucher(Refused):
    """Raised when a clerk would hand over to themselves."""

    message = Text(
        "This voucher is your own: another clerk must hand it over.",
        "该兑换券属于您本人，须由其他店员兑换。",
    )


def hand_over(row: Row, at: Counter, key: str) -> Voucher:
    """Hand over a voucher that was read (`row`, as stored), exactly once, now.

    The clerk's repeat with the same key answers the first result. Raises what `refusal_of` gives,
    TooManyHandOvers, ScanKeyUsed.
    """
    if row["state"] == VoucherState.ISSUED:
        refuse_own(row, at)
        refuse_haste(row["person_id"])
    redeemed_at = now()
    redeemed = redeem(row, at, key, redeemed_at) or _answered_before(row, at, key)
    try_to_settle(redeemed)
    return redeemed


def refuse_own(row: Row, at: Counter) -> None:
    """Raises NotScanned, OwnVoucher."""
    if row.get("kind", SCANNED[0]) not in SCANNED:
        raise NotScanned
    if row["person_id"] == at.by.person_id:
        raise OwnVoucher


def redeem(row: Row, at: Counter, key: str, redeemed_at: datetime, **more: Any) -> Voucher | None:
    """The deciding write: the voucher as handed over, or None where the guard did not hold.

    `more` are further fields that it sets. Raises ScanKeyUsed.
    """
    handed_over = {
        "state": VoucherState.REDEEMED,
        "redeemed_at": redeemed_at,
        "redeemed_by": at.by.person_id,
        "redeemed_point_id": at.point.id,
        "point_key_id": at.point_key_id or None,
        "scan_key": key,
        **more,
    }
    try:
        return Voucher.objects(
            id=row["_id"],
            state=VoucherState.ISSUED,
            point_id=at.point.id,
            # Whoever holds it now was not the one who showed it, where it changed hands since.
            person_id=row["person_id"],
            expires_at__gt=redeemed_at,
        ).modify(
            new=True,
            # In the same write, so that no hand-over stays unknown to the holder.
            add_to_set__untold=FETCHED,
            **{f"set__{name}": value for name, value in handed_over.items()},
        )
    except NotUniqueError:
        raise ScanKeyUsed from None


def _answered_before(row: Row, at: Counter, key: str) -> Voucher:
    """The voucher where this very scan went through before; else raises why it may not."""
    found = collection(Voucher).find_one({"_id": row["_id"]}) or row
    if found["state"] in HANDED_OVER and is_repeat(found, at, key):
        return Voucher._from_son(found)
    raise refusal_of(found, at, turn_of(row), now()) or Conflict()


def refusal_of(row: Row, at: Counter, code_turn: int, moment: datetime) -> DomainError | None:
    """Why a voucher as it stands (`row`) may not be handed over here at `moment`; None: it may.

    `code_turn` is that of the code shown.
    """
    if row["state"] in HANDED_OVER:
        return _handed_over(row)
    if row["state"] == VoucherState.CANCELLED:
        return CancelledAtPoint()
    if row["state"] == VoucherState.EXPIRED or row["expires_at"] <= moment:
        return ExpiredAtPoint(expired_local=in_business_time(row["expires_at"]))
    if turn_of(row) != code_turn:
        return QrPassedOn()
    return None if row["point_id"] == at.point.id else _wrong_point(row)


def _wrong_point(row: Row) -> WrongPoint:
    right = unit_of(row["point_id"])
    return WrongPoint(
        point_id=right.id,
        point_name=right.name,
        point_name_en=right.name_en or right.name,
        address=right.address,
    )


def _handed_over(row: Row) -> AlreadyHandedOver:
    point = unit_of(row["redeemed_point_id"])
    return AlreadyHandedOver(
        redeemed_at=row["redeemed_at"],
        redeemed_local=in_business_time(row["redeemed_at"]),
        point_id=point.id,
        point_name=point.name,
        point_name_en=point.name_en or point.name,
    )


def try_to_settle(redeemed: Voucher) -> None:
    """The tail at once where possible: the hand-over stands, so a failure waits for the sweep."""
    try:
        _settle(redeemed)
    except (DomainError, PyMongoError) as error:
        log.warning("redemption_not_settled", voucher=redeemed.id, error=type(error).__name__)


def settle_redemption(voucher_id: str) -> bool:
    """Bring a handed-over voucher's worth to its point's account; safe to repeat and to race.

    False where there is nothing to post.
    """
    redeemed = Voucher.objects(id=voucher_id, state=VoucherState.REDEEMED).first()
    return redeemed is not None and _settle(redeemed)


def _settle(redeemed: Voucher) -> bool:
    if redeemed.settled_entry_id:
        return False
    entry_id = pay_point(redeemed)
    collection(Voucher).update_one({"_id": redeemed.id}, {"$set": {"settled_entry_id": entry_id}})
    return True
