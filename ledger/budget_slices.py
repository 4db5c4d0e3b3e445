"""What the slices of a unit's budgets hold, read at once: by one who draws, in the transaction."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pymongo.client_session import ClientSession

from ledger.accounts import AccountKind, budget_period
from ledger.balance import Balance
from ledger.entry import Currency
from shared.database import collection

# A budget's name up to its slice, with its parts by name; of a year where no quarter is named.
_NAME = re.compile(
    rf"^{AccountKind.BUDGET}:(?P<unit>[^:]+):(?P<fund>[^:]+):(?P<year>[0-9]{{4}})"
    r"(?:Q(?P<quarter>[1-4]))?:(?P<number>[0-9]+)\|"
)
_ANY_FUND = "[^:]+"


@dataclass(frozen=True)
class BudgetSlice:
    """One slice of a budget: Fu coins that may be spent, and how many entries moved on it.

    `quarter` is None where the budget is that of the whole year.
    """

    fund: str
    quarter: int | None
    number: int
    available: int
    entries: int


@dataclass(frozen=True)
class HeldBudget:
    """Whose quarter's budget it is, of which year and fund, that holds Fu coins."""

    unit_id: str
    fund: str
    year: int
    quarter: int


def slices_of(
    unit_id: str,
    year: int,
    *,
    fund: str | None = None,
    quarter: int | None = None,
    session: ClientSession | None = None,
) -> list[BudgetSlice]:
    """The slices ever used of the unit's budgets of a year, or of one quarter of it, by name.

    Of one fund or of all. With `session` as its transaction sees them: a decision on what they
    hold is exact then, for whoever changes one meanwhile makes the transaction start anew.
    """
    return _slices(unit_id, fund, budget_period(year, quarter), session)


def slices_in_year(
    unit_id: str, year: int, *, fund: str | None = None, session: ClientSession | None = None
) -> list[BudgetSlice]:
    """The slices ever used of the unit's budgets of a year and of all its quarters, by name."""
    return _slices(unit_id, fund, rf"{year:04d}(?:Q[1-4])?", session)


def quarters_holding_coins() -> list[HeldBudget]:
    """The quarters' budgets, of all units, in which coins lie that may be spent."""
    name = (
        rf"^{AccountKind.BUDGET}:{_ANY_FUND}:{_ANY_FUND}:[0-9]{{4}}Q[1-4]:[0-9]+\|{Currency.FUB}$"
    )
    found = collection(Balance).find({"_id": {"$regex": name}, "posted": {"$gt": 0}}, {"_id": 1})
    named = [_parts(each["_id"]) for each in found]
    held = {(one["unit"], one["fund"], int(one["year"]), int(one["quarter"])) for one in named}
    return [HeldBudget(*each) for each in sorted(held)]


def _slices(
    unit_id: str, fund: str | None, period: str, session: ClientSession | None
) -> list[BudgetSlice]:
    funds = _ANY_FUND if fund is None else re.escape(fund)
    name = rf"^{AccountKind.BUDGET}:{re.escape(unit_id)}:{funds}:{period}:[0-9]+\|{Currency.FUB}$"
    found = collection(Balance).find({"_id": {"$regex": name}}, session=session).sort("_id", 1)
    return [_slice(each) for each in found]


def _slice(kept: Mapping[str, Any]) -> BudgetSlice:
    parts = _parts(kept["_id"])
    quarter = int(parts["quarter"]) if parts["quarter"] else None
    available = int(kept["posted"]) - int(kept.get("held", 0))
    return BudgetSlice(
        parts["fund"], quarter, int(parts["number"]), available, int(kept["entries"])
    )


def _parts(balance_id: str) -> dict[str, str]:
    found = _NAME.match(balance_id)
    assert found is not None, balance_id  # it was asked for by this very shape
    return found.groupdict()
