"""Guessing: wrong codes and wrong digits are counted, stopped and told of; forged QRs told of."""

from datetime import datetime, timedelta
from typing import Any

from catalog.scanning.scan_desk import ScanDesk
from notices import tell_officers
from people import Actor, Unit, count_attempt, take_attempt_back
from shared.clock import real_now
from shared.database import collection
from shared.errors import TooMany
from shared.i18n import Text

# A clerk mistypes seldom, since check letters catch it before it counts; ten wrong ones in ten
# minutes is somebody trying. At that rate 80 bits take longer than the sun lasts.
GUESSES = "10 per 10 minutes"
# One clerk's wrong codes do not use up what a device that several share leaves to the others.
DEVICE_GUESSES = "30 per 10 minutes"
# A signature cannot be guessed, and who shows a forged QR is the customer: the clerk goes on.
FORGERIES = "10 per 10 minutes"
# Four digits are few: whoever holds a code that was read aloud gets so many tries at its digits.
DIGIT_TRIES = "10 per day"
# Officers are told once in an hour of the same clerk.
TOLD = "1 per hour"

Counted = list[tuple[str, datetime]]


class TooManyGuesses(TooMany):
    """Raised when a clerk, a device or a voucher's digits were guessed at too often."""

    message = Text(
        "Too many wrong codes. Please wait {retry_after_s} seconds.",
        "错误次数过多，请在 {retry_after_s} 秒后重试。",
    )


class TooManyDigitTries(TooManyGuesses):
    """Raised when the digits of one voucher were tried too often: its live QR still serves."""

    message = Text(
        "The digits of this code were tried too often: please ask for the live QR, or wait "
        "{retry_after_s} seconds.",
        "该兑换码的手机尾号核对次数过多，请出示实时二维码，或在 {retry_after_s} 秒后重试。",
    )


def refuse_paused(desk: dict[str, Any], by: Actor) -> None:
    """Raises TooManyGuesses where the clerk is paused at this desk (as stored) for guessing."""
    until = (desk.get("paused") or {}).get(by.person_id)
    if until is not None and until > real_now():
        wait_s = int((until - real_now()).total_seconds()) + 1
        raise TooManyGuesses(retry_after_s=wait_s)


def count_guess(by: Actor, point: Unit, point_key_id: str, *, voucher_id: str = "") -> Counted:
    """Count what may be a guess before it is looked at, so that guesses that race are counted too.

    With `voucher_id`, it is one at that voucher's digits. Raises TooManyGuesses; officers above
    the point are told then. Only a clerk's own wrong codes pause the clerk.
    """
    of_clerk = f"guess:clerk:{by.person_id}"
    limits = {of_clerk: GUESSES}
    if point_key_id:
        limits[f"guess:key:{point_key_id}"] = DEVICE_GUESSES
    if voucher_id:
        limits = {f"guess:digits:{voucher_id}": DIGIT_TRIES}
    counted: Counted = []
    for name, limit in limits.items():
        try:
            counted.append((name, count_attempt(name, limit)))
        except TooMany as error:
            forget_guess(counted)
            if name == of_clerk:
                _pause(by, point, error.facts["retry_after_s"])
            _tell(by, point, is_forgery=False)
            raise (TooManyDigitTries if voucher_id else TooManyGuesses)(**error.facts) from None
    return counted


def note_forgery(by: Actor, point: Unit) -> None:
    """Count a forged QR that a clerk was shown; of the eleventh in ten minutes officers hear."""
    try:
        count_attempt(f"forged:{by.person_id}", FORGERIES)
    except TooMany:
        _tell(by, point, is_forgery=True)


def forget_guess(counted: Counted) -> None:
    """It was none: count it no more."""
    for name, moment in counted:
        take_attempt_back(name, moment)


def _pause(by: Actor, point: Unit, wait_s: int) -> None:
    """Until the count leaves room, the clerk scans nothing at this point, no genuine QR either."""
    until = real_now() + timedelta(seconds=wait_s)
    collection(ScanDesk).update_one({"_id": point.id}, {"$set": {f"paused.{by.person_id}": until}})


def _tell(by: Actor, point: Unit, *, is_forgery: bool) -> None:
    """Tell the officers above the point, once an hour of the same clerk."""
    try:
        what = "forged" if is_forgery else "guess"
        told_at = count_attempt(f"{what}:told:{by.person_id}", TOLD)
    except TooMany:
        return
    facts = {
        "point": {"zh-CN": point.name, "en": point.name_en or point.name},
        "clerk_id": by.person_id,
        "point_id": point.id,
    }
    key = f"{what}:{by.person_id}:{told_at.isoformat()}"
    if is_forgery:
        tell_officers(point, "qrs_forged", facts, key=key)
    else:
        tell_officers(point, "codes_guessed", facts, key=key)
