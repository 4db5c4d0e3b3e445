"""Granting coins to a unit's budget of a year: out of which fund, and by what decision."""

from collections.abc import Collection
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from datetime import datetime

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
)
from people import Actor, Role, Unit, district_code_of, record_change, unit_of
from rates.asking_once import (
    MAX_AMOUNT,
    MAX_AUTHORISATION_LENGTH,
    GrantKeyReused,
    flaw_of,
    made_meanwhile,
)
from rates.budgets.budget import Budget, known_fund
from rates.budgets.budget_grant import BudgetGrant
from rates.budgets.budget_slices import legs_into_budget, try_to_rebalance
from shared.clock import now
from shared.database import collection, in_transaction
from shared.errors import Invalid
from shared.i18n import Text
from shared.ids import new_id

_WHOSE = ("granted_by", "key")
_SAYS = ("unit_id", "year", "fund", "coins", "authorisation")


class BadGrant(Invalid):
    """Raised when a grant's year, coins, authorisation or key cannot be used."""

    message = Text(
        "The year is 2000 to 2100, coins are whole from 1 to {coins}, the authorisation has 1 to "
        "{length} characters, and the key is not empty.",
        "年度须为 2000 至 2100，福币须为 1 至 {coins} 的整数，批准依据须为 1 至 {length} 字，"
        "且键不能为空。",
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

    It is logged with the authorisation as its reason.

    Raises NotAllowed, UnitNotFound, BadGrant, BadFund, GrantKeyReused.
    """
    unit = unit_of(unit_id)
    by.must_hold(Role.RATE_ADMIN, at=unit)
    authorisation = authorisation.strip()
    flaw = flaw_of(year, coins, key, authorisation, name="coins")
    if flaw:
        raise bad_grant(flaw)
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
        granted = _write(grant, unit)
    except DuplicateKeyError:
        granted = made_meanwhile(grant, _WHOSE, _SAYS, GrantKeyReused)
    # How many slices there are may have changed since the last one.
    try_to_rebalance(Budget(unit_id, year, granted.fund))
    return SeenGrant.of(granted, reversed_entries=reversed_among([granted.entry_id]))


def _write(grant: BudgetGrant, unit: Unit) -> BudgetGrant:
    """Post the coins, write the grant and log it: all of it or nothing."""
    source = issued(district_code_of(unit), grant.year)
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
        record_change(
            "budget_grant",
            grant.id,
            "granted",
            unit=unit,
            before=None,
            after={"fund": grant.fund, "year": grant.year, "coins": grant.coins},
            why=grant.authorisation,
            by_id=grant.granted_by,
            session=session,
        )
        return grant

    return in_transaction(decide)


def bad_grant(field: str) -> BadGrant:
    """The refusal that names this field of a grant."""
    return BadGrant(field, coins=MAX_AMOUNT, length=MAX_AUTHORISATION_LENGTH)
