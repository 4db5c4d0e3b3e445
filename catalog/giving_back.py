"""Giving back: a voucher that was not used ends, and what it was worth returns.

One transaction, not a deciding write with a tail: the stock's `+1` carries no key that could make
a repeat harmless, so only the voucher's own move may let it happen.
"""

from collections.abc import Callable
from typing import Any

from pymongo.client_session import ClientSession

from catalog.escrow import bring_back, forfeit
from catalog.offering import OFFICERS, reward_of, withdraw_reward
from catalog.ordering import move_stock
from catalog.pools.pooling import return_code
from catalog.reward import RewardKind
from catalog.voucher import Voucher, VoucherState
from ledger import EntryKind, expired
from people import Actor, unit_of
from shared.clock import in_business_time, now
from shared.database import collection, in_transaction
from shared.errors import Conflict, NotFound, Refused
from shared.i18n import Text
from shared.sweeping import sweep_each

RECALLED = "recalled"
MOST_RECALLED = 500


class VoucherNotFound(NotFound):
    """Raised when there is no such voucher, or it is somebody else's."""

    message = Text("There is no such voucher.", "未找到该兑换券。")


class VoucherAlreadyRedeemed(Conflict):
    """Raised when the voucher to cancel was handed over before."""

    message = Text("This voucher has been handed over already.", "该兑换券已被兑换。")


class VoucherExpired(Conflict):
    """Raised when the voucher's time is over."""

    message = Text("This voucher has expired.", "该兑换券已过期。")


class UnderDelivery(Conflict):
    """Raised when a top-up is with its provider: what comes of it decides."""

    message = Text(
        "This top-up is being delivered and can no longer be cancelled.",
        "该充值正在办理，无法取消。",
    )


class TooLateToCancel(Refused):
    """Raised when the time in which the reward may be cancelled is over."""

    message = Text(
        "This could be cancelled until {until_local}.", "该兑换券的取消期限为 {until_local}。"
    )


def cancel_voucher(voucher_id: str, *, by: Actor) -> Voucher:
    """Cancel one's own voucher: what it was worth is back where it came from, its item in stock.

    A gift's coins go back to who paid them. Repeating answers the same. Raises VoucherNotFound,
    VoucherAlreadyRedeemed, VoucherExpired, UnderDelivery, TooLateToCancel.
    """
    owned = owned_voucher(voucher_id, by)
    if owned.state == VoucherState.ISSUED:
        refuse_late(owned)
        end_voucher(owned, VoucherState.CANCELLED, by=by.person_id, reason="by_holder")
    after = owned_voucher(voucher_id, by)
    refuse_ended(after)
    return after


def refuse_late(owned: Voucher) -> None:
    """Raises VoucherExpired or TooLateToCancel where its holder may end it no more."""
    if owned.is_expired_at(now()):
        raise VoucherExpired
    if owned.cancel_until is not None and owned.cancel_until <= now():
        raise TooLateToCancel(until_local=in_business_time(owned.cancel_until))


def refuse_ended(after: Voucher) -> None:
    """Raises why a voucher cannot be cancelled that is neither ISSUED nor CANCELLED."""
    if after.state in (VoucherState.REDEEMED, VoucherState.REFUNDED):
        raise VoucherAlreadyRedeemed
    if after.state == VoucherState.EXPIRED:
        raise VoucherExpired
    if after.state == VoucherState.DELIVERING:
        raise UnderDelivery


def owned_voucher(voucher_id: str, by: Actor) -> Voucher:
    """The caller's own voucher. Raises VoucherNotFound, for others' too."""
    owned = Voucher.objects(id=voucher_id, person_id=by.person_id).first()
    if owned is None:
        raise VoucherNotFound
    return owned


def expire_voucher(voucher_id: str) -> bool:
    """Let a voucher past its time lapse, by its reward's rule; False where it did not."""
    lapsed = Voucher.objects(id=voucher_id, expires_at__lte=now()).first()
    return lapsed is not None and end_voucher(lapsed, VoucherState.EXPIRED)


def recall_reward(reward_id: str, *, by: Actor) -> int:
    """Withdraw a reward and give back every voucher of it that was not handed over; how many.

    Repeating goes on where it stopped: at most 500 at a time. Raises RewardNotFound, NotAllowed.
    """
    by.must_hold(*OFFICERS, at=unit_of(reward_of(reward_id).unit_id))
    withdraw_reward(reward_id, by=by)
    outstanding = Voucher.objects(reward_id=reward_id, state=VoucherState.ISSUED)

    def recall(voucher: Voucher) -> bool:
        return end_voucher(voucher, VoucherState.CANCELLED, by=by.person_id, reason=RECALLED)

    return sweep_each(outstanding.limit(MOST_RECALLED), recall)


def end_voucher(
    ended: Voucher,
    state: VoucherState,
    *,
    was: VoucherState = VoucherState.ISSUED,
    by: str = "",
    reason: str = "",
    also: Callable[[ClientSession], None] | None = None,
) -> bool:
    """End a voucher as CANCELLED or EXPIRED, all given back; False where it was not `was`.

    `also` is done in the same transaction, after the voucher's move has decided.
    """
    if ended.state != was:
        return False
    ending = ended_as(state, by=by, reason=reason)

    def decide(session: ClientSession) -> bool:
        if not write_end(ended, ending, was, session):
            return False
        if also is not None:
            also(session)
        return True

    return in_transaction(decide)


def ended_as(state: VoucherState, *, by: str = "", reason: str = "") -> dict[str, Any]:
    """The fields of a voucher that ends now as `state`."""
    ending = {"state": state.value, "ended_at": now(), "ended_by": by, "ended_reason": reason}
    return {name: value for name, value in ending.items() if value}


def write_end(
    ended: Voucher, ending: dict[str, Any], was: VoucherState, session: ClientSession
) -> bool:
    """Write a voucher's end, `ending` being its fields then, inside a transaction.

    False, and nothing written, where it was not `was` or changed hands.
    """
    moved = collection(Voucher).update_one(
        {"_id": ended.id, "state": was.value, "person_id": ended.person_id},
        {"$set": ending},
        session=session,
    )
    if not moved.modified_count:
        return False
    lapsed = ending["state"] == VoucherState.EXPIRED.value
    if lapsed and not ended.returns_at_expiry and not ended.is_award():
        forfeit(ended, expired(), session)
    else:
        bring_back(ended, EntryKind.EXPIRY if lapsed else EntryKind.CANCELLATION, session)
    if ended.kind == RewardKind.TICKET:
        return_code(ended.id, session)
    move_stock(ended, +1, session)
    return True
