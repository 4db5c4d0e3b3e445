"""Questions about funds: what each was granted in a year, and what it has left."""

from dataclasses import dataclass
from typing import Any

from ledger import Currency, accounts, balances_of, reversed_among
from people import Actor, unit_of, units_of
from rates.asking_once import is_year
from rates.budgets.budget_years import budget_year_of
from rates.funds.fund import Fund
from rates.funds.fund_grant import FundGrant
from rates.funds.fund_grants import SeenFundGrant, bad_fund_grant
from rates.funds.funds import READERS, fund_left, fund_of
from shared.clock import now
from shared.cursors import from_cursor, to_cursor

MOST_FUNDS = 100
MOST_GRANTS = 100


@dataclass(frozen=True)
class FundYear:
    """A fund in one year, in fen: granted in all, and what is left to award or pay out.

    `grants` are the newest 100, newest first; `granted` counts every one that is not reversed.
    """

    fund: Fund
    year: int
    granted: int
    left: int
    grants: tuple[SeenFundGrant, ...]


@dataclass(frozen=True)
class FundLeft:
    """A fund and the fen that it has left of one year."""

    fund: Fund
    year: int
    left: int


@dataclass(frozen=True)
class FundPage:
    """Funds by name; where the list goes on."""

    items: tuple[FundLeft, ...]
    next_cursor: str | None


def fund_year_of(name: str, year: int | None = None, *, by: Actor) -> FundYear:
    """The fund in a year (None: this one), with its newest 100 grants.

    Raises FundNotFound, NotAllowed, BadFundGrant.
    """
    opened = fund_of(name)
    by.must_hold(*READERS, at=unit_of(opened.unit_id))
    year = _year_or_this(year)
    of_year = FundGrant.objects(fund=opened.name, year=year)
    fen_by_entry = dict(of_year.scalar("entry_id", "fen"))
    gone = reversed_among(fen_by_entry)
    granted = sum(fen for entry_id, fen in fen_by_entry.items() if entry_id not in gone)
    newest = of_year.order_by("-id").limit(MOST_GRANTS)
    seen = tuple(SeenFundGrant.of(grant, reversed_entries=gone) for grant in newest)
    return FundYear(opened, year, granted, fund_left(opened.name, year), seen)


def funds_page(
    year: int | None = None, *, by: Actor, cursor: str | None = None, limit: int = 50
) -> FundPage:
    """The funds of the units that the caller's roles reach, by name, with what each has left.

    Raises BadCursor, BadFundGrant.
    """
    limit, year = max(1, min(limit, MOST_FUNDS)), _year_or_this(year)
    wanted: dict[str, Any] = {"unit_id__in": _units_seen_by(by)}
    if cursor:
        wanted["id__gt"] = from_cursor(cursor, str)[0]
    found = list(Fund.objects(**wanted).order_by("id").limit(limit + 1))
    more = to_cursor(found[limit - 1].name) if len(found) > limit else None
    shown = {accounts.fund(fund.name, year): fund for fund in found[:limit]}
    left = balances_of(shown, Currency.CNY)
    items = (FundLeft(fund, year, left[account]) for account, fund in shown.items())
    return FundPage(tuple(items), more)


def _units_seen_by(by: Actor) -> list[str]:
    """The units with a fund that the caller may look at: there are no more of them than funds."""
    units = units_of(Fund.objects.distinct("unit_id"))
    return [unit_id for unit_id, unit in units.items() if by.holds(*READERS, at=unit)]


def _year_or_this(year: int | None) -> int:
    if year is None:
        return budget_year_of(now())
    if not is_year(year):
        raise bad_fund_grant("year")
    return year
