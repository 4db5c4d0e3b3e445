"""Lots: coins that expire, by the last month in which they may be spent. Pure.

A wallet's lots are a mapping of month ("2027-03") to coins. Coins in no lot never expire.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from shared.clock import business_month, month_later

Lots = dict[str, int]

# A lot that comes back after its month is over can be spent for so long at least.
GRACE = timedelta(days=30)


def last_month(effective_at: datetime, months: int) -> str:
    """The last month in which coins earned then may be spent, where they last so many months."""
    return month_later(business_month(effective_at), months)


def is_over(month: str, moment: datetime) -> bool:
    """Whether a lot of this month can no longer be spent at `moment`."""
    return month < business_month(moment)


def over(lots: Mapping[str, int], moment: datetime) -> int:
    """How many coins of the lots can no longer be spent at `moment`."""
    return sum(coins for month, coins in lots.items() if is_over(month, moment))


def in_time(lots: Mapping[str, int], moment: datetime) -> Lots:
    """The lots as they are given at `moment`: one whose month is over is given 30 days."""
    given: Lots = {}
    for month, coins in lots.items():
        if is_over(month, moment):
            month = business_month(moment + GRACE)
        given[month] = given.get(month, 0) + coins
    return given


def earliest(lots: Mapping[str, int], coins: int) -> Lots:
    """The lots that pay `coins`, earliest month first; less where the lots hold less."""
    return _taken(sorted(lots.items()), coins)


def latest(lots: Mapping[str, int], coins: int) -> Lots:
    """The lots that make up `coins`, latest month first; less where the lots hold less."""
    return _taken(sorted(lots.items(), reverse=True), coins)


def _taken(ordered: list[tuple[str, int]], coins: int) -> Lots:
    taken: Lots = {}
    for month, held in ordered:
        part = min(held, coins)
        if part > 0:
            taken[month] = part
            coins -= part
    return taken


def together(one: Mapping[str, int], other: Mapping[str, int]) -> Lots:
    """Both as one, month by month; months that come to nothing are left out."""
    sums = {month: one.get(month, 0) + other.get(month, 0) for month in {*one, *other}}
    return {month: coins for month, coins in sorted(sums.items()) if coins}


def less(one: Mapping[str, int], other: Mapping[str, int]) -> Lots:
    """What is left of `one` without `other`."""
    return together(one, {month: -coins for month, coins in other.items()})
