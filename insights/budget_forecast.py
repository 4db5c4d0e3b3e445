"""Budget forecast: how fast a unit's budgets were drawn of late, and when they are used up."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from insights.forecasting import WEEK, Forecast, forecast
from ledger import BudgetSlice, accounts, first_drawn_at, net_drawn, slices_in_year
from people import Actor, Role, unit_of
from rates import budget_year_of, quarter_ends_at
from shared.clock import now

READERS = (Role.RATE_ADMIN, Role.CENTRE_OFFICER, Role.AUDITOR, Role.ADMIN)
WEEKS = 8
LAST_QUARTER = 4


@dataclass(frozen=True)
class BudgetForecast:
    """One budget and how it burns down, in Fu coins.

    `weekly` is what was drawn in each of the last whole weeks less what came back, oldest first.
    `quarter` is None for the whole year, its quarters' envelopes included.
    """

    fund: str
    quarter: int | None
    left: int
    ends_at: datetime
    weekly: tuple[int, ...]
    forecast: Forecast


@dataclass(frozen=True)
class UnitForecasts:
    """The forecasts of a unit's budgets of one year, by fund, each year before its quarters."""

    unit_id: str
    year: int
    at: datetime
    budgets: tuple[BudgetForecast, ...]


def budget_forecasts(unit_id: str, *, year: int | None = None, by: Actor) -> UnitForecasts:
    """How each of the unit's budgets of a year (this one) burns down at its pace of eight weeks.

    A quarter's envelope is forecast while the quarter has not ended. Raises UnitNotFound,
    NotAllowed.
    """
    by.must_hold(*READERS, at=unit_of(unit_id))
    moment = now()
    year = year or budget_year_of(moment)
    found: dict[tuple[str, int], list[BudgetSlice]] = defaultdict(list)
    for one in slices_in_year(unit_id, year):
        found[one.fund, 0].append(one)
        if one.quarter is not None and moment < quarter_ends_at(year, one.quarter):
            found[one.fund, one.quarter].append(one)
    told = (
        _forecast(unit_id, year, fund, quarter or None, found[fund, quarter], moment)
        for fund, quarter in sorted(found)
    )
    return UnitForecasts(unit_id, year, moment, tuple(told))


def _forecast(
    unit_id: str,
    year: int,
    fund: str,
    quarter: int | None,
    slices: Sequence[BudgetSlice],
    moment: datetime,
) -> BudgetForecast:
    names = [
        accounts.budget(unit_id, year, one.number, fund=fund, quarter=one.quarter) for one in slices
    ]
    left = sum(one.available for one in slices)
    ends_at = quarter_ends_at(year, quarter or LAST_QUARTER)
    weekly = _weekly(names, moment) if moment < ends_at else []
    burnt = forecast(weekly, left, moment=moment, ends_at=ends_at)
    return BudgetForecast(fund, quarter, left, ends_at, tuple(weekly), burnt)


def _weekly(names: Sequence[str], moment: datetime) -> list[int]:
    """What was drawn in each of the last whole weeks, at most eight, since the first draw."""
    first_at = first_drawn_at(names)
    if first_at is None or first_at >= moment:
        return []
    # The weeks before anybody drew from it would make it seem to last longer than it will.
    weeks = min(WEEKS, (moment - first_at) // WEEK)
    if weeks == 0:
        return []
    return net_drawn(names, [moment - WEEK * number for number in range(weeks, -1, -1)])
