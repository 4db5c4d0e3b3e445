"""Restating: a statement's sums follow its lines, in the transaction that changes one of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bson import Int64
from pymongo.client_session import ClientSession

from catalog.scanning.offline_hand_over import OfflineHandOver
from catalog.settlement.amounts import Totals, totals_of
from catalog.settlement.point_statement import PointStatement, StatementState
from catalog.settlement.statement_line import StatementLine
from catalog.voucher import Voucher
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
        "The statement is {statement_state} by now, and this is no longer possible.",
        "结算单当前状态为“{statement_state}”，无法执行此操作。",
    )


class StatementChanged(Conflict):
    """Raised when the statement is not the version that the caller has seen."""

    message = Text(
        "The statement changed meanwhile: please look at its sums again.",
        "结算单已发生变化，请重新核对后再操作。",
    )


class OwnStatement(NotAllowed):
    """Raised when who acted for the point would decide, settle or pay its statement."""

    message = Text(
        "Whoever is a clerk of the point, or was one in this statement, may not decide, settle or "
        "pay it.",
        "兑换点店员，以及曾以店员身份参与本结算单的人员，不得裁定、结算或支付该结算单。",
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
    also: Mapping[str, Any] | None = None,
) -> None:
    """Write the sums of the lines as this transaction changed them, where it is in one of `states`.

    `also` are fields of the statement set with them. Writing the statement is what keeps it apart
    from a confirmation or settlement meanwhile. Raises StatementMoved.
    """
    sums = sums_stored(totals_of(lines_in(statement_id, session)))
    change: dict[str, Any] = {"$set": {"sums": sums, **(also or {})}, "$inc": {"version": 1}}
    if untold:
        change["$push"] = {"untold": {"$each": list(untold)}}
    allowed = {"_id": statement_id, "state": {"$in": [state.value for state in states]}}
    done = collection(PointStatement).update_one(allowed, change, session=session)
    if not done.matched_count:
        raise moved(statement_with_id(statement_id, session))


def moved(statement: PointStatement) -> StatementMoved:
    """The refusal of what the statement's state no longer lets through."""
    return StatementMoved(statement_state=statement.state.value)


def officers_point(statement: PointStatement, by: Actor, officers: Sequence[Role]) -> Unit:
    """The statement's point, where the caller may decide about it. Raises NotAllowed, OwnStatement.

    Nobody decides about a statement that they have disputed or confirmed on the point's side, or
    of which they handed something over, whatever they are by now.
    """
    point = unit_of(statement.point_id)
    by.must_hold(*officers, at=point)
    if by.holds(Role.CLERK, at=point) or _acted_for_point(statement, by.person_id):
        raise OwnStatement
    return point


def _acted_for_point(statement: PointStatement, person_id: str) -> bool:
    if statement.confirmed_by == person_id:
        return True
    within = {"statement_id": statement.id}
    disputed = [{"dispute.by": person_id}, {"dispute.claimed_by": person_id}]
    handed_over = {"redeemed_point_id": statement.point_id, "redeemed_by": person_id}
    brought = {"outcome": "disputed", "point_id": statement.point_id, "brought_by": person_id}
    return (
        collection(StatementLine).find_one(within | {"$or": disputed}) is not None
        or collection(Voucher).find_one(within | handed_over) is not None
        or collection(OfflineHandOver).find_one(within | brought) is not None
    )


def refuse_changed(statement: PointStatement, version: int | None) -> None:
    """Raises StatementChanged where the caller saw another version; None: they do not say."""
    if version is not None and version != statement.version:
        raise StatementChanged
