"""Doubting: why a line that a device brings in later is disputed, whatever its voucher says."""

from datetime import datetime, timedelta
from typing import Any

from catalog.scanning.point_keys import ShownKey
from catalog.scanning.reading import Row, step_shown
from catalog.scanning.shown_codes import looks_shown
from catalog.scanning.voucher_look import VoucherLook
from shared.clock import in_business_time
from shared.database import collection
from shared.errors import Conflict, Refused
from shared.i18n import Text

# A weekend without network and a few days to notice it; a statement waits no longer for stragglers.
OLDEST = timedelta(days=7)
# How far a device's clock may be ahead: what it says is then taken as now.
CLOCKS_APART = timedelta(minutes=2)
# A device whose key was revoked in use is emptied within a day; a stolen one is tried for longer.
AFTER_REVOCATION = timedelta(hours=24)
# A look is good for two minutes: for as long before and after it the point was not offline.
STEPS_ONLINE = 4


class FromTheFuture(Refused):
    """Raised when a hand-over is said to lie ahead of the server's clock."""

    message = Text(
        "The device's clock is ahead: {handed_over_local} is still to come.",
        "设备时钟有误：{handed_over_local} 尚未到来。",
    )


class BroughtTooLate(Refused):
    """Raised when a hand-over is brought in more than seven days after it happened."""

    message = Text(
        "It was brought in more than {days} days after it happened.",
        "离线兑换超过 {days} 天才上传。",
    )


class KeyNotYetMade(Refused):
    """Raised when a hand-over is said to have happened before the device's key was made."""

    message = Text(
        "The device's key was made only at {made_local}, after this hand-over.",
        "设备密钥于 {made_local} 才创建，晚于本次兑换。",
    )


class KeyRevokedBefore(Refused):
    """Raised when the device's key had been revoked when it handed over."""

    message = Text(
        "The device's key was revoked at {revoked_local}, before this hand-over.",
        "设备密钥已于 {revoked_local} 被吊销，早于本次兑换。",
    )


class BroughtByRevokedKey(Refused):
    """Raised when a revoked key brings in a bare code, or anything a day after its revocation."""

    message = Text(
        "The device's key was revoked at {revoked_local}, and nothing but the device says when "
        "this was handed over.",
        "设备密钥已于 {revoked_local} 被吊销，本次兑换的时间仅由该设备声明，无法核实。",
    )


class WasOnline(Refused):
    """Raised when the point had looked at this very voucher with network, and did not hand over."""

    message = Text(
        "The point looked at this voucher online at {looked_local} and did not hand it over then.",
        "兑换点已于 {looked_local} 联网核对此券，当时未兑换。",
    )


class StaffVoucher(Refused):
    """Raised when the holder is a clerk of the point: nobody saw who stood behind the counter."""

    message = Text(
        "The voucher is of a clerk of this point, who may not be handed over to offline.",
        "持券人是本兑换点店员，不得离线兑换。",
    )


class HandOverKeyUsed(Conflict):
    """Raised when a device names two lines alike: the later one is sent again under its own key."""

    message = Text(
        "The key {key} was used for another line: send this one under a key of its own.",
        "键 {key} 已用于另一条记录，请为本条使用新的键重新上传。",
    )


def refuse_moment(handed_over_at: datetime, received_at: datetime, shown: ShownKey) -> None:
    """Raises FromTheFuture, BroughtTooLate, KeyNotYetMade, KeyRevokedBefore."""
    if handed_over_at > received_at + CLOCKS_APART:
        raise FromTheFuture(handed_over_local=in_business_time(handed_over_at))
    if handed_over_at < received_at - OLDEST:
        raise BroughtTooLate(days=OLDEST.days)
    if handed_over_at < shown.made_at - CLOCKS_APART:
        raise KeyNotYetMade(made_local=in_business_time(shown.made_at))
    if shown.revoked_at is not None and shown.revoked_at <= handed_over_at:
        raise KeyRevokedBefore(revoked_local=in_business_time(shown.revoked_at))


def refuse_revoked(code: str, received_at: datetime, shown: ShownKey) -> None:
    """Of a revoked key only a QR is believed, whose own step dates it, and only for a day.

    Raises BroughtByRevokedKey.
    """
    if shown.revoked_at is None:
        return
    if not looks_shown(code) or received_at > shown.revoked_at + AFTER_REVOCATION:
        raise BroughtByRevokedKey(revoked_local=in_business_time(shown.revoked_at))


def refuse_looked_at(row: Row, code: str, point_id: str) -> None:
    """Raises WasOnline where the point looked at the voucher online about when its QR was shown.

    A bare code says not when: there any look of the last days does.
    """
    which: dict[str, Any] = {"voucher_id": row["_id"], "point_id": point_id}
    step = step_shown(code)
    if step is not None:
        which["step"] = {"$gte": step - STEPS_ONLINE, "$lte": step + STEPS_ONLINE}
    look = collection(VoucherLook).find_one(which)
    if look is not None:
        raise WasOnline(looked_local=in_business_time(look["looked_at"]))
