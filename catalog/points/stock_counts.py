"""A point's stock counts, newest first, for its clerks and officers."""

from dataclasses import dataclass

from catalog.offering import OFFICERS, redemption_point_of
from catalog.points.stock_count import StockCount
from people import Actor, Role
from shared.cursors import from_cursor, to_cursor

MOST_ON_A_PAGE = 100


@dataclass(frozen=True)
class StockCountPage:
    """Counts, newest first; `next_cursor` is None on the last page."""

    counts: list[StockCount]
    next_cursor: str | None


def stock_counts_of(
    point_id: str, *, by: Actor, limit: int = 20, cursor: str | None = None
) -> StockCountPage:
    """What was counted at a point.

    Raises UnitNotFound, NotARedemptionPoint, NotAllowed, BadCursor.
    """
    by.must_hold(Role.CLERK, *OFFICERS, at=redemption_point_of(point_id))
    wanted = StockCount.objects(point_id=point_id)
    if cursor:
        wanted = wanted.filter(id__lt=from_cursor(cursor, str)[0])
    most = max(1, min(limit, MOST_ON_A_PAGE))
    found = list(wanted.order_by("-id").limit(most + 1))
    more = len(found) > most
    return StockCountPage(found[:most], to_cursor(found[most - 1].id) if more else None)
