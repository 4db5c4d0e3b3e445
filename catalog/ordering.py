"""Ordering: coins, voucher and stock move together or not at all; cancelling and expiry undo it.

Giving back is one transaction too, not a deciding write with a tail: the stock's `+1` carries no
key that could make a repeat harmless, so only the voucher's own move may let it happen.
"""

from datetime import timedelta
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from catalog.code_keys import new_code_hash
from catalog.offering import reward_of
from catalog.reward import Reward
from catalog.stock import Stock
from catalog.voucher import Voucher, VoucherState
from ledger import EntryKind, Leg, NewEntry, post_one, voucher, wallet
from people import Actor, known_person_of
from shared.clock import now
from shared.database import collection, confirmed, in_transaction
from shared.errors import Conflict, DomainError, NotFound, Refused
from shared.i18n import Text
from shared.ids import new_id


class NotOffered(Refused):
    """Raised when the reward is a draft or withdrawn."""

    message = Text("This reward is not on offer.", "该奖品当前不可兑换。")


class NotAtThisPoint(Refused):
    """Raised when the redemption point does not carry the reward."""

    message = Text("This redemption point does not carry this reward.", "该兑换点不提供此奖品。")


class OutOfStock(Refused):
    """Raised when nothing of the reward is left at the redemption point."""

    message = Text("Nothing is left at this redemption point.", "该兑换点已无库存。")


class LimitReached(Refused):
    """Raised when the person has as many of the reward as one person may."""

    message = Text("One person may have {limit} of this reward.", "每人限兑 {limit} 件。")


class OrderKeyUsed(Conflict):
    """Raised when the Idempotency-Key was used for an order of something else."""

    message = Text(
        "This Idempotency-Key was used for another order.", "该 Idempotency-Key 已用于其他订单。"
    )


class VoucherNotFound(NotFound):
    """Raised when there is no such voucher, or it is somebody else's."""

    message = Text("There is no such voucher.", "未找到该兑换券。")


class VoucherAlreadyRedeemed(Conflict):
    """Raised when the voucher to cancel was handed over before."""

    message = Text("This voucher has been handed over already.", "该兑换券已被兑换。")


class VoucherExpired(Conflict):
    """Raised when the voucher's time is over; its coins go back by themselves."""

    message = Text(
        "This voucher has expired; its coins go back to the wallet.",
        "该兑换券已过期，福币将退回钱包。",
    )


def order_reward(reward_id: str, point_id: str, *, key: str, by: Actor) -> Voucher:
    """Order one of a reward at a redemption point: its price moves into a fresh voucher.

    The same key answers the same voucher. Raises RewardNotFound, NotOffered, RealNameMissing,
    NotAtThisPoint, OutOfStock, LimitReached, InsufficientCoins, OrderKeyUsed.
    """
    earlier = _ordered_before(reward_id, point_id, key, by)
    if earlier is not None:
        return earlier
    reward = _orderable(reward_id, point_id, by)
    issued = _new_voucher(reward, point_id, key, by)
    try:
        in_transaction(lambda session: _issue(issued, reward.per_person_limit, session))
    except (DuplicateKeyError, DomainError):
        # The same order may have gone through beside us and taken the very coins we missed.
        confirmed(Voucher).find_one({"person_id": by.person_id, "idempotency_key": key})
        earlier = _ordered_before(reward_id, point_id, key, by)
        if earlier is None:
            raise
        return earlier
    return issued


def _ordered_before(reward_id: str, point_id: str, key: str, by: Actor) -> Voucher | None:
    earlier = Voucher.objects(person_id=by.person_id, idempotency_key=key).first()
    if earlier and (earlier.reward_id, earlier.point_id) != (reward_id, point_id):
        raise OrderKeyUsed
    return earlier


def _orderable(reward_id: str, point_id: str, by: Actor) -> Reward:
    """The reward, where an order has a chance: clear refusals before any transaction."""
    # The stock first: one that was there before the reward was seen offered is one that a
    # withdrawal after that moment marks.
    stock = Stock.objects(reward_id=reward_id, point_id=point_id).first()
    reward = reward_of(reward_id)
    if not reward.is_offered():
        raise NotOffered
    known_person_of(by.person_id)
    if stock is None:
        raise NotAtThisPoint
    if stock.available < 1:
        raise OutOfStock
    return reward


def _new_voucher(reward: Reward, point_id: str, key: str, by: Actor) -> Voucher:
    voucher_id, issued_at = new_id(), now()
    return Voucher(
        id=voucher_id,
        person_id=by.person_id,
        idempotency_key=key,
        reward_id=reward.id,
        point_id=point_id,
        price=reward.price,
        code_hash=new_code_hash(voucher_id),
        state=VoucherState.ISSUED,
        issued_at=issued_at,
        expires_at=issued_at + timedelta(days=reward.validity_days),
    )


def _issue(issued: Voucher, limit: int | None, session: ClientSession) -> None:
    """Coins first, stock last: the stock is what most orders meet at, so it is held shortest."""
    entry = _entry(
        EntryKind.ORDER, issued, debit=wallet(issued.person_id), credit=voucher(issued.id)
    )
    post_one(entry, session=session)
    # Two orders of one person both write their wallet, so one of them runs again and counts both.
    if limit is not None and _held_by_person(issued, session) >= limit:
        raise LimitReached(limit=limit)
    issued.validate()
    collection(Voucher).insert_one(issued.to_mongo(), session=session)
    if not _move_stock(issued, -1, session):
        raise _why_none(issued, session)


def _why_none(wanted: Voucher, session: ClientSession) -> DomainError:
    """The refusal of an order that its stock stopped."""
    at = {"reward_id": wanted.reward_id, "point_id": wanted.point_id}
    stock = collection(Stock).find_one(at, {"withdrawn": 1}, session=session)
    return NotOffered() if stock and stock.get("withdrawn") else OutOfStock()


def _held_by_person(issued: Voucher, session: ClientSession) -> int:
    counted = [VoucherState.ISSUED.value, VoucherState.REDEEMED.value]
    return collection(Voucher).count_documents(
        {
            "person_id": issued.person_id,
            "reward_id": issued.reward_id,
            "state": {"$in": counted},
        },
        session=session,
    )


def _move_stock(of: Voucher, change: int, session: ClientSession) -> bool:
    """Whether the stock of the voucher's reward and point could move by `change`."""
    stock: dict[str, Any] = {"reward_id": of.reward_id, "point_id": of.point_id}
    if change < 0:  # giving back always may
        stock |= {"available": {"$gte": -change}, "withdrawn": {"$ne": True}}
    moved = collection(Stock).update_one(
        stock,
        {"$inc": {"available": change, "version": 1}},
        session=session,
    )
    return moved.modified_count == 1


def cancel_voucher(voucher_id: str, *, by: Actor) -> Voucher:
    """Cancel one's own voucher: its coins are back in the wallet, its item back in the stock.

    Repeating answers the same. Raises VoucherNotFound, VoucherAlreadyRedeemed, VoucherExpired.
    """
    owned = owned_voucher(voucher_id, by)
    if owned.is_expired_at(now()) and owned.state == VoucherState.ISSUED:
        raise VoucherExpired
    give_back(owned, VoucherState.CANCELLED)
    after = owned_voucher(voucher_id, by)
    if after.state == VoucherState.REDEEMED:
        raise VoucherAlreadyRedeemed
    if after.state == VoucherState.EXPIRED:
        raise VoucherExpired
    return after


def owned_voucher(voucher_id: str, by: Actor) -> Voucher:
    """The caller's own voucher. Raises VoucherNotFound, for others' too."""
    owned = Voucher.objects(id=voucher_id, person_id=by.person_id).first()
    if owned is None:
        raise VoucherNotFound
    return owned


def expire_voucher(voucher_id: str) -> bool:
    """Let a voucher past its time lapse, coins and item given back; False where it did not."""
    lapsed = Voucher.objects(id=voucher_id, expires_at__lte=now()).first()
    return lapsed is not None and give_back(lapsed, VoucherState.EXPIRED)


_KINDS = {
    VoucherState.CANCELLED: EntryKind.CANCELLATION,
    VoucherState.EXPIRED: EntryKind.EXPIRY,
}


def give_back(ended: Voucher, state: VoucherState) -> bool:
    """End an ISSUED voucher as `state`, coins and item given back; False where it was not so."""
    if ended.state != VoucherState.ISSUED:
        return False
    ended_at = now()

    def decide(session: ClientSession) -> bool:
        moved = collection(Voucher).update_one(
            {"_id": ended.id, "state": VoucherState.ISSUED.value},
            {"$set": {"state": state.value, "ended_at": ended_at}},
            session=session,
        )
        if not moved.modified_count:
            return False
        kind = _KINDS[state]
        back = _entry(
            kind,
            ended,
            debit=voucher(ended.id),
            credit=wallet(ended.person_id),
            returns=_key(EntryKind.ORDER, ended),
        )
        post_one(back, session=session)
        _move_stock(ended, +1, session)
        return True

    return in_transaction(decide)


def _entry(
    kind: EntryKind, of: Voucher, *, debit: str, credit: str, returns: str | None = None
) -> NewEntry:
    """The voucher's price from the account `debit` to `credit`, once per voucher and kind.

    `returns` is the key of the entry whose coins come back, as they went.
    """
    return NewEntry(
        key=_key(kind, of),
        kind=kind,
        legs=[Leg(debit, -of.price), Leg(credit, of.price)],
        about=("voucher", of.id),
        unit=of.point_id,
        returns=returns,
    )


def _key(kind: EntryKind, of: Voucher) -> str:
    return f"{kind}:{of.id}"
