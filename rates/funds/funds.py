"""Funds: money under a name of its own, opened by a unit, and who may have it pay."""

from datetime import datetime

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from ledger import GENERAL_FUND, Currency, accounts, balance_of
from people import Actor, Role, Unit, record_change, unit_of
from rates.budgets.budget import BadFund, known_fund
from rates.budgets.budget_years import budget_year_of
from rates.funds.fund import Fund
from shared.clock import now
from shared.database import collection, confirmed, in_transaction
from shared.errors import Conflict, Invalid, NotFound, Refused
from shared.i18n import Text

MAX_TITLE_LENGTH = 80
# Who may have a fund pay for what they award or settle; they and auditors see what is in it.
SPENDERS = (Role.CENTRE_OFFICER, Role.ADMIN, Role.RATE_ADMIN)
READERS = (*SPENDERS, Role.AUDITOR)


class FundNotFound(NotFound):
    """Raised when there is no fund of this name."""

    message = Text("There is no such fund.", "未找到该专项经费。")


class FundExists(Conflict):
    """Raised when the name is that of another unit's fund, or of one with another title."""

    message = Text("There is another fund of this name.", "已有同名的专项经费。")


class FundNotForUnit(Refused):
    """Raised when a fund is to pay for a unit that does not lie in the fund's own unit."""

    message = Text(
        "The fund {fund} does not pay for {unit_name}.", "经费 {fund} 不可用于{unit_name}。"
    )


class BadFundTitle(Invalid):
    """Raised when a fund's title is empty or too long."""

    message = Text(
        "A fund's title has 1 to {most} characters.", "专项经费的名称须为 1 至 {most} 字。"
    )


def open_fund(name: str, unit_id: str, title: str, *, by: Actor) -> Fund:
    """Open a fund of a unit, empty; the same again answers the same fund.

    Raises NotAllowed, UnitNotFound, BadFund, BadFundTitle, FundExists.
    """
    unit = unit_of(unit_id)
    by.must_hold(Role.RATE_ADMIN, at=unit)
    title = title.strip()
    if known_fund(name) == GENERAL_FUND:
        raise BadFund("name")
    if not 1 <= len(title) <= MAX_TITLE_LENGTH:
        raise BadFundTitle("title", most=MAX_TITLE_LENGTH)
    opened = Fund(id=name, unit_id=unit_id, title=title, opened_by=by.person_id, opened_at=now())
    try:
        _write(opened, unit)
    except DuplicateKeyError:
        confirmed(Fund).find_one({"_id": name})
        opened = fund_of(name)
        if (opened.unit_id, opened.title) != (unit_id, title):
            raise FundExists from None
    return opened


def _write(opened: Fund, unit: Unit) -> None:
    """Write the fund and log it with what it is for, both or neither."""

    def decide(session: ClientSession) -> None:
        collection(Fund).insert_one(opened.to_mongo().to_dict(), session=session)
        record_change(
            "fund",
            opened.name,
            "opened",
            unit=unit,
            before=None,
            after={"title": opened.title},
            why=opened.title,
            by_id=opened.opened_by,
            session=session,
        )

    in_transaction(decide)


def fund_of(name: str) -> Fund:
    """The fund of this name. Raises FundNotFound."""
    found: Fund | None = Fund.objects.with_id(name)
    if found is None:
        raise FundNotFound
    return found


def fund_left(name: str, year: int) -> int:
    """The fen that the fund has left of a year."""
    return balance_of(accounts.fund(name, year), Currency.CNY)


def fund_account_for(name: str, *, at: Unit, by: Actor, moment: datetime) -> str:
    """The account of the fund's year that pays for what happens at a unit at `moment`.

    For officers and rate admins at the fund's unit or above it; the fund pays within its own unit.
    Raises FundNotFound, NotAllowed, FundNotForUnit.
    """
    opened = fund_of(name)
    by.must_hold(*SPENDERS, at=unit_of(opened.unit_id))
    if opened.unit_id not in at.lineage:
        raise FundNotForUnit(fund=opened.name, unit_name=at.name)
    return accounts.fund(opened.name, budget_year_of(moment))
