"""Ordering: coins, voucher and stock move together or not at all."""

import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from catalog.buying_rules import day_start
from catalog.code_keys import new_code_hash
from catalog.escrow import set_aside
from catalog.offering import RewardNotFound
from catalog.pools.pooling import take_code
from catalog.providers.delivering import open_delivery
from catalog.reward import ExpiryRule, Reward, RewardKind
from catalog.selling import refuse_sale
from catalog.stock import OutOfStock, Stock
from catalog.voucher import COUNTED, Voucher, VoucherState
from people import (
    Actor,
    Person,
    known_person_of,
    must_be_known,
    normalised_phone,
    own_phone_of,
)
from settings import settings
from shared.clock import now, stored
from shared.database import TRANSACTION_TIMEOUT_S, collection, confirmed, in_transaction
from shared.errors import Conflict, DomainError, Invalid, Refused, Unavailable
from shared.i18n import Text
from shared.ids import new_id
from shared.queue import enqueue
from shared.sealing import keyed_hash, keyed_hashes


class NotOffered(Refused):
    """Raised when the reward is a draft or withdrawn."""

    message = Text("This reward is not on offer.", "该奖品当前不可兑换。")


class NotAtThisPoint(Refused):
    """Raised when the redemption point does not carry the reward."""

    message = Text("This redemption point does not carry this reward.", "该兑换点不提供此奖品。")


class PointPaused(Refused):
    """Raised when the redemption point takes no orders for now."""

    message = Text("This redemption point takes no orders for now.", "该兑换点暂停兑换。")


class PointNeeded(Invalid):
    """Raised when several points carry the reward and the order names none."""

    message = Text(
        "Several points carry this reward: say which one.", "多个兑换点提供此奖品，请指定兑换点。"
    )


class NoRecipient(Invalid):
    """Raised when an order of something else than a top-up names a phone to be topped up."""

    message = Text("Only a top-up goes to a phone number.", "仅充值类奖品需要填写接收号码。")


class LimitReached(Refused):
    """Raised when the person has as many of the reward as one person may."""

    message = Text("One person may have {limit} of this reward.", "每人限兑 {limit} 件。")


class DailyLimitReached(LimitReached):
    """Raised when the person ordered as many of the reward today as one person may in a day."""

    message = Text(
        "One person may order {limit} of this reward a day.", "每人每日限兑 {limit} 件。"
    )


class OrderKeyUsed(Conflict):
    """Raised when the Idempotency-Key was used for an order of something else."""

    message = Text(
        "This Idempotency-Key was used for another order.", "该 Idempotency-Key 已用于其他订单。"
    )


def order_reward(
    reward_id: str,
    point_id: str | None = None,
    *,
    key: str,
    by: Actor,
    recipient_phone: str | None = None,
) -> Voucher:
    """Order one of a reward at a redemption point: its price moves into a fresh voucher.

    `point_id` may be left out where one point carries it; a top-up goes to `recipient_phone`, else
    to the caller's own. The same key answers the same voucher. Raises RewardNotFound, NotOffered,
    RealNameMissing, NotAtThisPoint, PointPaused, PointNeeded, NoRecipient, BadPhone, NoPhone,
    OutOfStock, LimitReached, InsufficientCoins, OrderKeyUsed, and what `refuse_sale` does.
    """
    recipient = None if recipient_phone is None else normalised_phone(recipient_phone)
    wanted = (reward_id, point_id, recipient)
    try:
        issued, reward, sent_to = _prepared(*wanted, key, by)
    except DomainError:
        earlier = ordered_before(*wanted, key, by)
        if earlier is None:
            raise
        return earlier
    try:
        with _turn_at(issued):
            row = in_transaction(lambda session: write_issue(issued, reward, sent_to, session))
    except (DuplicateKeyError, DomainError):
        # The same order may have gone through beside us and taken the very coins we missed.
        confirmed(Voucher).find_one({"ordered_by": by.person_id, "idempotency_key": key})
        earlier = ordered_before(*wanted, key, by)
        if earlier is None:
            raise
        return earlier
    if issued.kind == RewardKind.TOP_UP:
        enqueue("catalog.jobs.deliver", issued.id)
    issued.expires_at, issued.pool_code_id = row["expires_at"], row.get("pool_code_id")
    return issued


def ordered_before(
    reward_id: str, point_id: str | None, recipient: str | None, key: str, by: Actor
) -> Voucher | None:
    """The voucher that this very order was answered with before. Raises OrderKeyUsed."""
    earlier = Voucher.objects(ordered_by=by.person_id, idempotency_key=key).first()
    if earlier is None:
        return None
    same = earlier.reward_id == reward_id and point_id in (None, earlier.point_id)
    # Awards and exchanges are issued under keys of the same kind, and were no such order.
    was_ordered = not (earlier.is_award() or earlier.substitutes)
    if not (same and was_ordered) or not _goes_to(earlier, recipient):
        raise OrderKeyUsed
    return earlier


def _goes_to(earlier: Voucher, recipient: str | None) -> bool:
    """Whether the earlier order named the same phone, or none as well."""
    if recipient is None or earlier.recipient_hash is None:
        return recipient is earlier.recipient_hash
    return earlier.recipient_hash in keyed_hashes(recipient)


def _prepared(
    reward_id: str, point_id: str | None, recipient: str | None, key: str, by: Actor
) -> tuple[Voucher, Reward, str | None]:
    """The voucher to issue, where an order has a chance: clear refusals before any transaction."""
    stock, reward = _stock_and_reward(reward_id, point_id)
    if not reward.is_offered():
        raise NotOffered
    if stock is None:
        raise NotAtThisPoint
    if stock["available"] < 1:
        raise OutOfStock
    if stock.get("paused"):
        raise PointPaused
    person = _buyer(reward, by)
    refuse_sale(reward, person)
    sent_to = _recipient(reward, person, recipient)
    issued = new_voucher(reward, stock["point_id"], key=key, holder_id=by.person_id, by=by)
    issued.recipient_hash = keyed_hash(recipient) if recipient else None
    return issued, reward, sent_to


def _stock_and_reward(reward_id: str, point_id: str | None) -> tuple[dict[str, Any] | None, Reward]:
    """The reward and the stock to order from, by one command; the only one where no point is named.

    The stock is read first: one that was there before the reward was seen offered is one that a
    withdrawal after that moment marks. Raises RewardNotFound, PointNeeded.
    """
    at = {"reward_id": reward_id} | ({} if point_id is None else {"point_id": point_id})
    offered = [{"$match": {"_id": reward_id}}, {"$project": {"reward": "$$ROOT"}}]
    steps: list[dict[str, Any]] = [
        {"$match": at},
        {"$limit": 2},
        {"$project": {"stock": "$$ROOT"}},
        {"$unionWith": {"coll": collection(Reward).name, "pipeline": offered}},
    ]
    *stocks, last = list(collection(Stock).aggregate(steps)) or [{}]
    if "reward" not in last:
        raise RewardNotFound
    if len(stocks) > 1:
        raise PointNeeded("point_id")
    return (stocks[0]["stock"] if stocks else None), Reward._from_son(last["reward"])


def _buyer(reward: Reward, by: Actor) -> Person | None:
    """Who orders, as far as the reward asks: most ask only that the real-name step was done."""
    if reward.buyers or reward.kind == RewardKind.TOP_UP:
        return known_person_of(by.person_id)
    must_be_known(by.person_id)
    return None


def _recipient(reward: Reward, person: Person | None, recipient: str | None) -> str | None:
    """The phone that a top-up goes to; None for anything else."""
    if reward.kind != RewardKind.TOP_UP or person is None:
        if recipient is not None:
            raise NoRecipient("recipient_phone")
        return None
    return recipient or own_phone_of(person)


def new_voucher(reward: Reward, point_id: str, *, key: str, holder_id: str, by: Actor) -> Voucher:
    """The voucher of an order, to be written by `write_issue`; the reward's rules as they are."""
    voucher_id, issued_at = new_id(), stored(now())
    expires_at = issued_at + timedelta(days=reward.validity_days)
    hours = reward.cancel_hours
    return Voucher(
        id=voucher_id,
        person_id=holder_id,
        ordered_by=by.person_id,
        idempotency_key=key,
        reward_id=reward.id,
        point_id=point_id,
        kind=reward.kind,
        price=reward.price,
        code_hash=new_code_hash(voucher_id),
        state=VoucherState.ISSUED,
        issued_at=issued_at,
        expires_at=expires_at,
        cancel_until=None if hours is None else issued_at + timedelta(hours=hours),
        refund_days=reward.refund_days,
        returns_at_expiry=reward.expiry_rule == ExpiryRule.RETURNS,
    )


def write_issue(
    issued: Voucher, reward: Reward, sent_to: str | None, session: ClientSession
) -> dict[str, Any]:
    """Write an order inside its transaction: what was set aside, the voucher, the stock.

    Coins first, stock last: the stock is what most orders meet at, so it is held shortest. The
    voucher as it is stored. Raises InsufficientCoins, LimitReached, OutOfStock, NotOffered,
    PointPaused; DuplicateKeyError where the key was used.
    """
    set_aside(issued, session)
    _refuse_beyond_limits(issued, reward, session)
    row: dict[str, Any] = issued.to_mongo().to_dict()
    if issued.kind == RewardKind.TICKET:
        take_code(row, session)
    if sent_to is not None:
        open_delivery(row, reward, sent_to, session)
    collection(Voucher).insert_one(row, session=session)
    if not move_stock(issued, -1, session):
        raise _why_none(issued, session)
    return row


def _refuse_beyond_limits(issued: Voucher, reward: Reward, session: ClientSession) -> None:
    """Two orders of one person both write their wallet, so one runs again and counts both."""
    if issued.is_award():
        return
    most = reward.per_person_limit
    if most is not None and _counted(issued, session) >= most:
        raise LimitReached(limit=most)
    most = reward.per_day_limit
    if most is None:
        return
    today = day_start(issued.issued_at, ZoneInfo(settings().business_time_zone))
    if _counted(issued, session, since=today) >= most:
        raise DailyLimitReached(limit=most)


def _counted(issued: Voucher, session: ClientSession, since: datetime | None = None) -> int:
    """How many of the reward the person ordered and has, or had: given-away ones count, too."""
    wanted: dict[str, Any] = {
        "ordered_by": issued.ordered_by,
        "reward_id": issued.reward_id,
        "state": {"$in": [state.value for state in COUNTED]},
        "fund": None,
    }
    if since is not None:
        wanted["issued_at"] = {"$gte": since}
    return collection(Voucher).count_documents(wanted, session=session)


def _why_none(wanted: Voucher, session: ClientSession) -> DomainError:
    """The refusal of an order that its stock stopped."""
    at = {"reward_id": wanted.reward_id, "point_id": wanted.point_id}
    stock = collection(Stock).find_one(at, {"withdrawn": 1, "paused": 1}, session=session)
    if stock and stock.get("withdrawn"):
        return NotOffered()
    return PointPaused() if stock and stock.get("paused") else OutOfStock()


def move_stock(of: Voucher, change: int, session: ClientSession) -> bool:
    """Whether the stock of the voucher's reward and point could move by `change`."""
    stock: dict[str, Any] = {"reward_id": of.reward_id, "point_id": of.point_id}
    if change < 0:  # giving back always may
        closed = {"withdrawn": {"$ne": True}, "paused": {"$ne": True}}
        stock |= {"available": {"$gte": -change}, **closed}
    moved = collection(Stock).update_one(
        stock,
        {"$inc": {"available": change, "version": 1}},
        session=session,
    )
    return moved.modified_count == 1


class _Turn:
    """One at a time at a stock, and when it was last seen sold out by who had the turn."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.sold_out = ("", 0.0)


# Orders of one process that meet at one stock take turns: in a rush they would only abort each
# other's transactions. Other processes are met in the database, where the stock's guard decides.
_TURNS = tuple(_Turn() for _ in range(64))


@contextmanager
def _turn_at(wanted: Voucher) -> Iterator[None]:
    """Wait for one's turn at the stock; who had to wait hears at once that it is sold out.

    Raises OutOfStock, and Unavailable where the turn does not come in time.
    """
    name, came_at = f"{wanted.reward_id}:{wanted.point_id}", time.monotonic()
    turn = _TURNS[zlib.crc32(name.encode()) % len(_TURNS)]
    waited = not turn.lock.acquire(blocking=False)
    if waited and not turn.lock.acquire(timeout=TRANSACTION_TIMEOUT_S):
        raise Unavailable
    try:
        if waited:
            _refuse_sold_out(wanted, turn, name, came_at)
        yield
    finally:
        turn.lock.release()


def _refuse_sold_out(wanted: Voucher, turn: _Turn, name: str, came_at: float) -> None:
    """Raises OutOfStock where nothing was left at some moment since the order came."""
    sold_out, seen_at = turn.sold_out
    if sold_out == name and seen_at > came_at:
        raise OutOfStock
    at = {"reward_id": wanted.reward_id, "point_id": wanted.point_id, "available": {"$gte": 1}}
    seen_at = time.monotonic()
    if collection(Stock).find_one(at, {"_id": 1}) is None:
        turn.sold_out = (name, seen_at)
        raise OutOfStock
