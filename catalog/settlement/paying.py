"""Paying: what a settled statement owes its point is paid out of a fund, once."""

from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from catalog.offering import OFFICERS
from catalog.settlement.amounts import yuan_text
from catalog.settlement.point_statement import PointStatement, StatementState
from catalog.settlement.restating import moved, officers_point, statement_with_id
from catalog.settlement.telling import tell_statement
from ledger import (
    Currency,
    EntryKind,
    InsufficientCoins,
    Leg,
    NewEntry,
    exchange,
    paid,
    payable,
    post_one,
)
from people import Actor
from rates import fund_account_for
from shared.clock import now
from shared.database import collection, in_transaction
from shared.errors import Conflict, NotAllowed, Refused
from shared.i18n import Text

# So much one officer both settles and pays.
ALONE_FEN = 200_000


class FundShort(Refused):
    """Raised when the fund holds less than the statement's coins are worth; amounts in fen."""

    message = Text(
        "The fund {fund} holds {available} fen, and {needed} are needed.",
        "专项经费“{fund}”余额 {available} 分，需支付 {needed} 分。",
    )


class PaidBySettler(NotAllowed):
    """Raised when who settled a statement of more than ¥2,000 would pay it as well."""

    message = Text(
        "Above {most} yuan another officer pays than the one who settled.",
        "超过 {most} 元的结算单，结算与付款须由不同人员办理。",
    )


class PaidOtherwise(Conflict):
    """Raised when the statement was paid before, out of another fund or by another transfer."""

    message = Text(
        "The statement was paid before, by the transfer {reference}.",
        "该结算单已支付，付款流水号 {reference}。",
    )


def pay_statement(statement_id: str, *, fund: str, reference: str, by: Actor) -> PointStatement:
    """Note that a settled statement was paid: out of `fund`, by the bank's `reference`.

    The fund pays for the coins; awards in kind were paid for by theirs. Entry and statement are
    one transaction; repeating the same answers the same. Raises StatementNotFound, NotAllowed,
    OwnStatement, PaidBySettler, StatementMoved, PaidOtherwise, FundShort, and what
    `fund_account_for` does.
    """
    statement = statement_with_id(statement_id)
    point = officers_point(statement, by, OFFICERS)
    if statement.state != StatementState.PAID:
        if statement.settled_by == by.person_id and statement.sums.total_fen > ALONE_FEN:
            raise PaidBySettler(most=yuan_text(ALONE_FEN))
        account = fund_account_for(fund, at=point, by=by, moment=now())
        payment = {"fund": fund, "account": account, "reference": reference}
        payment |= {"paid_by": by.person_id}
        _pay_once(statement, payment)
    return _as_paid(statement_id, fund, reference)


def _pay_once(statement: PointStatement, payment: dict[str, Any]) -> None:
    try:
        in_transaction(lambda session: _pay(statement.id, payment, session))
    except DuplicateKeyError:
        # Another officer paid it beside us.
        if statement_with_id(statement.id).state != StatementState.PAID:
            raise
    except InsufficientCoins as short:
        facts = {name: short.facts[name] for name in ("available", "needed")}
        raise FundShort(fund=payment["fund"], **facts) from short
    tell_statement(statement.id)


def _as_paid(statement_id: str, fund: str, reference: str) -> PointStatement:
    """The statement, where it was paid in these words. Raises PaidOtherwise."""
    after = statement_with_id(statement_id)
    if (after.payment.fund, after.payment.reference) != (fund, reference):
        raise PaidOtherwise(reference=after.payment.reference)
    return after


def _pay(statement_id: str, payment: dict[str, Any], session: ClientSession) -> None:
    statement = statement_with_id(statement_id, session)
    if statement.state == StatementState.PAID:
        return
    if statement.state != StatementState.SETTLED:
        raise moved(statement)
    entry = _payment(statement, payment["account"])
    entry_id = post_one(entry, session=session) if entry else None
    collection(PointStatement).update_one(
        {"_id": statement_id, "version": statement.version},
        {
            "$set": {
                "state": StatementState.PAID.value,
                "payment": {**payment, "paid_at": now()},
                "payment_entry_id": entry_id,
            },
            "$push": {"untold": "paid"},
            "$inc": {"version": 1},
        },
        session=session,
    )


def _payment(statement: PointStatement, account: str) -> NewEntry | None:
    """The entry of a payment; None where nothing is owed."""
    point_id, coin_fen = statement.point_id, statement.sums.coin_fen
    total_fen, legs = statement.sums.total_fen, []
    if coin_fen:
        legs += [
            Leg(account, -coin_fen, Currency.CNY),
            Leg(exchange(Currency.CNY), coin_fen, Currency.CNY),
        ]
    if total_fen:
        legs += [
            Leg(payable(point_id), -total_fen, Currency.CNY),
            Leg(paid(point_id), total_fen, Currency.CNY),
        ]
    if not legs:
        return None
    return NewEntry(
        key=f"payment:{statement.id}",
        kind=EntryKind.PAYMENT,
        legs=legs,
        about=("statement", statement.reference()),
        unit=point_id,
    )
