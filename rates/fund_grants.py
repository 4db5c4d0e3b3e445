"""Granting money to a fund: how many fen a fund may pay out in a year, and by what decision."""

from collections.abc import Collection
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from datetime import datetime

from bson import Int64
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from ledger import Currency, EntryKind, Leg, NewEntry, accounts, issued, post_one, reversed_among
from people import Actor, Role, Unit, district_code_of, unit_of
from rates.budgets import MAX_AUTHORISATION_LENGTH, MAX_KEY_LENGTH, YEARS, GrantKeyReused
from rates.fund_grant import FundGrant
from rates.funds import fund_of
from shared.clock import now
from shared.database import collection, confirmed, in_transaction
from shared.errors import Invalid, Unavailable
from shared.i18n import Text
from shared.ids import new_id

MAX_FEN = 1_000_000_000_000


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

    Raises FundNotFound, NotAllowed, BadFundGrant, GrantKeyReused.
    """
    opened = fund_of(name)
    unit = unit_of(opened.unit_id)
    by.must_hold(Role.RATE_ADMIN, at=unit)
    authorisation = authorisation.strip()
    _refuse_unsound(year, fen, authorisation, key)
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
        granted = _earlier(grant)
    return SeenFundGrant.of(granted, reversed_entries=reversed_among([granted.entry_id]))


def _write(grant: FundGrant, unit: Unit) -> FundGrant:
    """Post the money and write the grant, both or neither."""
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
        return grant

    return in_transaction(decide)


def _earlier(grant: FundGrant) -> FundGrant:
    """The grant first made under the key, where it says the same. Raises GrantKeyReused."""
    confirmed(FundGrant).find_one({"granted_by": grant.granted_by, "key": grant.key})
    found: FundGrant | None = FundGrant.objects(granted_by=grant.granted_by, key=grant.key).first()
    if found is None:
        raise Unavailable  # it belonged to a primary that lost its last writes
    for name in ("fund", "year", "fen", "authorisation"):
        if getattr(found, name) != getattr(grant, name):
            raise GrantKeyReused
    return found


def _refuse_unsound(year: int, fen: int, authorisation: str, key: str) -> None:
    # bool is an int to Python, and True would become one fen.
    if type(year) is not int or not YEARS[0] <= year <= YEARS[1]:
        raise bad_fund_grant("year")
    if type(fen) is not int or not 1 <= fen <= MAX_FEN:
        raise bad_fund_grant("fen")
    if not 1 <= len(authorisation) <= MAX_AUTHORISATION_LENGTH:
        raise bad_fund_grant("authorisation")
    if not 1 <= len(key) <= MAX_KEY_LENGTH:
        raise bad_fund_grant("key")


def bad_fund_grant(field: str) -> BadFundGrant:
    """The refusal that names this field of a grant."""
    return BadFundGrant(field, fen=MAX_FEN, length=MAX_AUTHORISATION_LENGTH)
