"""Outlived holds: a doubt that lasted longer than the hold of its coins ends as a refund.

The book releases a hold whose time is over, whatever became of the delivery. That release is the
refund then: the voucher is cancelled and the item back in stock, with nothing left to give back.
"""

from collections.abc import Callable

from pymongo.client_session import ClientSession

from catalog.escrow import HOLD_LASTS
from catalog.giving_back import ended_as
from catalog.ordering import move_stock
from catalog.voucher import Voucher, VoucherState
from ledger import HoldState, hold_of, release_hold
from shared.clock import real_now
from shared.database import collection, in_transaction


def is_hold_over(voucher_id: str) -> bool:
    """Whether the coins of a top-up are free again, or may be at any moment."""
    issued = collection(Voucher).find_one({"_id": voucher_id}, {"hold_id": 1, "issued_at": 1})
    # Most are far too young to look further.
    if issued is None or real_now() - issued["issued_at"] < HOLD_LASTS / 2:
        return False
    hold = hold_of(issued["hold_id"])
    return hold.state == HoldState.RELEASED or real_now() >= hold.expires_at


def end_released(voucher: Voucher, also: Callable[[ClientSession], None]) -> bool:
    """Cancel a voucher under delivery whose hold is over, once its hold is surely released.

    `also` is done in the same transaction. False where it was under delivery no more. Raises
    HoldOver where the hold was paid.
    """
    release_hold(voucher.hold_id)
    ending = ended_as(VoucherState.CANCELLED, reason="hold_over")

    def decide(session: ClientSession) -> bool:
        moved = collection(Voucher).update_one(
            {"_id": voucher.id, "state": VoucherState.DELIVERING.value},
            {"$set": ending},
            session=session,
        )
        if not moved.modified_count:
            return False
        move_stock(voucher, +1, session)
        also(session)
        return True

    return in_transaction(decide)
