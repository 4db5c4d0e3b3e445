"""Questions about the catalogue: what is on offer where and how far, and whose voucher is what."""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from catalog.code_keys import code_of
from catalog.codes import grouped
from catalog.offering import OFFICERS, RewardNotFound, reward_of
from catalog.ordering import owned_voucher
from catalog.reward import Reward, RewardState
from catalog.stock import Stock
from catalog.voucher import Voucher
from people import Actor, Unit, unit_of, units_of
from shared.cursors import from_cursor, to_cursor
from shared.geo import distance_m

MOST_ON_A_PAGE = 100
MOST_STOCKS = 200


@dataclass(frozen=True)
class StockAtPoint:
    """What is left of a reward at one point; `distance_m` from the position asked about."""

    point: Unit
    supplied: int
    available: int
    distance_m: float | None = None


@dataclass(frozen=True)
class RewardOnOffer:
    """A reward with the points that carry it: the nearest 200, those without a distance last."""

    reward: Reward
    stocks: list[StockAtPoint]


@dataclass(frozen=True)
class RewardPage:
    """Rewards, newest first; `next_cursor` is None on the last page."""

    rewards: list[RewardOnOffer]
    next_cursor: str | None


@dataclass(frozen=True)
class VoucherInHand:
    """A voucher as its owner sees it: with its reward, its point and its code, in groups."""

    voucher: Voucher
    reward: Reward
    point: Unit
    code: str


@dataclass(frozen=True)
class VoucherPage:
    """Vouchers, newest first; `next_cursor` is None on the last page."""

    vouchers: list[VoucherInHand]
    next_cursor: str | None


def rewards_on_offer(
    *,
    unit_id: str | None = None,
    point_id: str | None = None,
    near: tuple[float, float] | None = None,
    limit: int = 20,
    cursor: str | None = None,
) -> RewardPage:
    """Rewards that can be ordered, of one unit or at one point; `near` is (lat, lon) in WGS-84.

    Raises BadCursor.
    """
    wanted: dict[str, Any] = {"state": RewardState.OFFERED}
    if unit_id is not None:
        wanted["unit_id"] = unit_id
    if point_id is not None:
        wanted["id__in"] = list(Stock.objects(point_id=point_id).scalar("reward_id"))
    found, next_cursor = _page(Reward.objects(**wanted), limit, cursor)
    stocks = Stock.objects(reward_id__in=[reward.id for reward in found])
    if point_id is not None:
        stocks = stocks.filter(point_id=point_id)
    return RewardPage(_with_stocks(found, stocks, near), next_cursor)


def reward_on_offer(
    reward_id: str, *, by: Actor, near: tuple[float, float] | None = None
) -> RewardOnOffer:
    """One reward with its stocks, on offer or withdrawn; a draft to officers reaching it alone.

    Raises RewardNotFound, for drafts of others too.
    """
    reward = reward_of(reward_id)
    if reward.state == RewardState.DRAFT and not by.holds(*OFFICERS, at=unit_of(reward.unit_id)):
        raise RewardNotFound
    return reward_with_stocks(reward, near)


def reward_with_stocks(reward: Reward, near: tuple[float, float] | None = None) -> RewardOnOffer:
    """The reward with what is left of it at each point, whatever its state."""
    return _with_stocks([reward], Stock.objects(reward_id=reward.id), near)[0]


def stock_at_point(stock: Stock) -> StockAtPoint:
    """A stock with its point."""
    return StockAtPoint(unit_of(stock.point_id), stock.supplied, stock.available)


def _with_stocks(
    rewards: list[Reward], stocks: Iterable[Stock], near: tuple[float, float] | None
) -> list[RewardOnOffer]:
    stocks = list(stocks)
    points = units_of([stock.point_id for stock in stocks])
    shelves: dict[str, list[StockAtPoint]] = {reward.id: [] for reward in rewards}
    for stock in stocks:
        point = points[stock.point_id]
        shelves[stock.reward_id].append(
            StockAtPoint(point, stock.supplied, stock.available, _distance_m(point, near))
        )
    return [
        RewardOnOffer(reward, nsmallest(MOST_STOCKS, shelves[reward.id], key=_nearest_first))
        for reward in rewards
    ]


def _distance_m(point: Unit, near: tuple[float, float] | None) -> float | None:
    if near is None or not point.location:
        return None
    lon, lat = point.location["coordinates"]
    return distance_m(near, (lat, lon))


def _nearest_first(stock: StockAtPoint) -> tuple[bool, float, str]:
    return stock.distance_m is None, stock.distance_m or 0.0, stock.point.id


def vouchers_of(by: Actor, *, limit: int = 20, cursor: str | None = None) -> VoucherPage:
    """The caller's own vouchers of every state, newest first. Raises BadCursor."""
    found, next_cursor = _page(Voucher.objects(person_id=by.person_id), limit, cursor)
    rewards = Reward.objects.in_bulk([voucher.reward_id for voucher in found])
    points = units_of([voucher.point_id for voucher in found])
    return VoucherPage(
        [
            VoucherInHand(
                voucher, rewards[voucher.reward_id], points[voucher.point_id], shown_code(voucher)
            )
            for voucher in found
        ],
        next_cursor,
    )


def voucher_of(voucher_id: str, *, by: Actor) -> VoucherInHand:
    """One of the caller's own vouchers. Raises VoucherNotFound, for others' too."""
    return voucher_in_hand(owned_voucher(voucher_id, by))


def voucher_in_hand(voucher: Voucher) -> VoucherInHand:
    """A voucher with its reward, point and code: for its owner's eyes."""
    return VoucherInHand(
        voucher, reward_of(voucher.reward_id), unit_of(voucher.point_id), shown_code(voucher)
    )


def shown_code(voucher: Voucher) -> str:
    """The voucher's code in groups that read aloud well; what its QR says, too."""
    return grouped(code_of(voucher))


def _page(wanted: Any, limit: int, cursor: str | None) -> tuple[list[Any], str | None]:
    """One page of a query, newest first: ids rise with time."""
    if cursor:
        wanted = wanted.filter(id__lt=from_cursor(cursor, str)[0])
    most = max(1, min(limit, MOST_ON_A_PAGE))
    found = list(wanted.order_by("-id").limit(most + 1))
    more = len(found) > most
    return found[:most], to_cursor(found[most - 1].id) if more else None
