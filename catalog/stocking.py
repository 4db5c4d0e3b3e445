"""Stocking: how many of a reward a redemption point was given, and when its people are warned."""

from enum import Enum
from typing import Any, Final

from pymongo import ReturnDocument

from catalog.offering import OFFICERS, RewardWithdrawn, reachable_reward, redemption_point_of
from catalog.points.pausing import open_stock
from catalog.providers.provider import Provider
from catalog.reward import Reward, RewardKind, RewardState
from catalog.stock import Stock
from people import Actor
from shared.database import collection
from shared.errors import Conflict, Invalid, Refused
from shared.i18n import Text

MOST_SUPPLIED = 10_000_000


class _Unsaid(Enum):
    """What stands for "not said" where None means something."""

    UNSAID = "unsaid"


UNSAID: Final = _Unsaid.UNSAID


class StockOutOfRange(Invalid):
    """Raised when a stock would be negative or beyond what a point can hold."""

    message = Text("A stock is a number from 0 to {most}.", "库存须为 0 至 {most} 的整数。")


class StockBelowOrdered(Conflict):
    """Raised when less would have been supplied than is already ordered or handed over."""

    message = Text(
        "{ordered} are already ordered at this point; the supply cannot be below that.",
        "该兑换点已被订购 {ordered} 件，供应总数不能低于此数。",
    )


class StockedByCodes(Refused):
    """Raised when the stock of a ticket would be said by hand: it is the codes in its pool."""

    message = Text(
        "The stock of a ticket is its codes: import them.", "票券的库存即其券码数量，请导入券码。"
    )


class StockedElsewhere(Refused):
    """Raised when a top-up would be stocked where its provider is not paid."""

    message = Text(
        "What was paid for in advance stands at the provider's own point.",
        "充值类奖品的预付数量只能记在其供应商对应的兑换点。",
    )


def stock_point(
    reward_id: str,
    point_id: str,
    *,
    supplied: int,
    by: Actor,
    low_at: int | _Unsaid | None = UNSAID,
) -> Stock:
    """Say how many of a reward a redemption point was supplied with in total, ever.

    A total, not a difference, so that repeating and racing with orders changes nothing: what is
    available moves by as much as the total does. Officers and clerks are told when no more than
    `low_at` are left, or as the point says where that is None; left out, it stays. Raises
    RewardNotFound, UnitNotFound, NotAllowed, NotARedemptionPoint, RewardWithdrawn, StockOutOfRange,
    StockBelowOrdered, StockedByCodes, StockedElsewhere.
    """
    reward = reachable_reward(reward_id, by)
    point = redemption_point_of(point_id)
    by.must_hold(*OFFICERS, at=point)
    for name, count in (("supplied", supplied), ("low_at", low_at)):
        if isinstance(count, int) and not 0 <= count <= MOST_SUPPLIED:
            raise StockOutOfRange(name, most=MOST_SUPPLIED)
    _refuse_unstockable(reward, point_id)
    open_stock(reward_id, point_id)
    return _supply(reward_id, point_id, supplied, low_at)


def _refuse_unstockable(reward: Reward, point_id: str) -> None:
    if reward.state == RewardState.WITHDRAWN:
        raise RewardWithdrawn
    if reward.kind == RewardKind.TICKET:
        raise StockedByCodes
    if reward.kind == RewardKind.TOP_UP:
        provider = Provider.objects.with_id(reward.provider_id)
        if provider is not None and provider.point_id != point_id:
            raise StockedElsewhere


def _supply(reward_id: str, point_id: str, supplied: int, low_at: int | _Unsaid | None) -> Stock:
    """The deciding write: the total and what is available move together, or not at all."""
    at: dict[str, Any] = {"reward_id": reward_id, "point_id": point_id}
    ordered = {"$subtract": ["$supplied", "$available"]}
    kept = {} if low_at is UNSAID else {"low_at": low_at}
    found = collection(Stock).find_one_and_update(
        {**at, "$expr": {"$lte": [ordered, supplied]}},
        [
            {
                "$set": {
                    "available": {"$subtract": [supplied, ordered]},
                    "supplied": supplied,
                    "version": {"$add": ["$version", 1]},
                    **kept,
                }
            }
        ],
        return_document=ReturnDocument.AFTER,
    )
    if found is None:
        stock = Stock.objects.get(**at)
        raise StockBelowOrdered(ordered=stock.supplied - stock.available)
    return Stock._from_son(found)
