"""Substituting: a voucher is exchanged for one of something else, or of the same elsewhere.

One transaction: the old one ends, its coins are back, and a new one is ordered with them; the
difference in price is paid or given back in the same breath, or nothing happens.
"""

from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from catalog.giving_back import ended_as, owned_voucher, refuse_ended, refuse_late, write_end
from catalog.offering import reward_of
from catalog.ordering import NotAtThisPoint, NotOffered, OrderKeyUsed, new_voucher, write_issue
from catalog.reward import Reward, RewardKind
from catalog.selling import refuse_sale
from catalog.stock import Stock
from catalog.voucher import Voucher, VoucherState
from people import Actor, known_person_of
from shared.database import collection, confirmed, in_transaction
from shared.errors import Conflict, DomainError, Refused
from shared.i18n import Text

SUBSTITUTED = "substituted"


class NotSubstitutable(Refused):
    """Raised when a voucher is a gift, an award or a top-up: those stay what they are."""

    message = Text(
        "Gifts, awards and top-ups cannot be exchanged.", "赠券、实物奖励和充值券不支持更换。"
    )


class SameAgain(Refused):
    """Raised when a voucher would be exchanged for one of the same at the same point."""

    message = Text("That is what this voucher is for already.", "该兑换券已是此奖品和兑换点。")


class VoucherEnded(Conflict):
    """Raised when the voucher to exchange was cancelled before, or exchanged otherwise."""

    message = Text("This voucher has been cancelled or exchanged.", "该兑换券已取消或更换。")


def substitute_voucher(
    voucher_id: str, reward_id: str, point_id: str, *, key: str, by: Actor
) -> Voucher:
    """Exchange one's own voucher for one of another reward or point, the difference in coins moved.

    As long as it could be cancelled. The same key answers the same new voucher. Raises
    VoucherNotFound, NotSubstitutable, SameAgain, VoucherEnded, OrderKeyUsed, what cancel_voucher
    and order_reward raise.
    """
    earlier = _exchanged_before(voucher_id, reward_id, point_id, key, by)
    if earlier is not None:
        return earlier
    old = _exchangeable(voucher_id, reward_id, point_id, by)
    reward = _orderable(reward_id, point_id, by)
    fresh = new_voucher(reward, point_id, key=key, holder_id=by.person_id, by=by)
    fresh.substitutes = old.id
    try:
        return in_transaction(lambda session: _exchange(old, fresh, reward, session))
    except (DuplicateKeyError, DomainError):
        confirmed(Voucher).find_one({"ordered_by": by.person_id, "idempotency_key": key})
        earlier = _exchanged_before(voucher_id, reward_id, point_id, key, by)
        if earlier is None:
            raise
        return earlier


def _exchange(old: Voucher, fresh: Voucher, reward: Reward, session: ClientSession) -> Voucher:
    ending = ended_as(VoucherState.CANCELLED, by=fresh.ordered_by, reason=SUBSTITUTED)
    ending |= {"substituted_by": fresh.id}
    if not write_end(old, ending, VoucherState.ISSUED, session):
        now_is = Voucher._from_son(collection(Voucher).find_one({"_id": old.id}, session=session))
        refuse_ended(now_is)
        raise VoucherEnded
    row: dict[str, Any] = write_issue(fresh, reward, None, session)
    return Voucher._from_son(row)


def _exchanged_before(
    voucher_id: str, reward_id: str, point_id: str, key: str, by: Actor
) -> Voucher | None:
    earlier = Voucher.objects(ordered_by=by.person_id, idempotency_key=key).first()
    if earlier is None:
        return None
    wanted = (voucher_id, reward_id, point_id)
    if (earlier.substitutes, earlier.reward_id, earlier.point_id) != wanted:
        raise OrderKeyUsed
    return earlier


def _exchangeable(voucher_id: str, reward_id: str, point_id: str, by: Actor) -> Voucher:
    old = owned_voucher(voucher_id, by)
    if old.state != VoucherState.ISSUED:
        refuse_ended(old)
        raise VoucherEnded
    refuse_late(old)
    if old.is_gift() or old.is_award() or old.kind == RewardKind.TOP_UP:
        raise NotSubstitutable
    if (old.reward_id, old.point_id) == (reward_id, point_id):
        raise SameAgain
    return old


def _orderable(reward_id: str, point_id: str, by: Actor) -> Reward:
    stock = Stock.objects(reward_id=reward_id, point_id=point_id).first()
    reward = reward_of(reward_id)
    if not reward.is_offered():
        raise NotOffered
    if reward.kind == RewardKind.TOP_UP:
        raise NotSubstitutable
    refuse_sale(reward, known_person_of(by.person_id))
    if stock is None:
        raise NotAtThisPoint
    return reward
