"""Where a unit's budget of a year stands: what came in and went out, and what its rule says."""

from collections.abc import Mapping
from typing import Any

from pymongo.client_session import ClientSession

from ledger import GENERAL_FUND, reversed_among, slices_in_year
from rates.budgets.budget_grant import BudgetGrant
from rates.budgets.budget_rule import BudgetRule, rule_id
from rates.budgets.budget_transfer import BudgetTransfer, TransferState
from rates.budgets.thresholds import BudgetStanding
from shared.database import collection


def budget_standing(
    unit_id: str, year: int, fund: str = GENERAL_FUND, *, session: ClientSession | None = None
) -> BudgetStanding:
    """The unit's budget of a year from a fund, all zero where there is none.

    With `session` as its transaction sees it.
    """
    slices = slices_in_year(unit_id, year, fund=fund, session=session)
    rule = collection(BudgetRule).find_one({"_id": rule_id(unit_id, year, fund)}, session=session)
    in_quarters = sum(each.available for each in slices if each.quarter is not None)
    return BudgetStanding(
        unit_id,
        year,
        fund,
        granted=_granted(unit_id, year, fund, session),
        moved_in=_moved("to_unit_id", unit_id, year, fund, session),
        moved_out=_moved("from_unit_id", unit_id, year, fund, session),
        set_aside_in_quarters=in_quarters,
        left=sum(each.available for each in slices),
        **_percents(rule or {}),
    )


def _granted(unit_id: str, year: int, fund: str, session: ClientSession | None) -> int:
    """What was granted by grants that are not reversed."""
    wanted = {"unit_id": unit_id, "year": year, "fund": fund}
    found = collection(BudgetGrant).find(wanted, {"entry_id": 1, "coins": 1}, session=session)
    coins_by_entry = {grant["entry_id"]: int(grant["coins"]) for grant in found}
    gone = reversed_among(coins_by_entry, session=session)
    return sum(coins for entry_id, coins in coins_by_entry.items() if entry_id not in gone)


def _moved(side: str, unit_id: str, year: int, fund: str, session: ClientSession | None) -> int:
    """What approved transfers brought to the unit, or took from it."""
    approved = {"state": TransferState.APPROVED.value}
    wanted = {side: unit_id, "year": year, "fund": fund, **approved}
    found = collection(BudgetTransfer).find(wanted, {"coins": 1}, session=session)
    return sum(int(transfer["coins"]) for transfer in found)


def _percents(rule: Mapping[str, Any]) -> dict[str, int | None]:
    return {name: rule.get(name) for name in ("warn_percent", "stop_percent")}
