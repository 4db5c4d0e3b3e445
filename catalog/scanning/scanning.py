"""Scanning: a clerk looks at a voucher, then confirms, or hands it over in one go."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.offering import reward_of
from catalog.reward import Reward
from catalog.scanning.counter import Counter, counter_of
from catalog.scanning.reading import QrPassedOn, is_repeat, step_shown, turn_of, voucher_shown
from catalog.scanning.redeeming import hand_over, refusal_of, refuse_own
from catalog.scanning.voucher_look import VoucherLook
from catalog.voucher import Voucher
from people import Actor, Unit, masked_name, person_of, unit_of
from shared.clock import now, real_now
from shared.database import collection
from shared.errors import NotFound, Refused
from shared.i18n import Text
from shared.ids import random_id

# Long enough to fetch the thing from the shelf, too short to confirm for somebody who has left.
LOOK_IS_GOOD = timedelta(minutes=2)
# A repeated confirmation finds what it confirmed, and an offline queue what was looked at online.
LOOK_KEPT = timedelta(days=8)


class LookNotFound(NotFound):
    """Raised when this clerk took no such look at this point."""

    message = Text("Please scan the voucher again.", "请重新扫码。")


class LookOver(Refused):
    """Raised when a look is older than two minutes."""

    message = Text(
        "That was looked at too long ago: please scan again.", "核对已超时，请重新扫码。"
    )


@dataclass(frozen=True)
class VoucherLookedAt:
    """What a clerk is about to hand over; `nickname` is the holder's, masked."""

    look_id: str
    good_until: datetime
    voucher: Voucher
    reward: Reward
    point: Unit
    nickname: str


@dataclass(frozen=True)
class HandedOver:
    """What a clerk hands over, and where."""

    voucher: Voucher
    reward: Reward
    point: Unit


def handed_over(redeemed: Voucher) -> HandedOver:
    """A voucher as the clerk who redeemed it sees it."""
    return HandedOver(redeemed, reward_of(redeemed.reward_id), unit_of(redeemed.redeemed_point_id))


def scan_voucher(
    code: str, *, point_id: str, key: str, by: Actor, phone_last4: str = "", point_key: str = ""
) -> Voucher:
    """Hand over what a voucher is for, at the clerk's redemption point, exactly once.

    `code` is the text of its live QR, or its bare code with the end of the holder's phone number.
    The clerk's repeat with the same key answers the first result. Raises what `counter_of`,
    `voucher_shown` and `hand_over` do.
    """
    at = counter_of(point_id, by=by, point_key=point_key)
    return hand_over(voucher_shown(code, phone_last4, at, moment=now(), key=key), at, key)


def look_at_voucher(
    code: str, *, point_id: str, by: Actor, phone_last4: str = "", point_key: str = ""
) -> VoucherLookedAt:
    """See what a voucher is for without handing it over; the look can be confirmed for 2 minutes.

    Raises what a scan would.
    """
    at = counter_of(point_id, by=by, point_key=point_key)
    row = voucher_shown(code, phone_last4, at, moment=now())
    refusal = refusal_of(row, at, turn_of(row), now())
    if refusal is not None:
        raise refusal
    refuse_own(row, at)
    return _noted(Voucher._from_son(row), at, step_shown(code))


def _noted(shown: Voucher, at: Counter, step: int | None) -> VoucherLookedAt:
    look = VoucherLook(
        id=random_id(),
        voucher_id=shown.id,
        person_id=shown.person_id,
        by_id=at.by.person_id,
        point_id=at.point.id,
        step=step,
        looked_at=now(),
        good_until=now() + LOOK_IS_GOOD,
        forget_at=real_now() + LOOK_KEPT,
    )
    collection(VoucherLook).insert_one(look.to_mongo())
    return VoucherLookedAt(
        look.id,
        look.good_until,
        shown,
        reward_of(shown.reward_id),
        at.point,
        masked_name(person_of(shown.person_id).nickname),
    )


def confirm_look(
    look_id: str, *, point_id: str, key: str, by: Actor, point_key: str = ""
) -> Voucher:
    """Hand over what was looked at, exactly once, by the clerk who looked, at the same point.

    Raises what `counter_of` and `hand_over` do, LookNotFound, LookOver.
    """
    at = counter_of(point_id, by=by, point_key=point_key)
    look = collection(VoucherLook).find_one(
        {"_id": look_id, "by_id": by.person_id, "point_id": point_id}
    )
    row = look and collection(Voucher).find_one({"_id": look["voucher_id"]})
    if not look or not row:
        raise LookNotFound
    if look["good_until"] <= now() and not is_repeat(row, at, key):
        raise LookOver
    if row["person_id"] != look["person_id"]:
        raise QrPassedOn
    return hand_over(row, at, key)
