"""The live QR: what a holder's app shows now, and the next minutes' for when it has no network."""

from datetime import datetime
from typing import NamedTuple

from catalog.giving_back import owned_voucher
from catalog.reward import SCANNED
from catalog.scanning.qr_keys import qr_text_at
from catalog.scanning.redeeming import NotScanned
from catalog.scanning.shown_codes import STEPS_EITHER_SIDE, step_of, step_start
from catalog.voucher import VoucherState
from people import Actor, unit_of
from shared.clock import now
from shared.errors import Conflict
from shared.i18n import Text

# Twenty steps are ten minutes: what a phone may keep, a thief of that phone may show as long.
MOST_AHEAD = 20


class VoucherNotShown(Conflict):
    """Raised when a voucher has no QR: it was used, or is over."""

    message = Text(
        "This voucher cannot be handed over any more, so it has no QR code.",
        "该兑换券已使用或已失效，无法出示二维码。",
    )


class ShownStep(NamedTuple):
    """A QR's text, to be shown from when until when; the server takes it up to `accepted_until`."""

    text: str
    shown_from: datetime
    shown_until: datetime
    accepted_until: datetime


class LiveQr(NamedTuple):
    """The QR to show now, and those to go on with while there is no network."""

    text: str
    shown_from: datetime
    shown_until: datetime
    accepted_until: datetime
    ahead: list[ShownStep]


def live_qr(voucher_id: str, *, by: Actor, ahead: int = 0) -> LiveQr:
    """The text of a voucher's QR now, and of up to 20 steps of 30 s to come, to its holder.

    Raises VoucherNotFound, for others' too; NotScanned, VoucherNotShown.
    """
    held = owned_voucher(voucher_id, by)
    if held.kind not in SCANNED:
        raise NotScanned
    if held.state != VoucherState.ISSUED or held.is_expired_at(now()):
        raise VoucherNotShown
    point, first = unit_of(held.point_id), step_of(now())
    steps = range(first, first + 1 + max(0, min(ahead, MOST_AHEAD)))
    shown = [_shown(qr_text_at(held, point, step), step) for step in steps]
    return LiveQr(*shown[0], shown[1:])


def _shown(text: str, step: int) -> ShownStep:
    return ShownStep(
        text, step_start(step), step_start(step + 1), step_start(step + 1 + STEPS_EITHER_SIDE)
    )
