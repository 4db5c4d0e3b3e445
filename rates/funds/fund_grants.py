"""Granting money to a fund: how many fen a fund may pay out in a year, and by what decision."""

from collections.abc import Collection
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from datetime import datetime

from bson import Int64
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from ledger import Currency, EntryKind, Leg, NewEntry, accounts, issued, post_one, reversed_among
from people import Actor, Role, Unit, district_code_of, record_change, unit_of
from rates.asking_once import (
    MAX_AMOUNT,
    MAX_AUTHORISATION_LENGTH,
    GrantKeyReused,
    flaw_of,
    made_meanwhile,
)
from rates.funds.fund_grant import FundGrant
from rates.funds.funds import fund_of
from shared.clock import now
from shared.database import collection, in_transaction
from shared.errors import Invalid
from shared.i18n import Text
from shared.ids import new_id

_WHOSE = ("granted_by", "key")
_SAYS = ("fund", "year", "fen", "authorisation")


class BadFundGrant(Invalid):
    """Raised when a grant's year, amount, authorisation or key cannot be used."""

    message = Text(
        "The year is 2000 to 2100, fen are whole from 1 to {fen}, the authorisation has 1 to "
        "{length} characters, and the key is not empty.",
        "年度须为 2000 至 2100，金额须为 1 至 {fen} 分的整数，批准依据须为 1 至 {length} 字，"
        "且键不能为空。",
    )


@dataclass(frozen=True)
class SeenFundGrant:
    """A grant as it was made, and whether its entry was `reversed` since: it gives nothing then."""

    id: str
    fund: str
    year: int
    fen: int
    authorisation: str
    key: str
    entry_id: str
    granted_by: str
    granted_at: datetime
    reversed: bool

    @classmethod
    def of(cls, grant: FundGrant, *, reversed_entries: Collection[str]) -> "SeenFundGrant":
        """The grant as it is stored, beside the entries that are known to be reversed."""
        shown = {each.name: grant[each.name] for each in dataclass_fields(cls)[:-1]}
        return cls(**shown, reversed=grant.entry_id in reversed_entries)


def grant_fund(
    name: str, year: int, fen: int, authorisation: str, key: str, *, by: Actor
) -> SeenFundGrant:
    """Bring money into a fund for a year; the same key answers the same grant.

    It is logged with the authorisation as its reason.

    Raises FundNotFound, NotAllowed, BadFundGrant, GrantKeyReused.
    """
    opened = fund_of(name)
    unit = unit_of(opened.unit_id)
    by.must_hold(Role.RATE_ADMIN, at=unit)
    authorisation = authorisation.strip()
    flaw = flaw_of(year, fen, key, authorisation, name="fen")
    if flaw:
        raise bad_fund_grant(flaw)
    grant = FundGrant(
        id=new_id(),
        fund=opened.name,
        year=year,
        fen=fen,
        authorisation=authorisation,
        key=key,
        granted_by=by.person_id,
        granted_at=now(),
    )
    try:
        granted = _write(grant, unit)
    except DuplicateKeyError:
        granted = made_meanwhile(grant, _WHOSE, _SAYS, GrantKeyReused)
    return SeenFundGrant.of(granted, reversed_entries=reversed_among([granted.entry_id]))


def _write(grant: FundGrant, unit: Unit) -> FundGrant:
    """Post the money, write the grant and log it: all of it or nothing."""
    source = issued(district_code_of(unit), grant.year)
    into = accounts.fund(grant.fund, grant.year)
    entry = NewEntry(
        f"fund-grant:{grant.id}",
        EntryKind.BUDGET_GRANT,
        [Leg(source, -grant.fen, Currency.CNY), Leg(into, grant.fen, Currency.CNY)],
        ("fund_grant", grant.id),
        unit=unit.id,
    )

    def decide(session: ClientSession) -> FundGrant:
        grant.entry_id = post_one(entry, session=session)
        document = {**grant.to_mongo(), "fen": Int64(grant.fen)}
        collection(FundGrant).insert_one(document, session=session)
        record_change(
            "fund_grant",
            grant.id,
            "granted",
            unit=unit,
            before=None,
            after={"fund": grant.fund, "year": grant.year, "fen": grant.fen},
            why=grant.authorisation,
            by_id=grant.granted_by,
            session=session,
        )
        return grant

    return in_transaction(decide)


def bad_fund_grant(field: str) -> BadFundGrant:
    """The refusal that names this field of a grant."""
    return BadFundGrant(field, fen=MAX_AMOUNT, length=MAX_AUTHORISATION_LENGTH)
