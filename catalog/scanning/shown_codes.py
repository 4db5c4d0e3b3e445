"""The text of a QR that a phone shows, as pure arithmetic: signed, short-lived, checked offline.

`FX1`, then in base32 without padding (RFC 4648) a record of fixed length and its Ed25519 signature
(RFC 8032): nothing but QR's alphanumeric letters, so that the picture stays coarse.
"""

import base64
import binascii
import hashlib
import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.codes import LONGEST_TYPED
from shared.errors import Invalid, Refused
from shared.i18n import Text

PREFIX = "FX1"
VERSION = 1
# What is signed begins with these words, so that no other signature of ours can be shown as a QR.
DOMAIN = b"fuxun voucher qr 1\x00"
STEP_S = 30
# A phone changes its QR a moment late and clocks are some seconds apart: one step either side, so
# that a text is good for 60 to 90 seconds, and a picture sent to a friend across town for no more.
STEPS_EITHER_SIDE = 1
# Version, key, town, voucher, point, turn, end, step: big-endian, one byte after the other.
_RECORD = struct.Struct(">B4s8s12s12sHII")
SIGNATURE_BYTES = 64
TEXT_LETTERS = len(PREFIX) + -(-8 * (_RECORD.size + SIGNATURE_BYTES) // 5)
# What a record holds of them.
KEY_ID_BYTES, TOWN_BYTES = 4, 8
MOST_TURNS = 2**16 - 1


class QrForged(Invalid):
    """Raised when a QR was not signed by this programme as it stands, or is cut or bent."""

    message = Text("This QR code is not genuine.", "二维码无效，非本平台签发。")


class QrOutdated(Refused):
    """Raised when a QR is older than its step: a screenshot, or a phone whose clock is wrong."""

    message = Text(
        "This QR code is out of date: please ask for the live code in the app.",
        "二维码已过期，请出示应用内实时刷新的二维码。",
    )


class QrOfOtherTown(Refused):
    """Raised when a QR is genuine and of another town's programme."""

    message = Text("This voucher is of another town.", "该兑换券属于其他城市。")


class QrOfOtherPoint(Refused):
    """Raised when a QR is genuine and for another redemption point."""

    message = Text("This voucher is for another redemption point.", "该兑换券须在其他兑换点兑换。")


class QrExpired(Refused):
    """Raised when the voucher that a QR shows is past its time."""

    message = Text("This voucher has expired.", "该兑换券已过期。")


class ShownCode(NamedTuple):
    """What a QR says: whose key signed it, which voucher, where and until when, shown when."""

    key_id: str
    town: str
    voucher_id: str
    point_id: str
    code_turn: int
    expires_at_s: int
    step: int

    @property
    def expires_at(self) -> datetime:
        """When the voucher ends, to the whole second below."""
        return datetime.fromtimestamp(self.expires_at_s, UTC)


def town_of(root_unit_id: str) -> str:
    """The short name of a town, 16 hex digits: a hash of its root unit's id."""
    return hashlib.sha256(b"fuxun town\x00" + root_unit_id.encode()).hexdigest()[: 2 * TOWN_BYTES]


def key_id_of(public_key: bytes) -> str:
    """The short name of a public key (32 raw bytes), 8 hex digits: a hash of it."""
    return hashlib.sha256(b"fuxun voucher key\x00" + public_key).hexdigest()[: 2 * KEY_ID_BYTES]


def step_of(moment: datetime) -> int:
    """The number of the 30-second step that a moment lies in, counted from 1970."""
    return int(moment.timestamp()) // STEP_S


def step_start(step: int) -> datetime:
    """The moment at which a step begins."""
    return datetime.fromtimestamp(step * STEP_S, UTC)


def looks_shown(text: str) -> bool:
    """Whether a scanned text means to be a QR of ours, rather than a code that was typed.

    One voucher in 32,768 has a code that begins so: nobody types as many letters as a QR has.
    """
    meant = text.strip()
    return len(meant) > LONGEST_TYPED and meant[: len(PREFIX)].upper() == PREFIX


def signed_text(shown: ShownCode, key: Ed25519PrivateKey) -> str:
    """The text of the QR."""
    record = _RECORD.pack(
        VERSION,
        bytes.fromhex(shown.key_id),
        bytes.fromhex(shown.town),
        bytes.fromhex(shown.voucher_id),
        bytes.fromhex(shown.point_id),
        shown.code_turn,
        shown.expires_at_s,
        shown.step,
    )
    return PREFIX + _letters(record + key.sign(DOMAIN + record))


def genuine(text: str, keys: Mapping[str, Ed25519PublicKey]) -> ShownCode:
    """What a QR says, signed by one of `keys` (by key id). Raises QrForged."""
    raw = _bytes(text.strip())
    record, signature = raw[: _RECORD.size], raw[_RECORD.size :]
    version, key_id, town, voucher_id, point_id, turn, ends, step = _RECORD.unpack(record)
    key = keys.get(key_id.hex())
    if version != VERSION or key is None:
        raise QrForged("code")
    try:
        key.verify(signature, DOMAIN + record)
    except InvalidSignature:
        raise QrForged("code") from None
    return ShownCode(key_id.hex(), town.hex(), voucher_id.hex(), point_id.hex(), turn, ends, step)


def is_fresh(shown: ShownCode, moment: datetime) -> bool:
    """Whether the QR's step is that of the moment, or one beside it."""
    return abs(step_of(moment) - shown.step) <= STEPS_EITHER_SIDE


def accepted_at_point(
    text: str,
    keys: Mapping[str, Ed25519PublicKey],
    *,
    town: str,
    point_id: str,
    moment: datetime,
) -> ShownCode:
    """What a QR says, as far as a point without network can tell that it may be handed over.

    Raises QrForged, QrOfOtherTown, QrOfOtherPoint, QrExpired, QrOutdated.
    """
    shown = genuine(text, keys)
    if shown.town != town:
        raise QrOfOtherTown
    if shown.point_id != point_id:
        raise QrOfOtherPoint
    if shown.expires_at <= moment:
        raise QrExpired
    if not is_fresh(shown, moment):
        raise QrOutdated
    return shown


def _letters(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """The bytes behind the letters. Raises QrForged, for another spelling of them too."""
    if len(text) != TEXT_LETTERS or not text.startswith(PREFIX) or not text.isascii():
        raise QrForged("code")
    letters = text[len(PREFIX) :]
    try:
        raw = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except binascii.Error:
        raise QrForged("code") from None
    if _letters(raw) != letters:
        raise QrForged("code")
    return raw
