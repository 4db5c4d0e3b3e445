"""Reading: which voucher a scanned QR or a typed code means, and whether it may be believed."""

from datetime import datetime
from typing import Any

from catalog.code_keys import hashes_of
from catalog.scanning.counter import Counter
from catalog.scanning.guessing import count_guess, forget_guess, note_forgery
from catalog.scanning.qr_keys import verifiers
from catalog.scanning.shown_codes import (
    QrForged,
    QrOfOtherTown,
    QrOutdated,
    genuine,
    is_fresh,
    looks_shown,
    town_of,
)
from catalog.voucher import Voucher
from people import HolderHasNoPhone, phone_ends_with
from shared.codes import parse
from shared.database import collection
from shared.errors import NotFound, Refused
from shared.i18n import Text

# A voucher as stored.
Row = dict[str, Any]


class UnknownCode(NotFound):
    """Raised when a code is well-formed, or a QR genuine, and belongs to no voucher here."""

    message = Text("No voucher has this code.", "没有使用此兑换码的兑换券。")


class QrPassedOn(Refused):
    """Raised when the QR is that of somebody who gave the voucher away since."""

    message = Text(
        "This voucher was given to somebody else, whose QR it is now.",
        "该兑换券已转赠他人，请由现持券人出示二维码。",
    )


class SecondCheckNeeded(Refused):
    """Raised when a bare code was given, which anybody may have read, without the holder's digits.

    The live QR of the app needs none.
    """

    message = Text(
        "A code alone does not do: please ask for the last four digits of the holder's phone.",
        "仅凭兑换码不能兑换，请核对持券人手机号码后四位。",
    )


class SecondCheckFailed(Refused):
    """Raised when the digits given are not the end of the holder's phone number."""

    message = Text(
        "These are not the last four digits of the holder's phone.", "手机号码后四位不符。"
    )


def voucher_shown(text: str, digits: str, at: Counter, *, moment: datetime, key: str = "") -> Row:
    """The voucher that a scanned text means at `moment`; whether it may be handed over is not said.

    A QR past its step is still the clerk's own repeat where the voucher was redeemed under `key`.
    Raises QrForged, QrOfOtherTown, QrPassedOn, QrOutdated, CodeMistyped, UnknownCode,
    SecondCheckNeeded, SecondCheckFailed, HolderHasNoPhone, TooManyGuesses.
    """
    if looks_shown(text):
        return _by_qr(text, at, moment, key)
    return _by_code(text, digits, at)


def step_shown(text: str) -> int | None:
    """The step of a QR that was read before; None of a bare code."""
    return genuine(text, verifiers()).step if looks_shown(text) else None


def _by_qr(text: str, at: Counter, moment: datetime, key: str) -> Row:
    try:
        shown = genuine(text, verifiers())
    except QrForged:
        note_forgery(at.by, at.point)
        raise
    if shown.town != town_of(at.point.lineage[0]):
        raise QrOfOtherTown
    row = collection(Voucher).find_one({"_id": shown.voucher_id})
    if row is None:
        raise UnknownCode
    if shown.code_turn != turn_of(row):
        raise QrPassedOn
    if not is_fresh(shown, moment) and not is_repeat(row, at, key):
        raise QrOutdated
    return row


def _by_code(typed: str, digits: str, at: Counter) -> Row:
    code = parse(typed)
    counted = count_guess(at.by, at.point, at.point_key_id)
    row = collection(Voucher).find_one({"code_hash": {"$in": hashes_of(code)}})
    if row is None:
        raise UnknownCode
    if not digits:
        forget_guess(counted)
        raise SecondCheckNeeded
    counted += count_guess(at.by, at.point, at.point_key_id, voucher_id=row["_id"])
    try:
        is_holder = phone_ends_with(row["person_id"], digits)
    except HolderHasNoPhone:
        forget_guess(counted)
        raise
    if not is_holder:
        raise SecondCheckFailed
    forget_guess(counted)
    return row


def turn_of(row: Row) -> int:
    """How often the voucher changed hands."""
    return row.get("code_turn") or 0


def is_repeat(row: Row, at: Counter, key: str) -> bool:
    """Whether the voucher was handed over by this very clerk, here, under this key."""
    first = (row.get("redeemed_by"), row.get("redeemed_point_id"), row.get("scan_key"))
    return bool(key) and first == (at.by.person_id, at.point.id, key)
