"""A unit's budgets of a year as they are told: fund by fund, with its quarters and transfers."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ledger import GENERAL_FUND, BudgetSlice, reversed_among, slices_in_year
from people import Actor, unit_of
from rates.asking_once import is_year
from rates.budgets.budget_grant import BudgetGrant
from rates.budgets.budget_rule import BudgetRule
from rates.budgets.budget_standings import budget_standing
from rates.budgets.budget_transfer import BudgetTransfer
from rates.budgets.budget_transfers import READERS, transfers_of
from rates.budgets.budgets import SeenGrant, bad_grant
from rates.budgets.envelope import Envelope, EnvelopePut
from rates.budgets.thresholds import BudgetStanding

MOST_GRANTS = 100


@dataclass(frozen=True)
class QuarterBudget:
    """What is set aside for one quarter in all, and what of it is not yet put into tasks."""

    quarter: int
    set_aside: int
    left: int


@dataclass(frozen=True)
class FundBudget:
    """A unit's budget of one year from one fund in Fu coins: where it stands, and how it came so.

    `quarters` are those with an envelope. `grants` and `transfers` are the newest 100, newest
    first, transfers asked for and refused among them; what is counted counts every one.
    `rule_version` is 0 where no thresholds were ever set.
    """

    standing: BudgetStanding
    quarters: tuple[QuarterBudget, ...]
    rule_version: int
    grants: tuple[SeenGrant, ...]
    transfers: tuple[BudgetTransfer, ...]

    @property
    def fund(self) -> str:
        """The name of the fund."""
        return self.standing.fund

    @property
    def granted(self) -> int:
        """What was ever granted and not reversed."""
        return self.standing.granted

    @property
    def left(self) -> int:
        """What is not yet put into tasks, in the year's budget and the quarters' together."""
        return self.standing.left

    @property
    def left_in_year(self) -> int:
        """What of it lies in the year's budget and may still be set aside for a quarter."""
        return self.standing.left - self.standing.set_aside_in_quarters


@dataclass(frozen=True)
class YearBudget:
    """A unit's budgets of one year in Fu coins, from all funds together and from each by name."""

    unit_id: str
    year: int
    funds: tuple[FundBudget, ...]

    @property
    def granted(self) -> int:
        """What was ever granted and not reversed."""
        return sum(fund.granted for fund in self.funds)

    @property
    def left(self) -> int:
        """What is not yet put into tasks."""
        return sum(fund.left for fund in self.funds)


def budget_left(unit_id: str, year: int, fund: str = GENERAL_FUND) -> int:
    """The coins that the unit can still put into tasks in that year, its quarters included."""
    return sum(each.available for each in slices_in_year(unit_id, year, fund=fund))


def budget_of(unit_id: str, year: int, *, by: Actor) -> YearBudget:
    """The unit's budgets of a year, fund by fund, each with its newest grants and transfers.

    Raises NotAllowed, UnitNotFound, BadGrant.
    """
    by.must_hold(*READERS, at=unit_of(unit_id))
    if not is_year(year):
        raise bad_grant("year")
    slices = slices_in_year(unit_id, year)
    told = (
        _fund_budget(unit_id, year, fund, [each for each in slices if each.fund == fund])
        for fund in sorted({*_funds(unit_id, year), *(each.fund for each in slices)})
    )
    return YearBudget(unit_id, year, tuple(told))


def _funds(unit_id: str, year: int) -> set[str]:
    """The funds that anything was ever said of for the unit and year."""
    of_unit = {"unit_id": unit_id, "year": year}
    return {
        *BudgetGrant.objects(**of_unit).distinct("fund"),
        *BudgetRule.objects(**of_unit).distinct("fund"),
        *BudgetTransfer.objects(from_unit_id=unit_id, year=year).distinct("fund"),
        *BudgetTransfer.objects(to_unit_id=unit_id, year=year).distinct("fund"),
    }


def _fund_budget(unit_id: str, year: int, fund: str, slices: Sequence[BudgetSlice]) -> FundBudget:
    newest = list(
        BudgetGrant.objects(unit_id=unit_id, year=year, fund=fund)
        .order_by("-id")
        .limit(MOST_GRANTS)
    )
    gone = reversed_among([grant.entry_id for grant in newest])
    rule = BudgetRule.objects(unit_id=unit_id, year=year, fund=fund).only("version").first()
    return FundBudget(
        budget_standing(unit_id, year, fund),
        _quarters(unit_id, year, fund, slices),
        rule.version if rule else 0,
        tuple(SeenGrant.of(grant, reversed_entries=gone) for grant in newest),
        transfers_of(unit_id, year, fund, most=MOST_GRANTS),
    )


def _quarters(
    unit_id: str, year: int, fund: str, slices: Sequence[BudgetSlice]
) -> tuple[QuarterBudget, ...]:
    left: dict[int, int] = defaultdict(int)
    for each in slices:
        if each.quarter is not None:
            left[each.quarter] += each.available
    envelopes = [
        each
        for each in Envelope.objects(unit_id=unit_id, year=year, fund=fund).order_by("quarter")
        # One that was begun for coins that were refused then is none.
        if each.coins or EnvelopePut.objects(envelope_id=each.id).limit(1).first()
    ]
    return tuple(QuarterBudget(each.quarter, each.coins, left[each.quarter]) for each in envelopes)
