"""Low stocks: officers and the point's clerks are told that little is left, once a supply."""

from typing import Any

from catalog.offering import reward_of
from catalog.points.point_profile import PointProfile
from catalog.points.rounds import next_in_round
from catalog.reward import RewardState
from catalog.stock import Stock
from notices import tell_people
from people import Role, holders_of, unit_of
from shared.database import collection
from shared.sweeping import sweep_each

# A run is every few seconds: of a city with more stocks it looks at these many in turn.
MOST_PER_RUN = 1_000
# Where neither the stock nor its point says how few are few: a tenth of what was supplied.
PARTS_OF_A_SUPPLY = 10


def low_level(supplied: int, at_point: int | None) -> int:
    """How few are few where the stock itself does not say: what the point says, else a tenth.

    At least 1, and never all that was supplied: a full shelf is not a low one.
    """
    level = max(1, supplied // PARTS_OF_A_SUPPLY) if at_point is None else at_point
    return min(level, supplied - 1)


def tell_low_stocks() -> int:
    """Tell of stocks that have become low at their present supply; how many were told of.

    Looks at 1,000 of them a run, in turns.
    """
    shown = {"supplied": 1, "available": 1, "low_at": 1, "reward_id": 1, "point_id": 1}
    untold = {
        "withdrawn": {"$ne": True},
        "supplied": {"$gte": 1},
        "$expr": {"$ne": ["$low_told_for", "$supplied"]},
    }
    found = next_in_round("low_stocks", Stock, untold, shown, MOST_PER_RUN)
    levels = _levels_of_points({row["point_id"] for row in found})
    return sweep_each([row for row in found if _is_low(row, levels.get(row["point_id"]))], _tell)


def _levels_of_points(point_ids: set[str]) -> dict[str, int]:
    wanted = {"_id": {"$in": sorted(point_ids)}, "low_at": {"$type": "number"}}
    said = collection(PointProfile).find(wanted, {"low_at": 1})
    return {row["_id"]: row["low_at"] for row in said}


def _is_low(stock: dict[str, Any], at_point: int | None) -> bool:
    if "low_at" not in stock:
        return bool(stock["available"] <= low_level(stock["supplied"], at_point))
    # None there was said by somebody: never.
    return stock["low_at"] is not None and bool(stock["available"] <= stock["low_at"])


def _tell(stock: dict[str, Any]) -> bool:
    reward, point = reward_of(stock["reward_id"]), unit_of(stock["point_id"])
    if reward.state != RewardState.OFFERED:
        return False
    facts = {
        "title": {"zh-CN": reward.title, "en": reward.title_en or reward.title},
        "place": {"zh-CN": point.name, "en": point.name_en or point.name},
        "left": stock["available"],
        "supplied": stock["supplied"],
        "reward_id": reward.id,
        "point_id": point.id,
    }
    staff = holders_of(Role.CENTRE_OFFICER, Role.CLERK, at=point)
    # The notice's own key tells nobody twice, should what follows be cut off.
    tell_people(staff, "stock_low", facts, key=f"stock_low:{stock['_id']}:{stock['supplied']}")
    told = {"$set": {"low_told_for": stock["supplied"]}}
    collection(Stock).update_one({"_id": stock["_id"], "supplied": stock["supplied"]}, told)
    return True
