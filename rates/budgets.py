"""Budgets: how many coins a unit may put into tasks in a year from a fund, and who granted them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from datetime import datetime
from zoneinfo import ZoneInfo

from bson import Int64
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from ledger import (
    GENERAL_FUND,
    EntryKind,
    Leg,
    NewEntry,
    issued,
    post_one,
    reversed_among,
    slices_of,
)
from people import Actor, Role, district_code_of, unit_of
from rates.budget_grant import BudgetGrant
from rates.budget_slices import Budget, known_fund, legs_into_budget, try_to_rebalance
from settings import settings
from shared.clock import now
from shared.database import collection, confirmed, in_transaction
from shared.errors import Conflict, Invalid, Unavailable
from shared.i18n import Text
from shared.ids import new_id

YEARS = (2000, 2100)
MAX_COINS = 1_000_000_000_000
MAX_AUTHORISATION_LENGTH = 500
MAX_KEY_LENGTH = 200
MOST_GRANTS = 100


class BadGrant(Invalid):
    """Raised when a grant's year, coins, authorisation or key cannot be used."""

    message = Text(
        "The year is 2000 to 2100, coins are whole from 1 to {coins}, the authorisation has 1 to "
        "{length} characters, and the key is not empty.",
        "年度须为 2000 至 2100，福币须为 1 至 {coins} 的整数，批准依据须为 1 至 {length} 字，"
        "且键不能为空。",
    )


class GrantKeyReused(Conflict):
    """Raised when the key was used by the same person for another grant."""

    message = Text(
        "This Idempotency-Key was used for another grant.", "该 Idempotency-Key 已用于另一笔拨付。"
    )


@dataclass(frozen=True)
class SeenGrant:
    """A grant as it was made, and whether its entry was `reversed` since: it gives nothing then."""

    id: str
    unit_id: str
    year: int
    fund: str
    coins: int
    authorisation: str
    key: str
    entry_id: str
    granted_by: str
    granted_at: datetime
    reversed: bool

    @classmethod
    def of(cls, grant: BudgetGrant, *, reversed_entries: Collection[str]) -> "SeenGrant":
        """The grant as it is stored, beside the entries that are known to be reversed."""
        shown = {each.name: grant[each.name] for each in dataclass_fields(cls)[:-1]}
        return cls(**shown, reversed=grant.entry_id in reversed_entries)


@dataclass(frozen=True)
class FundBudget:
    """A unit's budget of one year from one fund in Fu coins: granted in all, and not yet drawn.

    `grants` are the newest 100, newest first; `granted` counts every one that is not reversed.
    """

    fund: str
    granted: int
    left: int
    grants: tuple[SeenGrant, ...]


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


def budget_year_of(moment: datetime) -> int:
    """The year whose budget pays for what is published at `moment`: the business time zone's."""
    return moment.astimezone(ZoneInfo(settings().business_time_zone)).year


def grant_budget(
    unit_id: str,
    year: int,
    coins: int,
    authorisation: str,
    key: str,
    *,
    fund: str = GENERAL_FUND,
    by: Actor,
) -> SeenGrant:
    """Issue coins into the unit's budget of a year and fund; the same key answers the same grant.

    Raises NotAllowed, UnitNotFound, BadGrant, BadFund, GrantKeyReused.
    """
    unit = unit_of(unit_id)
    by.must_hold(Role.RATE_ADMIN, at=unit)
    authorisation = authorisation.strip()
    _refuse_unsound(year, coins, authorisation, key)
    grant = BudgetGrant(
        id=new_id(),
        unit_id=unit_id,
        year=year,
        fund=known_fund(fund),
        coins=coins,
        authorisation=authorisation,
        key=key,
        granted_by=by.person_id,
        granted_at=now(),
    )
    try:
        granted = _write(grant, source=issued(district_code_of(unit), year))
    except DuplicateKeyError:
        granted = _earlier(grant)
    # How many slices there are may have changed since the last one.
    try_to_rebalance(Budget(unit_id, year, granted.fund))
    return SeenGrant.of(granted, reversed_entries=reversed_among([granted.entry_id]))


def budget_left(unit_id: str, year: int, fund: str = GENERAL_FUND) -> int:
    """The coins that the unit can still put into tasks in that year from that fund."""
    return sum(each.available for each in slices_of(unit_id, year, fund=fund))


def budget_of(unit_id: str, year: int, *, by: Actor) -> YearBudget:
    """The unit's budgets of a year, fund by fund, each with its newest 100 grants.

    Raises NotAllowed, UnitNotFound, BadGrant.
    """
    by.must_hold(Role.RATE_ADMIN, Role.CENTRE_OFFICER, at=unit_of(unit_id))
    if not YEARS[0] <= year <= YEARS[1]:
        raise _bad("year")
    left: dict[str, int] = defaultdict(int)
    for each in slices_of(unit_id, year):
        left[each.fund] += each.available
    funds = {*BudgetGrant.objects(unit_id=unit_id, year=year).distinct("fund"), *left}
    told = (_fund_budget(unit_id, year, fund, left[fund]) for fund in sorted(funds))
    return YearBudget(unit_id, year, tuple(told))


def _fund_budget(unit_id: str, year: int, fund: str, left: int) -> FundBudget:
    from_it = BudgetGrant.objects(unit_id=unit_id, year=year, fund=fund)
    coins_by_entry = dict(from_it.scalar("entry_id", "coins"))
    gone = reversed_among(coins_by_entry)
    granted = sum(coins for entry_id, coins in coins_by_entry.items() if entry_id not in gone)
    newest = from_it.order_by("-id").limit(MOST_GRANTS)
    seen = tuple(SeenGrant.of(grant, reversed_entries=gone) for grant in newest)
    return FundBudget(fund, granted, left, seen)


def _write(grant: BudgetGrant, *, source: str) -> BudgetGrant:
    """Post the coins and write the grant, both or neither."""
    into = legs_into_budget(Budget(grant.unit_id, grant.year, grant.fund), grant.coins)
    entry = NewEntry(
        f"budget-grant:{grant.id}",
        EntryKind.BUDGET_GRANT,
        [Leg(source, -grant.coins), *into],
        ("budget_grant", grant.id),
        unit=grant.unit_id,
    )

    def decide(session: ClientSession) -> BudgetGrant:
        grant.entry_id = post_one(entry, session=session)
        document = {**grant.to_mongo(), "coins": Int64(grant.coins)}
        collection(BudgetGrant).insert_one(document, session=session)
        return grant

    return in_transaction(decide)


def _earlier(grant: BudgetGrant) -> BudgetGrant:
    """The grant first made under the key, where it says the same. Raises GrantKeyReused."""
    confirmed(BudgetGrant).find_one({"granted_by": grant.granted_by, "key": grant.key})
    found: BudgetGrant | None = BudgetGrant.objects(
        granted_by=grant.granted_by, key=grant.key
    ).first()
    if found is None:
        raise Unavailable  # it belonged to a primary that lost its last writes
    for name in ("unit_id", "year", "fund", "coins", "authorisation"):
        if getattr(found, name) != getattr(grant, name):
            raise GrantKeyReused
    return found


def _refuse_unsound(year: int, coins: int, authorisation: str, key: str) -> None:
    # bool is an int to Python, and True would become one coin.
    if type(year) is not int or not YEARS[0] <= year <= YEARS[1]:
        raise _bad("year")
    if type(coins) is not int or not 1 <= coins <= MAX_COINS:
        raise _bad("coins")
    if not 1 <= len(authorisation) <= MAX_AUTHORISATION_LENGTH:
        raise _bad("authorisation")
    if not 1 <= len(key) <= MAX_KEY_LENGTH:
        raise _bad("key")


def _bad(field: str) -> BadGrant:
    return BadGrant(field, coins=MAX_COINS, length=MAX_AUTHORISATION_LENGTH)
