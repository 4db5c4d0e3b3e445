"""What one day did to a point's shelf: of each reward how many lay there, left and came back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalog.reward import Reward
from catalog.settlement.asking import StatementAtPoint
from catalog.settlement.closing import business_zone
from catalog.settlement.days import day_begins, day_ends
from catalog.stock import Stock
from catalog.voucher import HANDED_OVER, Voucher
from shared.database import collection


@dataclass(frozen=True)
class StockDay:
    """One reward at one point on one day, in items.

    `opening` is what was there at the day's beginning, by what the point is known to have been
    supplied with; `returned` were brought back of what the day handed over, `restocked` were put
    back on the shelf on the day, whenever they had left it.
    """

    reward_id: str
    title: str
    title_en: str
    opening: int
    handed_over: int
    returned: int
    restocked: int

    @property
    def closing(self) -> int:
        """What was there when the day was over."""
        return self.opening - self.handed_over + self.restocked


def stock_days(stated: StatementAtPoint) -> list[StockDay]:
    """The shelf of the statement's point on its day, of each reward that it handed over or has."""
    zone, day = business_zone(), date.fromisoformat(stated.statement.day)
    point_id = stated.point.id
    stocks = {row["reward_id"]: row for row in collection(Stock).find({"point_id": point_id})}
    counted = _counted(point_id, list(stocks), day_begins(day, zone), day_ends(day, zone))
    titles = {row["_id"]: row for row in collection(Reward).find({"_id": {"$in": list(stocks)}})}
    shelf = [
        _of(titles[reward_id], int(stocks[reward_id]["supplied"]), counted.get(reward_id, {}))
        for reward_id in sorted(stocks)
    ]
    return [one for one in shelf if one.opening or one.handed_over or one.restocked]


def _counted(
    point_id: str, reward_ids: list[str], begins: Any, ends: Any
) -> dict[str, Mapping[str, Any]]:
    """Of each reward how many were handed over before the day, and on it, and came back since.

    What was on the shelf again before the day counts as never having left it.
    """
    in_day = {"$gte": ["$redeemed_at", begins]}
    is_restocked = {"$eq": ["$is_restocked", True]}
    back_before = {"$and": [is_restocked, {"$lt": ["$ended_at", begins]}]}
    back_in_day = {
        "$and": [is_restocked, {"$gte": ["$ended_at", begins]}, {"$lt": ["$ended_at", ends]}]
    }
    is_back = {"$eq": ["$state", "refunded"]}
    steps: list[dict[str, Any]] = [
        {
            "$match": {
                "reward_id": {"$in": reward_ids},
                "point_id": point_id,
                "state": {"$in": [state.value for state in HANDED_OVER]},
                "redeemed_at": {"$lt": ends},
            }
        },
        {
            "$group": {
                "_id": "$reward_id",
                "before": {"$sum": {"$cond": [{"$or": [in_day, back_before]}, 0, 1]}},
                "restocked": {"$sum": {"$cond": [back_in_day, 1, 0]}},
                "handed_over": {"$sum": {"$cond": [in_day, 1, 0]}},
                "returned": {"$sum": {"$cond": [{"$and": [in_day, is_back]}, 1, 0]}},
            }
        },
    ]
    return {row["_id"]: row for row in collection(Voucher).aggregate(steps)}


def _of(reward: Mapping[str, Any], supplied: int, counted: Mapping[str, Any]) -> StockDay:
    return StockDay(
        reward_id=reward["_id"],
        title=reward["title"],
        title_en=reward.get("title_en", ""),
        opening=supplied - counted.get("before", 0),
        handed_over=counted.get("handed_over", 0),
        returned=counted.get("returned", 0),
        restocked=counted.get("restocked", 0),
    )
