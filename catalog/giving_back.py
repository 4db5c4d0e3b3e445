"""Giving back: a voucher that was not used ends, and what it was worth returns.

One transaction, not a deciding write with a tail: the stock's `+1` carries no key that could make
a repeat harmless, so only the voucher's own move may let it happen.
"""

from collections.abc import Callable
from typing import Any

from pymongo.client_session import ClientSession

from catalog.award import Award, AwardState
from catalog.escrow import bring_back, forfeit
from catalog.offering import reachable_reward, withdraw_reward
from catalog.ordering import move_stock
from catalog.pools.pooling import return_code
from catalog.reward import Reward, RewardKind, RewardState
from catalog.stock import Stock
from catalog.telling import LAPSED, RECALLED_TELLING, RETURNED, TAKEN_BACK, try_to_tell
from catalog.voucher import Voucher, VoucherState
from ledger import EntryKind, expired
from people import Actor
from shared.clock import in_business_time, now
from shared.database import collection, in_transaction
from shared.errors import Conflict, NotFound, Refused
from shared.i18n import Text
from shared.sweeping import sweep_each

RECALLED = "recalled"
AWARD_WITHDRAWN = "award_withdrawn"
# What one request gives back itself; the sweep goes on with the rest.
MOST_RECALLED = 100


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
    """Withdraw a reward and give back every voucher of it that was not handed over.

    How many were given back at once, 100 at most: the sweep goes on with the rest. Their holders
    are told. Repeating goes on, too. Raises RewardNotFound, NotAllowed.
    """
    reachable_reward(reward_id, by)
    # First what the sweep needs to go on, so that a recall cut off anywhere is finished.
    marked = {"recalled_by": by.person_id, "is_recall_open": True}
    collection(Reward).update_one({"_id": reward_id, "recalled_by": None}, {"$set": marked})
    withdraw_reward(reward_id, by=by)
    found = collection(Voucher).find(_outstanding([reward_id]), {"_id": 1}).limit(MOST_RECALLED)
    return sweep_each([row["_id"] for row in found], recall_voucher)


def recall_voucher(voucher_id: str) -> bool:
    """Give back one voucher of a recalled reward, and tell its holder; False where it has ended."""
    found = Voucher.objects(id=voucher_id).first()
    recalled = found and Reward.objects(id=found.reward_id, recalled_by__ne=None).first()
    if not recalled or not end_voucher(
        found, VoucherState.CANCELLED, by=recalled.recalled_by, reason=RECALLED
    ):
        return False
    try_to_tell(voucher_id)
    return True


def open_recalls() -> dict[str, Any]:
    """The vouchers that recalls have still to give back, as a filter; closes what is through."""
    still_open = [row["_id"] for row in collection(Reward).find({"is_recall_open": True})]
    for reward_id in still_open:
        # No order goes through once its stocks say so: what is outstanding now is all there is.
        withdrawn = {"state": RewardState.WITHDRAWN.value}
        collection(Reward).update_one({"_id": reward_id}, {"$set": withdrawn})
        collection(Stock).update_many({"reward_id": reward_id}, {"$set": {"withdrawn": True}})
        if collection(Voucher).find_one(_outstanding([reward_id]), {"_id": 1}) is None:
            through = {"_id": reward_id, "is_recall_open": True}
            collection(Reward).update_one(through, {"$unset": {"is_recall_open": ""}})
    return _outstanding(still_open)


def _outstanding(reward_ids: list[str]) -> dict[str, Any]:
    return {"reward_id": {"$in": reward_ids}, "state": VoucherState.ISSUED.value}


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
    change: dict[str, Any] = {"$set": ending}
    if told := _to_be_told(ended, ending):
        change["$addToSet"] = {"untold": {"$each": told}}
    if ended.matter:
        # Nobody got anything for it: it may be rewarded anew.
        change["$set"] = ending | {"matter_was": ended.matter}
        change["$unset"] = {"matter": ""}
    moved = collection(Voucher).update_one(
        {"_id": ended.id, "state": was.value, "person_id": ended.person_id},
        change,
        session=session,
    )
    if not moved.modified_count:
        return False
    lapsed = ending["state"] == VoucherState.EXPIRED.value
    if lapsed and _is_forfeit(ended):
        forfeit(ended, expired(), session)
    else:
        bring_back(ended, EntryKind.EXPIRY if lapsed else EntryKind.CANCELLATION, session)
    if ended.kind == RewardKind.TICKET:
        return_code(ended.id, session)
    if ended.is_award():
        _end_award(ended, session)
    move_stock(ended, +1, session)
    return True


def _is_forfeit(lapsed: Voucher) -> bool:
    """Whether the coins of what lapsed are gone; of a top-up that was never sent none are."""
    stays = lapsed.is_award() or lapsed.kind == RewardKind.TOP_UP
    return not lapsed.returns_at_expiry and not stays


def _to_be_told(ended: Voucher, ending: dict[str, Any]) -> list[str]:
    """What holder and payer do not know by themselves of this end, as telling.py names it."""
    lapsed = ending["state"] == VoucherState.EXPIRED.value
    by_reason = {RECALLED: RECALLED_TELLING, AWARD_WITHDRAWN: TAKEN_BACK}
    told = [LAPSED] if lapsed else []
    told += [by_reason[reason] for reason in [ending.get("ended_reason")] if reason in by_reason]
    if ended.is_gift() and not (lapsed and _is_forfeit(ended)):
        told.append(RETURNED)
    return told


def _end_award(ended: Voucher, session: ClientSession) -> None:
    """The award of this voucher has come to nothing, and its matter is open to another."""
    change = {
        "$set": {"state": AwardState.ENDED.value},
        "$unset": {"open_matter": ""},
        "$inc": {"version": 1},
    }
    approved = {"_id": award_id_of(ended), "state": AwardState.APPROVED.value}
    collection(Award).update_one(approved, change, session=session)


def award_id_of(given: Voucher) -> str:
    """The award that a voucher was given for: its key says so."""
    return str(given.idempotency_key.removeprefix("award:"))
