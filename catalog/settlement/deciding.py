"""Deciding: an officer says what a disputed line is worth; goods brought back take a line out."""

from typing import Any

from bson import Int64
from pymongo.client_session import ClientSession

from catalog.offering import OFFICERS
from catalog.settlement.answering import MOST_FEN, line_with_number
from catalog.settlement.point_statement import UNSETTLED, PointStatement
from catalog.settlement.restating import (
    OwnStatement,
    officers_point,
    restate,
    statement_with_id,
)
from catalog.settlement.statement_line import OF_VOUCHERS, LineState, StatementLine
from catalog.settlement.telling import tell_statement
from people import Actor
from shared.clock import now
from shared.database import collection, in_transaction
from shared.errors import Conflict, Invalid
from shared.i18n import Text

# So far one officer alone decides above what a line is worth by itself: ¥200.
ALONE_FEN = 20_000


class LineNotDisputed(Conflict):
    """Raised when the line to decide is not disputed, or was decided otherwise before."""

    message = Text(
        "Line {number} is {line_state}: there is nothing to decide.",
        "第 {number} 行当前状态为“{line_state}”，无需裁定。",
    )


class AmountNeeded(Invalid):
    """Raised when a line has no value of its own that it could count with: say the fen."""

    message = Text(
        "This line is worth nothing by itself: say how many fen it is to count for.",
        "该行没有可依据的金额，请给出裁定金额（分）。",
    )


class AmountOutOfRange(Invalid):
    """Raised when fewer fen are decided than were credited for an award, or far too many."""

    message = Text(
        "Decide on {least} to {most} fen: what an award was credited with at its hand-over stays.",
        "裁定金额须在 {least} 至 {most} 分之间：实物奖励交付时已记入的金额不可减少。",
    )


def decide_line(
    statement_id: str, number: int, *, fen: int | None, reason: str, by: Actor
) -> PointStatement:
    """Decide a disputed line: it counts for `fen` in all, or, where None, as it stood before.

    More than ¥200 above what the line is worth counts when a second officer decides the same: until
    then it stands as proposed. Repeating the same changes nothing. Raises StatementNotFound,
    NotAllowed, OwnStatement, LineNotFound, LineNotDisputed, AmountNeeded, AmountOutOfRange,
    StatementMoved.
    """
    officers_point(statement_with_id(statement_id), by, OFFICERS)
    in_transaction(lambda session: _decide(statement_id, number, fen, reason, by, session))
    tell_statement(statement_id)
    return statement_with_id(statement_id)


def _decide(
    statement_id: str,
    number: int,
    fen: int | None,
    reason: str,
    by: Actor,
    session: ClientSession,
) -> None:
    line = line_with_number(statement_id, number, session)
    said = line.decision and (line.decision.by, line.decision.fen, line.decision.reason)
    if said == (by.person_id, fen, reason):
        return
    if line.state != LineState.DISPUTED:
        raise LineNotDisputed(number=number, line_state=line.state.value)
    if by.person_id in (line.dispute.by, line.dispute.claimed_by):
        raise OwnStatement
    _check(line, fen)
    decision = {"by": by.person_id, "at": now(), "reason": reason}
    decision |= {} if fen is None else {"fen": Int64(fen)}
    if fen is not None and fen > line.likely_fen() + ALONE_FEN and not _seconds(line, fen, by):
        _propose(line, decision, session)
        return
    if line.proposal and line.proposal.fen == fen and line.proposal.by != by.person_id:
        decision["proposed_by"] = line.proposal.by
    collection(StatementLine).update_one(
        {"_id": line.id},
        {"$set": {"state": _state(line, fen).value, "decision": decision}},
        session=session,
    )
    restate(
        statement_id,
        UNSETTLED,
        session,
        untold=[f"decided:{number}"],
        also={"decided_at": now()},
    )


def _seconds(line: StatementLine, fen: int, by: Actor) -> bool:
    """Whether another officer would decide the very same."""
    proposed = line.proposal
    return bool(proposed and proposed.fen == fen and proposed.by != by.person_id)


def _propose(line: StatementLine, decision: dict[str, Any], session: ClientSession) -> None:
    """Note what an officer may not decide alone; the latest such word stands."""
    earlier = line.proposal
    if earlier and (earlier.by, earlier.fen) == (decision["by"], decision["fen"]):
        return
    collection(StatementLine).update_one(
        {"_id": line.id}, {"$set": {"proposal": decision}}, session=session
    )
    statement = statement_with_id(line.statement_id, session)
    untold = [f"second:{statement.version}:{line.number}"]
    restate(line.statement_id, UNSETTLED, session, untold=untold)


def _check(line: StatementLine, fen: int | None) -> None:
    if fen is None:
        if not line.is_valued():
            raise AmountNeeded("fen")
    elif not line.in_kind_fen <= fen <= MOST_FEN:
        raise AmountOutOfRange("fen", least=line.in_kind_fen, most=MOST_FEN)


def _state(line: StatementLine, fen: int | None) -> LineState:
    """ACCEPTED where as much was granted as was claimed: of the system's, anything at all."""
    if fen is None:
        return LineState.REJECTED
    claimed = line.dispute.claimed_fen
    granted = fen > 0 if claimed is None else fen >= claimed
    return LineState.ACCEPTED if granted else LineState.REJECTED


def line_refunded(voucher_id: str, statement_id: str, session: ClientSession) -> None:
    """Take a voucher's line out of what is owed, inside the transaction that refunds the voucher.

    Raises StatementMoved where the statement is settled: its point is owed for it by then.
    """
    kinds = [kind.value for kind in OF_VOUCHERS]
    which = {"statement_id": statement_id, "voucher_id": voucher_id, "kind": {"$in": kinds}}
    refunded = {"$set": {"state": LineState.REFUNDED.value}}
    line = collection(StatementLine).find_one_and_update(which, refunded, session=session)
    # What the point has confirmed, perhaps on paper, comes to something else by now: it hears.
    untold = [f"refunded:{line['number']}"] if line else []
    restate(statement_id, UNSETTLED, session, untold=untold)
