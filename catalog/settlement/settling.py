"""Settling: the point's coins of a confirmed statement become money owed to it, once."""

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from catalog.offering import OFFICERS
from catalog.settlement.amounts import Totals, totals_of
from catalog.settlement.point_statement import PointStatement, StatementState
from catalog.settlement.restating import (
    lines_in,
    moved,
    officers_point,
    refuse_changed,
    statement_with_id,
    sums_stored,
)
from ledger import Currency, EntryKind, Leg, NewEntry, exchange, merchant, payable, post_one
from people import Actor
from shared.clock import now
from shared.database import collection, in_transaction
from shared.errors import Refused
from shared.i18n import Text

SETTLED = (StatementState.SETTLED, StatementState.PAID)


class DisputesOpen(Refused):
    """Raised when a statement still has disputed lines that nobody has decided."""

    message = Text("{open} disputes are not decided yet.", "尚有 {open} 项异议未裁定。")


def settle_statement(statement_id: str, *, by: Actor, version: int | None = None) -> PointStatement:
    """Settle a confirmed statement: its coins leave the point's account, their fen are owed to it.

    With `version`, only as the caller has seen it. Entry and statement are one transaction;
    repeating answers the same. Raises StatementNotFound, NotAllowed, OwnStatement, StatementMoved,
    StatementChanged, DisputesOpen, and what `post_one` does.
    """
    officers_point(statement_with_id(statement_id), by, OFFICERS)
    try:
        in_transaction(lambda session: _settle(statement_id, by, version, session))
    except DuplicateKeyError:
        # Another officer settled it beside us.
        if statement_with_id(statement_id).state not in SETTLED:
            raise
    return statement_with_id(statement_id)


def _settle(statement_id: str, by: Actor, version: int | None, session: ClientSession) -> None:
    statement = statement_with_id(statement_id, session)
    if statement.state in SETTLED:
        return
    if statement.state != StatementState.CONFIRMED:
        raise moved(statement)
    refuse_changed(statement, version)
    totals = totals_of(lines_in(statement_id, session))
    if totals.open_disputes:
        raise DisputesOpen(open=totals.open_disputes)
    entry = _settlement(statement, totals)
    entry_id = post_one(entry, session=session) if entry else None
    # What this writes is what a refund or decision meanwhile writes too: one of us starts anew.
    collection(PointStatement).update_one(
        {"_id": statement_id, "version": statement.version},
        {
            "$set": {
                "state": StatementState.SETTLED.value,
                "sums": sums_stored(totals),
                "settled_by": by.person_id,
                "settled_at": now(),
                "settlement_entry_id": entry_id,
            },
            "$inc": {"version": 1},
        },
        session=session,
    )


def _settlement(statement: PointStatement, totals: Totals) -> NewEntry | None:
    """The entry of a settlement; None where there is nothing to move."""
    point_id, legs = statement.point_id, []
    if totals.coins:
        legs += [
            Leg(merchant(point_id), -totals.coins),
            Leg(exchange(Currency.FUB), totals.coins),
        ]
    if totals.coin_fen:
        legs += [
            Leg(exchange(Currency.CNY), -totals.coin_fen, Currency.CNY),
            Leg(payable(point_id), totals.coin_fen, Currency.CNY),
        ]
    if not legs:
        return None
    return NewEntry(
        key=f"settlement:{statement.id}",
        kind=EntryKind.SETTLEMENT,
        legs=legs,
        about=("statement", statement.reference()),
        unit=point_id,
    )
