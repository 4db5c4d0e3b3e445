"""Answering: the point's clerk confirms a statement, or disputes lines of it; silence confirms.

Silence confirms nothing that is disputed and undecided, and counts from the last decision on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bson import Int64
from pymongo.client_session import ClientSession

from catalog.settlement.point_statement import PointStatement, StatementState
from catalog.settlement.restating import moved, refuse_changed, restate, statement_with_id
from catalog.settlement.statement_line import LineState, StatementLine
from catalog.settlement.telling import tell_statement
from people import Actor, Role, unit_of
from shared.clock import now
from shared.database import collection, in_transaction
from shared.errors import Conflict, Invalid, NotFound
from shared.i18n import Text
from shared.sweeping import sweep_each

SILENCE = timedelta(days=7)
MOST_PER_RUN = 500
MOST_FEN = 1_000_000_000


class LineNotFound(NotFound):
    """Raised when the statement has no line of this number."""

    message = Text("The statement has no line {number}.", "结算单没有第 {number} 行。")


class LineNotPlain(Conflict):
    """Raised when a line to dispute was disputed, decided or brought back before."""

    message = Text(
        "Line {number} is {line_state} and cannot be disputed.",
        "第 {number} 行当前状态为“{line_state}”，不能提出异议。",
    )


class NothingDisputed(Invalid):
    """Raised when no line is named, or one of them twice."""

    message = Text("Name each line to dispute once.", "请列出有异议的行，每行一次。")


@dataclass(frozen=True)
class NewDispute:
    """A line that the point does not agree to: why, and how many fen it claims for it in all."""

    number: int
    reason: str
    claimed_fen: int


def confirm_statement(
    statement_id: str, *, by: Actor, version: int | None = None
) -> PointStatement:
    """Confirm a statement on the point's side, what is disputed in it standing as disputed.

    With `version`, only as the caller has seen it. Repeating changes nothing. Raises
    StatementNotFound, NotAllowed, StatementChanged.
    """
    statement = statement_with_id(statement_id)
    by.must_hold(Role.CLERK, at=unit_of(statement.point_id))
    if not _confirm(statement_id, by.person_id, version):
        after = statement_with_id(statement_id)
        if after.state == StatementState.CLOSED:
            refuse_changed(after, version)
    return statement_with_id(statement_id)


def confirm_unanswered() -> int:
    """Confirm what a point has left unanswered for seven days; how many statements.

    Not where lines are disputed and undecided: its officers are told of them when it is made.
    """
    since = now() - SILENCE
    due: dict[str, Any] = {"state": StatementState.CLOSED.value, "closed_at": {"$lte": since}}
    due |= {"sums.open_disputes": 0, "$nor": [{"decided_at": {"$gt": since}}]}
    found = collection(PointStatement).find(due, {"_id": 1}).limit(MOST_PER_RUN)
    return sweep_each([row["_id"] for row in found], lambda due_id: _confirm(due_id, ""))


def _confirm(statement_id: str, person_id: str, version: int | None = None) -> bool:
    """The deciding write; in nobody's name only where nothing is left to decide."""
    which: dict[str, Any] = {"_id": statement_id, "state": StatementState.CLOSED.value}
    which |= {} if person_id else {"sums.open_disputes": 0}
    which |= {} if version is None else {"version": version}
    change = {
        "state": StatementState.CONFIRMED.value,
        "confirmed_by": person_id,
        "confirmed_at": now(),
    }
    done = collection(PointStatement).update_one(which, {"$set": change, "$inc": {"version": 1}})
    return bool(done.modified_count)


def dispute_lines(
    statement_id: str, disputes: Sequence[NewDispute | Mapping[str, Any]], *, by: Actor
) -> PointStatement:
    """Dispute lines of a statement that is not confirmed, all of them or none.

    Each is a NewDispute or its fields. To a line that the system disputes it adds the point's
    claim. What stands disputed in the same words stays so, so that repeating is safe. Raises
    StatementNotFound, NotAllowed, NothingDisputed, LineNotFound, LineNotPlain, StatementMoved.
    """
    statement = statement_with_id(statement_id)
    by.must_hold(Role.CLERK, at=unit_of(statement.point_id))
    wanted = [one if isinstance(one, NewDispute) else NewDispute(**one) for one in disputes]
    if not wanted or len({one.number for one in wanted}) < len(wanted):
        raise NothingDisputed("lines")
    in_transaction(lambda session: _dispute(statement_id, wanted, by, session))
    tell_statement(statement_id)
    return statement_with_id(statement_id)


def _dispute(
    statement_id: str, wanted: Sequence[NewDispute], by: Actor, session: ClientSession
) -> None:
    statement = statement_with_id(statement_id, session)
    fresh = [one for one in wanted if not _stands(statement_id, one, by, session)]
    if not fresh:
        return
    if statement.state != StatementState.CLOSED:
        raise moved(statement)
    for one in fresh:
        collection(StatementLine).update_one(
            {"_id": f"{statement_id}:{one.number}"},
            {"$set": _dispute_of(line_with_number(statement_id, one.number, session), one, by)},
            session=session,
        )
    untold = [f"disputed:{statement.version}:{len(fresh)}"]
    restate(statement_id, [StatementState.CLOSED], session, untold=untold)


def _dispute_of(line: StatementLine, wanted: NewDispute, by: Actor) -> dict[str, Any]:
    """The fields that make a line disputed, or add a claim to what the system disputes."""
    claimed_fen = Int64(wanted.claimed_fen)
    if line.dispute:
        claim: dict[str, Any] = {"claimed_by": by.person_id, "claim_reason": wanted.reason}
        claim["claimed_fen"] = claimed_fen
        return {f"dispute.{name}": value for name, value in claim.items()}
    dispute = {"by": by.person_id, "at": now(), "reason": wanted.reason}
    dispute["claimed_fen"] = claimed_fen
    return {"state": LineState.DISPUTED.value, "dispute": dispute}


def _stands(statement_id: str, wanted: NewDispute, by: Actor, session: ClientSession) -> bool:
    """Whether this very dispute was raised before. Raises LineNotFound, LineNotPlain."""
    line = line_with_number(statement_id, wanted.number, session)
    raised = line.dispute
    same = (by.person_id, wanted.reason, wanted.claimed_fen)
    if raised and same in (
        (raised.by, raised.reason, raised.claimed_fen),
        (raised.claimed_by, raised.claim_reason, raised.claimed_fen),
    ):
        return True
    unclaimed = line.is_open() and not raised.by and raised.claimed_fen is None
    if line.state != LineState.PLAIN and not unclaimed:
        raise LineNotPlain(number=line.number, line_state=line.state.value)
    return False


def line_with_number(statement_id: str, number: int, session: ClientSession) -> StatementLine:
    """The line as the session sees it. Raises LineNotFound."""
    which = {"_id": f"{statement_id}:{number}"}
    found = collection(StatementLine).find_one(which, session=session)
    if found is None:
        raise LineNotFound(number=number)
    line: StatementLine = StatementLine._from_son(found)
    return line
