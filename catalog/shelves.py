"""Questions about the catalogue: what is on offer where, and how far."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from heapq import nsmallest
from typing import Any
from zoneinfo import ZoneInfo

from catalog.buying_rules import next_opening
from catalog.offering import OFFICERS, RewardNotFound, reward_of
from catalog.paging import page_of
from catalog.prospects import Purse, prospects_of, purse_of
from catalog.reward import Reward, RewardKind, RewardState
from catalog.stock import Stock
from people import Actor, Unit, unit_of, units_of
from settings import settings
from shared.clock import now
from shared.errors import DomainError
from shared.geo import distance_m

MOST_STOCKS = 200


@dataclass(frozen=True)
class StockAtPoint:
    """What is left of a reward at one point; `distance_m` from the position asked about."""

    point: Unit
    stock: Stock
    distance_m: float | None = None

    @property
    def supplied(self) -> int:
        """How many the point was given in total, ever."""
        return int(self.stock.supplied)

    @property
    def available(self) -> int:
        """How many nobody ordered yet."""
        return int(self.stock.available)


@dataclass(frozen=True)
class RewardOnOffer:
    """A reward with the points that carry it: the nearest 200, those without a distance last.

    `opens_at` is when it is on sale next, None where it is now or never again. `refusal` is what an
    order of whoever asks would meet now; None where they may order, or where no one asks for
    themselves (`is_asked`).
    """

    reward: Reward
    stocks: list[StockAtPoint]
    opens_at: datetime | None = None
    refusal: DomainError | None = None
    is_asked: bool = False

    @property
    def may_order(self) -> bool | None:
        """Whether who asks may order now; None where no one asks for themselves."""
        return self.refusal is None if self.is_asked else None

    @property
    def available(self) -> int:
        """How many are left at all its points together that take orders."""
        return sum(each.available for each in self.stocks if not each.stock.paused)


@dataclass(frozen=True)
class RewardPage:
    """Rewards, newest first; `next_cursor` is None on the last page."""

    rewards: list[RewardOnOffer]
    next_cursor: str | None


def rewards_on_offer(
    *,
    unit_id: str | None = None,
    point_id: str | None = None,
    kind: RewardKind | None = None,
    affordable: bool = False,
    near: tuple[float, float] | None = None,
    limit: int = 20,
    cursor: str | None = None,
    by: Actor | None = None,
) -> RewardPage:
    """Rewards that coins buy now or soon, of one unit or at one point, each with what keeps `by`.

    `near` is (lat, lon) in WGS-84; `affordable` leaves those that the coins of `by` pay for now.
    What is awarded only, and whose sale is over, is left out. Raises BadCursor.
    """
    wanted: dict[str, Any] = {
        "state": RewardState.OFFERED,
        "price__gt": 0,
        "on_sale_until__not__lte": now(),
    }
    if unit_id is not None:
        wanted["unit_id"] = unit_id
    if kind is not None:
        wanted["kind"] = kind
    if point_id is not None:
        wanted["id__in"] = list(Stock.objects(point_id=point_id).scalar("reward_id"))
    purse = purse_of(by) if by else None
    if affordable and purse:
        wanted["price__lte"] = purse.coins
    found, next_cursor = page_of(Reward.objects(**wanted), limit, cursor)
    stocks = Stock.objects(reward_id__in=[reward.id for reward in found])
    if point_id is not None:
        stocks = stocks.filter(point_id=point_id)
    return RewardPage(_with_stocks(found, stocks, near, purse), next_cursor)


def rewards_of_unit(
    unit_id: str,
    state: RewardState,
    *,
    by: Actor,
    kind: RewardKind | None = None,
    limit: int = 20,
    cursor: str | None = None,
) -> RewardPage:
    """A unit's own rewards in one state, drafts among them, for its officers.

    Raises UnitNotFound, NotAllowed, BadCursor.
    """
    by.must_hold(*OFFICERS, at=unit_of(unit_id))
    wanted: dict[str, Any] = {"unit_id": unit_id, "state": state}
    if kind is not None:
        wanted["kind"] = kind
    found, next_cursor = page_of(Reward.objects(**wanted), limit, cursor)
    stocks = Stock.objects(reward_id__in=[reward.id for reward in found])
    return RewardPage(_with_stocks(found, stocks, None, None), next_cursor)


def reward_on_offer(
    reward_id: str, *, by: Actor, near: tuple[float, float] | None = None
) -> RewardOnOffer:
    """One reward with its stocks, on offer or withdrawn; a draft to officers reaching it alone.

    Raises RewardNotFound, for drafts of others too.
    """
    reward = seen_reward(reward_id, by)
    stocks = Stock.objects(reward_id=reward.id)
    return _with_stocks([reward], stocks, near, purse_of(by))[0]


def seen_reward(reward_id: str, by: Actor) -> Reward:
    """The reward, where `by` may see it. Raises RewardNotFound, for drafts of others too."""
    reward = reward_of(reward_id)
    if reward.state == RewardState.DRAFT and not by.holds(*OFFICERS, at=unit_of(reward.unit_id)):
        raise RewardNotFound
    return reward


def reward_with_stocks(reward: Reward, near: tuple[float, float] | None = None) -> RewardOnOffer:
    """The reward with what is left of it at each point, whatever its state."""
    return _with_stocks([reward], Stock.objects(reward_id=reward.id), near, None)[0]


def stock_at_point(stock: Stock) -> StockAtPoint:
    """A stock with its point."""
    return StockAtPoint(unit_of(stock.point_id), stock)


def _with_stocks(
    rewards: list[Reward],
    stocks: Iterable[Stock],
    near: tuple[float, float] | None,
    purse: Purse | None,
) -> list[RewardOnOffer]:
    stocks = list(stocks)
    points = units_of([stock.point_id for stock in stocks])
    shelves: dict[str, list[StockAtPoint]] = {reward.id: [] for reward in rewards}
    for stock in stocks:
        point = points[stock.point_id]
        shelves[stock.reward_id].append(StockAtPoint(point, stock, _distance_m(point, near)))
    refusals = prospects_of(rewards, stocks, purse) if purse else {}
    return [
        RewardOnOffer(
            reward,
            nsmallest(MOST_STOCKS, shelves[reward.id], key=_nearest_first),
            _opens_at(reward),
            refusals.get(reward.id),
            is_asked=purse is not None,
        )
        for reward in rewards
    ]


def _opens_at(reward: Reward) -> datetime | None:
    moment = now()
    opens_at = next_opening(reward, moment, ZoneInfo(settings().business_time_zone))
    return opens_at if opens_at and opens_at > moment else None


def _distance_m(point: Unit, near: tuple[float, float] | None) -> float | None:
    if near is None or not point.location:
        return None
    lon, lat = point.location["coordinates"]
    return distance_m(near, (lat, lon))


def _nearest_first(at: StockAtPoint) -> tuple[bool, float, str]:
    return at.distance_m is None, at.distance_m or 0.0, at.point.id
