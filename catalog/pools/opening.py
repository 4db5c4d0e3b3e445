"""Opening a ticket: its owner sees the code, and that is the hand-over, once and for all."""

from dataclasses import dataclass
from datetime import datetime

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from catalog.giving_back import VoucherExpired, owned_voucher
from catalog.pools.pool_code import PoolCode, PoolCodeState
from catalog.pools.sealed_codes import opened
from catalog.reward import RewardKind
from catalog.scanning.redeeming import try_to_settle
from catalog.voucher import HANDED_OVER, Voucher, VoucherState
from people import Actor
from shared.clock import now
from shared.database import collection, in_transaction
from shared.errors import Conflict, NotFound, Refused
from shared.i18n import Text


class NoTicket(Refused):
    """Raised when the voucher to open is no ticket: it is handed over at its point."""

    message = Text(
        "Only a ticket is opened; this voucher is handed over at its point.",
        "仅票券可开启，该兑换券须到兑换点核销。",
    )


class TicketEnded(Conflict):
    """Raised when the ticket to open was cancelled, or given back in another way."""

    message = Text("This ticket was cancelled.", "该票券已被取消。")


class NotOpenedYet(NotFound):
    """Raised when the code of a ticket that was not opened is asked for."""

    message = Text("This ticket has not been opened.", "该票券尚未开启。")


class OpeningKeyUsed(Conflict):
    """Raised when the Idempotency-Key was used for another opening, or a scan."""

    message = Text(
        "This Idempotency-Key was used for something else.", "该 Idempotency-Key 已用于其他操作。"
    )


@dataclass(frozen=True)
class OpenedTicket:
    """A ticket's code, for its owner; `valid_until` is when it stops serving, None for never."""

    voucher: Voucher
    code: str
    opened_at: datetime
    valid_until: datetime | None


def open_ticket(voucher_id: str, *, key: str, by: Actor) -> OpenedTicket:
    """Open one's own ticket: its code is shown, and its coins go to its point.

    An opened one cannot be cancelled; opening it again shows the same code. Raises VoucherNotFound,
    NoTicket, TicketEnded, VoucherExpired, OpeningKeyUsed.
    """
    owned = owned_voucher(voucher_id, by)
    if owned.kind != RewardKind.TICKET:
        raise NoTicket
    if owned.state == VoucherState.ISSUED:
        opened_at = now()
        try:
            in_transaction(lambda session: _open(owned, opened_at, key, by, session))
        except DuplicateKeyError:
            raise OpeningKeyUsed from None
    after = owned_voucher(voucher_id, by)
    if after.state not in HANDED_OVER:
        expired = after.state in (VoucherState.ISSUED, VoucherState.EXPIRED)
        raise VoucherExpired if expired else TicketEnded
    try_to_settle(after)
    return _shown(after)


def _open(owned: Voucher, opened_at: datetime, key: str, by: Actor, session: ClientSession) -> None:
    """Voucher and code, together or not at all: who has seen a code has been handed it over."""
    moved = collection(Voucher).update_one(
        {
            "_id": owned.id,
            "person_id": by.person_id,
            "state": VoucherState.ISSUED.value,
            "expires_at": {"$gt": opened_at},
        },
        {
            "$set": {
                "state": VoucherState.REDEEMED.value,
                "redeemed_at": opened_at,
                "redeemed_by": by.person_id,
                "redeemed_point_id": owned.point_id,
                "scan_key": key,
            }
        },
        session=session,
    )
    if not moved.modified_count:
        return
    found = collection(PoolCode).update_one(
        {"voucher_id": owned.id, "state": PoolCodeState.TAKEN.value},
        {"$set": {"state": PoolCodeState.OPENED.value, "opened_at": opened_at}},
        session=session,
    )
    if not found.modified_count:
        # Nothing may be paid for a code that is not there: undoes the move, and tells ourselves.
        raise LookupError(f"ticket {owned.id} has no code")


def opened_ticket(voucher_id: str, *, by: Actor) -> OpenedTicket:
    """The code of one's own opened ticket, again. Raises VoucherNotFound, NotOpenedYet."""
    return _shown(owned_voucher(voucher_id, by))


def _shown(voucher: Voucher) -> OpenedTicket:
    code = PoolCode.objects(voucher_id=voucher.id, state=PoolCodeState.OPENED).first()
    if code is None:
        raise NotOpenedYet
    return OpenedTicket(voucher, opened(code), code.opened_at, code.valid_until)
