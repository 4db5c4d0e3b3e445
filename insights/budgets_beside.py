"""What a replay cost beside what is left in the budgets of the units whose tasks it was."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from insights.replaying_rates import Replayed
from ledger import slices_in_year
from people import Unit
from rates import budget_quarter_of, budget_year_of

DAY_S = 86_400


def budget_beside(
    unit: Unit,
    sums: Replayed,
    *,
    since: datetime,
    until: datetime,
    priced_at: datetime,
    tell: Callable[[], None],
) -> dict[str, Any]:
    """What is left this year of the unit's budgets and of those below that paid for the work.

    `lasts_days` says for how long at the pace of the replay; None where nothing was spent. Each
    of `units` has its own `left`. There may be thousands of them: `tell` is called at each.
    """
    year, quarter = budget_year_of(priced_at), budget_quarter_of(priced_at)
    left = {}
    for unit_id in sorted({unit.id, *sums.units}):
        left[unit_id] = _left(unit_id, year, quarter)
        tell()
    days = (until - since).total_seconds() / DAY_S
    whole = sum(left.values())
    return {
        "year": year,
        "left": whole,
        "days": round(days, 3),
        "paid_lasts_days": _lasts(whole, sums.total.paid, days),
        "drafted_lasts_days": _lasts(whole, sums.total.drafted, days),
        "of_units": left,
    }


def _left(unit_id: str, year: int, quarter: int) -> int:
    """Of the year's budgets, and of those of this quarter and the ones to come."""
    slices = slices_in_year(unit_id, year)
    return sum(each.available for each in slices if (each.quarter or quarter) >= quarter)


def _lasts(left: int, spent: int, days: float) -> float | None:
    return round(left * days / spent, 1) if spent > 0 else None
