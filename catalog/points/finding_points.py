"""Finding points: the redemption points around a position, open or when, and what one carries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from catalog.offering import redemption_point_of
from catalog.points.opening_hours import is_open_at, next_opening
from catalog.points.point_profile import PointProfile
from catalog.reward import Reward, RewardState
from catalog.stock import Stock
from people import Unit, UnitKind, units_near
from settings import settings
from shared.clock import now
from shared.cursors import from_cursor, to_cursor
from shared.geo import distance_m

MOST_ON_A_PAGE = 100
# Who filters by what is open looks through so many points at most in one question.
MOST_LOOKED_AT = 400
MOST_CARRIED = 200


@dataclass(frozen=True)
class PointFound:
    """A point with its profile, None where it has none.

    `is_open` and `opens_at` (UTC; this very moment where it is open) are None where it never said
    its hours; a paused point is not open and opens nobody knows when.
    """

    point: Unit
    profile: PointProfile | None
    is_open: bool | None
    opens_at: datetime | None
    distance_m: float | None = None


@dataclass(frozen=True)
class PointPage:
    """Points, the nearest first; `next_cursor` is None on the last page."""

    points: list[PointFound]
    next_cursor: str | None


@dataclass(frozen=True)
class Carried:
    """A reward on offer at a point, and how many are left there."""

    reward: Reward
    available: int


@dataclass(frozen=True)
class PointInFull:
    """A point with what it carries: rewards on offer, newest first, at most 200."""

    found: PointFound
    carries: list[Carried]


def points_near(
    near: tuple[float, float],
    *,
    reward_id: str | None = None,
    open_now: bool = False,
    limit: int = 20,
    cursor: str | None = None,
) -> PointPage:
    """Redemption points by their distance from `near`, (lat, lon) in WGS-84.

    Those that carry a reward and have some left, where one is named; those open now, where that is
    asked. A page may be short where few are open. Raises BadCursor.
    """
    limit = max(1, min(limit, MOST_ON_A_PAGE))
    skip = max(0, min(from_cursor(cursor, int)[0], 2**31 - 1)) if cursor else 0
    among = None if reward_id is None else _carrying(reward_id)
    kept: list[PointFound] = []
    for looked_at in range(0, MOST_LOOKED_AT, MOST_ON_A_PAGE):
        units = units_near(
            UnitKind.REDEMPTION_POINT,
            near,
            among=among,
            skip=skip + looked_at,
            limit=MOST_ON_A_PAGE + 1,
        )
        for number, found in enumerate(_found(units[:MOST_ON_A_PAGE], near), looked_at + 1):
            if open_now and not found.is_open:
                continue
            kept.append(found)
            if len(kept) == limit:
                more = number - looked_at < len(units)
                return PointPage(_nearest_first(kept), to_cursor(skip + number) if more else None)
        if len(units) <= MOST_ON_A_PAGE:
            return PointPage(_nearest_first(kept), None)
    return PointPage(_nearest_first(kept), to_cursor(skip + MOST_LOOKED_AT))


def point_of(point_id: str, *, near: tuple[float, float] | None = None) -> PointInFull:
    """One redemption point, open or not, and what it carries.

    Raises UnitNotFound, NotARedemptionPoint.
    """
    point = redemption_point_of(point_id)
    return PointInFull(_found([point], near)[0], _carried_at(point_id))


def _carrying(reward_id: str) -> list[str]:
    stocks = Stock.objects(reward_id=reward_id, available__gte=1, withdrawn__ne=True)
    return list(stocks.scalar("point_id"))


def _carried_at(point_id: str) -> list[Carried]:
    stocks = Stock.objects(point_id=point_id, withdrawn__ne=True)
    left = {stock.reward_id: stock.available for stock in stocks}
    rewards = Reward.objects(id__in=list(left), state=RewardState.OFFERED)
    found = rewards.order_by("-id").limit(MOST_CARRIED)
    return [Carried(reward, left[reward.id]) for reward in found]


def _found(points: Iterable[Unit], near: tuple[float, float] | None) -> list[PointFound]:
    points, moment = list(points), now()
    profiles = PointProfile.objects.in_bulk([point.id for point in points])
    return [_with_profile(point, profiles.get(point.id), near, moment) for point in points]


def _with_profile(
    point: Unit,
    profile: PointProfile | None,
    near: tuple[float, float] | None,
    moment: datetime,
) -> PointFound:
    hours = profile.hours() if profile else None
    zone = ZoneInfo(settings().business_time_zone)
    is_open, opens_at = None, None
    if profile and profile.paused:
        is_open = False
    elif hours is not None:
        is_open, opens_at = is_open_at(hours, moment, zone), next_opening(hours, moment, zone)
    return PointFound(point, profile, is_open, opens_at, _distance_m(point, near))


def _distance_m(point: Unit, near: tuple[float, float] | None) -> float | None:
    if near is None or not point.location:
        return None
    lon, lat = point.location["coordinates"]
    return distance_m(near, (lat, lon))


def _nearest_first(found: list[PointFound]) -> list[PointFound]:
    # The database sorts on a sphere, the distances are those of the ellipsoid.
    return sorted(found, key=lambda one: (one.distance_m or 0.0, one.point.id))
