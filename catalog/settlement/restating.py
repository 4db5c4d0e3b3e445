"""Restating: a statement's sums follow its lines, in the transaction that changes one of them."""

from collections.abc import Iterable, Sequence
from typing import Any

from bson import Int64
from pymongo.client_session import ClientSession

from catalog.settlement.amounts import Totals, totals_of
from catalog.settlement.point_statement import PointStatement, StatementState
from catalog.settlement.statement_line import StatementLine
from people import Actor, Role, Unit, unit_of
from shared.database import collection
from shared.errors import Conflict, NotAllowed, NotFound
from shared.i18n import Text


class StatementNotFound(NotFound):
    """Raised when there is no such statement, or it is of a point that the caller has no say in."""

    message = Text("There is no such statement.", "未找到该结算单。")


class StatementMoved(Conflict):
    """Raised when the statement is no longer in the state that this needs."""

    message = Text(
        "The statement is {state} by now, and this is no longer possible.",
        "结算单当前状态为“{state}”，无法执行此操作。",
    )


class OwnStatement(NotAllowed):
    """Raised when a clerk of the point would decide, settle or pay its statement as an officer."""

    message = Text(
        "Whoever is a clerk of the point may not decide, settle or pay its statements.",
        "兑换点店员不得裁定、结算或支付本兑换点的结算单。",
    )


def statement_with_id(statement_id: str, session: ClientSession | None = None) -> PointStatement:
    """The statement, as the session sees it. Raises StatementNotFound."""
    found = collection(PointStatement).find_one({"_id": statement_id}, session=session)
    if found is None:
        raise StatementNotFound
    statement: PointStatement = PointStatement._from_son(found)
    return statement


def lines_in(statement_id: str, session: ClientSession | None = None) -> list[StatementLine]:
    """All lines of a statement in their order, at most 500."""
    rows = collection(StatementLine).find({"statement_id": statement_id}, session=session)
    return [StatementLine._from_son(row) for row in rows.sort("number", 1)]


def sums_stored(totals: Totals) -> dict[str, Any]:
    """The totals as a statement stores them."""
    return {
        "lines": totals.lines,
        "coins": Int64(totals.coins),
        "coin_fen": Int64(totals.coin_fen),
        "in_kind_fen": Int64(totals.in_kind_fen),
        "total_fen": Int64(totals.total_fen),
        "open_disputes": totals.open_disputes,
    }


def restate(
    statement_id: str,
    states: Sequence[StatementState],
    session: ClientSession,
    *,
    untold: Iterable[str] = (),
) -> None:
    """Write the sums of the lines as this transaction changed them, where it is in one of `states`.

    Writing the statement is what keeps it apart from a confirmation or settlement meanwhile.
    Raises StatementMoved.
    """
    sums = sums_stored(totals_of(lines_in(statement_id, session)))
    change: dict[str, Any] = {"$set": {"sums": sums}, "$inc": {"version": 1}}
    if untold:
        change["$push"] = {"untold": {"$each": list(untold)}}
    allowed = {"_id": statement_id, "state": {"$in": [state.value for state in states]}}
    done = collection(PointStatement).update_one(allowed, change, session=session)
    if not done.matched_count:
        raise moved(statement_with_id(statement_id, session))


def moved(statement: PointStatement) -> StatementMoved:
    """The refusal of what the statement's state no longer lets through."""
    return StatementMoved(state=statement.state.value)


def officers_point(statement: PointStatement, by: Actor, officers: Sequence[Role]) -> Unit:
    """The statement's point, where the caller may decide about it. Raises NotAllowed, OwnStatement.

    Nobody decides about a statement that they have disputed or confirmed on the point's side.
    """
    point = unit_of(statement.point_id)
    by.must_hold(*officers, at=point)
    if by.holds(Role.CLERK, at=point) or statement.confirmed_by == by.person_id:
        raise OwnStatement
    return point
