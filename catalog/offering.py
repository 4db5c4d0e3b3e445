"""Offering: rewards drafted, offered and withdrawn, and stock brought to redemption points."""

from typing import Any

from mongoengine.errors import NotUniqueError, ValidationError
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from catalog.reward import Reward, RewardKind, RewardState
from catalog.stock import Stock
from people import Actor, Role, Unit, UnitKind, unit_of
from shared.clock import now
from shared.database import collection
from shared.errors import Conflict, Invalid, NotFound
from shared.i18n import Text
from shared.ids import new_id

MOST_SUPPLIED = 10_000_000
OFFICERS = (Role.CENTRE_OFFICER, Role.ADMIN)


class RewardNotFound(NotFound):
    """Raised when there is no such reward."""

    message = Text("There is no such reward.", "未找到该奖品。")


class RewardInvalid(Invalid):
    """Raised when one of a reward's terms cannot be used; `field` names it."""

    message = Text("This value cannot be used here.", "该内容不可用。")


class RewardWithdrawn(Conflict):
    """Raised when a withdrawn reward would be changed: it is withdrawn for good."""

    message = Text("This reward has been withdrawn.", "该奖品已下架。")


class DraftKeyUsed(Conflict):
    """Raised when the Idempotency-Key was used for another draft."""

    message = Text(
        "This Idempotency-Key was used for another reward.", "该 Idempotency-Key 已用于其他奖品。"
    )


class NotARedemptionPoint(Invalid):
    """Raised when the unit named is not a redemption point."""

    message = Text("This unit is not a redemption point.", "该单位不是兑换点。")


class StockOutOfRange(Invalid):
    """Raised when a stock would be negative or beyond what a point can hold."""

    message = Text("A stock is a number from 0 to {most}.", "库存须为 0 至 {most} 的整数。")


class StockBelowOrdered(Conflict):
    """Raised when less would have been supplied than is already ordered or handed over."""

    message = Text(
        "{ordered} are already ordered at this point; the supply cannot be below that.",
        "该兑换点已被订购 {ordered} 件，供应总数不能低于此数。",
    )


def draft_reward(
    unit_id: str,
    *,
    title: str,
    price: int,
    validity_days: int,
    key: str,
    by: Actor,
    title_en: str = "",
    description: str = "",
    kind: RewardKind = RewardKind.GOODS,
    per_person_limit: int | None = None,
) -> Reward:
    """Draft a reward of a unit, `price` in Fu coins; the same key answers the same draft.

    Raises NotAllowed, UnitNotFound, RewardInvalid, DraftKeyUsed.
    """
    by.must_hold(*OFFICERS, at=unit_of(unit_id))
    terms = {
        "unit_id": unit_id,
        "title": title.strip(),
        "title_en": title_en.strip(),
        "description": description,
        "kind": kind,
        "price": price,
        "validity_days": validity_days,
        "per_person_limit": per_person_limit,
    }
    reward = Reward(
        id=new_id(),
        state=RewardState.DRAFT,
        version=1,
        drafted_by=by.person_id,
        draft_key=key,
        drafted_at=now(),
        **terms,
    )
    return _inserted(reward, terms)


def _inserted(reward: Reward, terms: dict[str, Any]) -> Reward:
    try:
        return reward.save(force_insert=True)
    except ValidationError as error:
        raise RewardInvalid(next(iter(error.to_dict()))) from error
    except NotUniqueError:
        earlier = Reward.objects(drafted_by=reward.drafted_by, draft_key=reward.draft_key).first()
        if earlier is None:
            raise
        if any(getattr(earlier, name) != value for name, value in terms.items()):
            raise DraftKeyUsed from None
        return earlier


def offer_reward(reward_id: str, *, by: Actor) -> Reward:
    """Offer a drafted reward to everybody; an offered one is answered as it is.

    Raises RewardNotFound, NotAllowed, RewardWithdrawn.
    """
    _reachable(reward_id, by)
    _moved(reward_id, RewardState.DRAFT, RewardState.OFFERED)
    reward = reward_of(reward_id)
    if not reward.is_offered():
        raise RewardWithdrawn
    return reward


def withdraw_reward(reward_id: str, *, by: Actor) -> Reward:
    """Withdraw a reward for good; vouchers already issued for it stay good.

    Once it answers, no order goes through, not even one that was under way. Raises RewardNotFound,
    NotAllowed.
    """
    _reachable(reward_id, by)
    for state in (RewardState.DRAFT, RewardState.OFFERED):
        _moved(reward_id, state, RewardState.WITHDRAWN)
    # For orders that saw the reward offered a moment ago; whoever comes later sees it withdrawn,
    # so that a withdrawal cut off here lets nobody in, and repeating it does the rest.
    collection(Stock).update_many({"reward_id": reward_id}, {"$set": {"withdrawn": True}})
    return reward_of(reward_id)


def stock_point(reward_id: str, point_id: str, *, supplied: int, by: Actor) -> Stock:
    """Say how many of a reward a redemption point was supplied with in total, ever.

    A total, not a difference, so that repeating and racing with orders changes nothing: what is
    available moves by as much as the total does. Raises RewardNotFound, UnitNotFound, NotAllowed,
    NotARedemptionPoint, RewardWithdrawn, StockOutOfRange, StockBelowOrdered.
    """
    reward = _reachable(reward_id, by)
    point = redemption_point_of(point_id)
    by.must_hold(*OFFICERS, at=point)
    if reward.state == RewardState.WITHDRAWN:
        raise RewardWithdrawn
    if not 0 <= supplied <= MOST_SUPPLIED:
        raise StockOutOfRange("supplied", most=MOST_SUPPLIED)
    _open_stock(reward_id, point_id)
    return _supply(reward_id, point_id, supplied)


def _open_stock(reward_id: str, point_id: str) -> None:
    at = {"reward_id": reward_id, "point_id": point_id}
    empty = {"_id": new_id(), "supplied": 0, "available": 0, "version": 1}
    try:
        collection(Stock).update_one(at, {"$setOnInsert": empty}, upsert=True)
    except DuplicateKeyError:
        return  # another officer opened it this moment


def _supply(reward_id: str, point_id: str, supplied: int) -> Stock:
    """The deciding write: the total and what is available move together, or not at all."""
    at: dict[str, Any] = {"reward_id": reward_id, "point_id": point_id}
    ordered = {"$subtract": ["$supplied", "$available"]}
    found = collection(Stock).find_one_and_update(
        {**at, "$expr": {"$lte": [ordered, supplied]}},
        [
            {
                "$set": {
                    "available": {"$subtract": [supplied, ordered]},
                    "supplied": supplied,
                    "version": {"$add": ["$version", 1]},
                }
            }
        ],
        return_document=ReturnDocument.AFTER,
    )
    if found is None:
        stock = Stock.objects.get(**at)
        raise StockBelowOrdered(ordered=stock.supplied - stock.available)
    return Stock._from_son(found)


def redemption_point_of(point_id: str) -> Unit:
    """The redemption point of this id. Raises UnitNotFound, NotARedemptionPoint."""
    point = unit_of(point_id)
    if point.kind != UnitKind.REDEMPTION_POINT:
        raise NotARedemptionPoint("point_id")
    return point


def reward_of(reward_id: str) -> Reward:
    """The reward of this id, whatever its state. Raises RewardNotFound."""
    reward = Reward.objects.with_id(reward_id)
    if reward is None:
        raise RewardNotFound
    return reward


def _reachable(reward_id: str, by: Actor) -> Reward:
    reward = reward_of(reward_id)
    by.must_hold(*OFFICERS, at=unit_of(reward.unit_id))
    return reward


def _moved(reward_id: str, before: RewardState, after: RewardState) -> Reward | None:
    """The reward after one guarded move; None where it was not in `before`."""
    return Reward.objects(id=reward_id, state=before).modify(
        set__state=after, inc__version=1, new=True
    )
