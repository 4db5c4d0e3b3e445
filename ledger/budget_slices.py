"""What the slices of a unit's budgets hold, read at once: by one who draws, in the transaction."""

import re
from dataclasses import dataclass

from pymongo.client_session import ClientSession

from ledger.accounts import AccountKind
from ledger.balance import Balance
from ledger.entry import Currency
from shared.database import collection


@dataclass(frozen=True)
class BudgetSlice:
    """One slice of a budget: Fu coins that may be spent, and how many entries moved on it."""

    fund: str
    number: int
    available: int
    entries: int


def slices_of(
    unit_id: str, year: int, *, fund: str | None = None, session: ClientSession | None = None
) -> list[BudgetSlice]:
    """The slices ever used of the unit's budgets of a year, of one fund or of all, by name.

    With `session` as its transaction sees them: a decision on what they hold is exact then, for
    whoever changes one meanwhile makes the transaction start anew.
    """
    funds = "[^:]+" if fund is None else re.escape(fund)
    name = rf"^{AccountKind.BUDGET}:{re.escape(unit_id)}:{funds}:{year:04d}:[0-9]+\|{Currency.FUB}$"
    found = collection(Balance).find({"_id": {"$regex": name}}, session=session).sort("_id", 1)
    return [_slice(each["_id"], each) for each in found]


def _slice(name: str, kept: dict[str, int]) -> BudgetSlice:
    _, _, fund, _, number = name.partition("|")[0].split(":")
    available = int(kept["posted"]) - int(kept.get("held", 0))
    return BudgetSlice(fund, int(number), available, int(kept["entries"]))
