"""The naive opponent of pricing: the same card, minute by minute, in decimals.

What one would write first: each minute asks what time of day it is, which day and which weather;
the calendar is asked once for each day. A test holds that it comes to the coins of `rates.quote`.
"""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from rates import Action
from shared.working_days import day_kind

MINUTE = timedelta(minutes=1)
HOUR_MINUTES = 60
WEATHER = ("heat", "storm")


def price_by_minutes(card: dict[str, Any], action: Action) -> int:
    """The coins of an action of whole minutes, each part added up minute by minute.

    `card` is plain values by the names of a rate card's fields; it inherits nothing.
    """
    line = next(line for line in card["lines"] if line["kind"] == action.kind)
    minutes = list(_minutes_of(action))
    a_minute, base = Decimal(line["per_hour"]), Decimal(line["base"])
    distance = Decimal(line.get("per_km", 0)) * int(action.distance_m) / 1000
    parts = [base, distance, sum((a_minute for _ in minutes), Decimal()) / HOUR_MINUTES]
    for one in card["multipliers"]:
        if one.get("kinds") and action.kind not in one["kinds"]:
            continue
        worth = sum((a_minute for at in minutes if _is_in(one, at, action)), Decimal())
        if _is_in(one, action.starts_at, action):
            worth += (base + distance) * HOUR_MINUTES
        parts.append(worth * (one["percent"] - 100) / (100 * HOUR_MINUTES))
    parts += [
        Decimal(extra["coins"])
        for extra in card["extras"]
        if any(extra["starts_at"] <= at < extra["ends_at"] for at in minutes)
    ]
    total = sum(int(part.quantize(Decimal(1), ROUND_HALF_UP)) for part in parts)
    total = max(total, line["minimum"])
    return min(total, line["maximum"]) if "maximum" in line else total


def _minutes_of(action: Action) -> Any:
    moment = action.starts_at
    while moment < action.ends_at:
        yield moment
        moment += MINUTE


def _is_in(one: dict[str, Any], at: datetime, action: Action) -> bool:
    if one["occasion"] == "gap_area":
        return not action.unit_ids.isdisjoint(one["unit_ids"])
    if one["occasion"] in WEATHER:
        return any(
            span.occasion == one["occasion"] and span.starts_at <= at < span.ends_at
            for span in action.weather
        )
    there = at.astimezone(action.zone)
    if one["occasion"] == "night":
        return _is_night(there, one["from_minute"], one["until_minute"])
    return _kind_of(there.date()) == one["occasion"]


@lru_cache(maxsize=10_000)
def _kind_of(day: date) -> str:
    return day_kind(day).value


def _is_night(there: datetime, begins: int, ends: int) -> bool:
    minute = there.hour * HOUR_MINUTES + there.minute
    return begins <= minute < ends if begins < ends else minute >= begins or minute < ends
