"""A budget: whose coins, of which year or quarter, out of which fund; and what a fund's name is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ledger import GENERAL_FUND, Leg, accounts
from shared.errors import Invalid
from shared.i18n import Text

FUND_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,39}$"
_FUND = re.compile(FUND_PATTERN)


class BadFund(Invalid):
    """Raised when a text cannot be the name of a fund."""

    message = Text(
        "A fund is named by 1 to 40 small letters, digits, - and _.",
        "经费名称须为 1 至 40 个小写字母、数字、- 或 _。",
    )


@dataclass(frozen=True)
class Budget:
    """What a unit may put into tasks out of one fund: in a year, or in a quarter of it (1 to 4)."""

    unit_id: str
    year: int
    fund: str = GENERAL_FUND
    quarter: int | None = None

    @property
    def period(self) -> str:
        """The year or the quarter, as the names of its accounts say it: 2026, 2026Q3."""
        return accounts.budget_period(self.year, self.quarter)

    @property
    def name(self) -> str:
        """The budget in one word: <unit>:<fund>:<period>."""
        return f"{self.unit_id}:{self.fund}:{self.period}"

    @property
    def of_the_year(self) -> "Budget":
        """The budget of the whole year, which a quarter's coins come from and go back to."""
        return Budget(self.unit_id, self.year, self.fund)

    def account(self, slice_number: int) -> str:
        """The name of the account of one slice."""
        return accounts.budget(
            self.unit_id, self.year, slice_number, fund=self.fund, quarter=self.quarter
        )

    def legs(self, amounts: Mapping[int, int]) -> list[Leg]:
        """The legs that move these amounts into (plus) or out of (minus) its slices."""
        return [Leg(self.account(number), amount) for number, amount in amounts.items()]


def known_fund(name: str | None) -> str:
    """The name of a fund, where it can be one; the general fund where none is named.

    Raises BadFund.
    """
    if name is None:
        return GENERAL_FUND
    if not _FUND.fullmatch(name):
        raise BadFund("fund")
    return name
