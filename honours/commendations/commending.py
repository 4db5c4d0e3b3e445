"""Commending: a second person checks a nomination, a third awards it or it is declined.

Three different people stand behind every award: who nominates, who checks what happened, and who
awards in the unit's name. None of them is whom it is for, nor speaks for the unit it is for.
"""

from typing import Any

from pymongo.client_session import ClientSession

from honours.commendations.commendation import Commendation, CommendationState
from honours.commendations.commendation_roles import AWARDERS, CHECKERS, belongs_to
from honours.commendations.telling_commendations import (
    AWARDED,
    CHECKED,
    DECLINED,
    WITHDRAWN,
    tell_soon,
)
from people import Actor, Role, record_change, sound_why, unit_of
from shared.clock import now, stored
from shared.database import collection, confirmed, in_transaction
from shared.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from shared.i18n import Text

LONGEST_FOUND = 2_000
WAITING = (CommendationState.NOMINATED, CommendationState.CHECKED)


class CommendationNotFound(NotFound):
    """Raised when there is no such commendation, or none that the caller may see."""

    message = Text("There is no such commendation.", "未找到该表彰。")


class CommendationMoved(Conflict):
    """Raised when the commendation is past what is wanted of it, or somebody else decided."""

    message = Text(
        "This commendation was decided otherwise meanwhile.", "该表彰状态已变化，请刷新后查看。"
    )


class NotYetChecked(Conflict):
    """Raised when a commendation is to be awarded that nobody has checked."""

    message = Text("It must be checked first.", "须先经核实后方可表彰。")


class OwnCommendation(Refused):
    """Raised when whom it is for, or a member of that unit, would check, award or decline it."""

    message = Text(
        "Nobody decides on their own commendation.", "不能处理与本人或本单位有关的表彰。"
    )


class SamePersonTwice(Refused):
    """Raised when one of the three steps would be taken by who took an earlier one."""

    message = Text(
        "Nomination, check and award need three different people.",
        "提名、核实、表彰须由三名不同人员完成。",
    )


class FoundMissing(Invalid):
    """Raised when a check does not say what was found."""

    message = Text(
        "Please write what you found, in 1 to {most} characters.",
        "请填写核实情况（1 至 {most} 字）。",
    )


def check_commendation(commendation_id: str, *, found: str, by: Actor) -> Commendation:
    """Say what was found about a nomination, as a second person: it can be awarded then.

    Repeating it answers the same. Raises CommendationNotFound, NotAllowed, OwnCommendation,
    SamePersonTwice, FoundMissing, CommendationMoved.
    """
    found = found.strip()
    if not 1 <= len(found) <= LONGEST_FOUND:
        raise FoundMissing("found", most=LONGEST_FOUND)
    seen = _decidable(commendation_id, CHECKERS, by)
    if seen.nominated_by == by.person_id:
        raise SamePersonTwice
    change = {
        "state": CommendationState.CHECKED.value,
        "found": found,
        "checked_by": by.person_id,
        "checked_at": stored(now()),
    }
    waiting = {"_id": seen.id, "state": CommendationState.NOMINATED.value}
    collection(Commendation).update_one(waiting, _moved(change, CHECKED))
    stands = _read(seen.id)
    if stands.checked_by != by.person_id or stands.found != found:
        raise CommendationMoved
    tell_soon(stands.id)
    return stands


def award_commendation(commendation_id: str, *, why: str, by: Actor) -> Commendation:
    """Award what was checked, in the unit's name, as a third person; goes into the log of changes.

    Repeating it answers the same. Raises CommendationNotFound, NotAllowed, OwnCommendation,
    SamePersonTwice, NotYetChecked, WhyMissing, CommendationMoved.
    """
    why = sound_why(why)
    seen = _decidable(commendation_id, AWARDERS, by)
    if by.person_id in (seen.nominated_by, seen.checked_by):
        raise SamePersonTwice
    if seen.state == CommendationState.NOMINATED:
        raise NotYetChecked
    moment = stored(now())
    change = _decision(CommendationState.AWARDED, why, by)
    change |= {"awarded_by": by.person_id, "awarded_at": moment, "decided_at": moment}
    _decide(seen, (CommendationState.CHECKED,), change, AWARDED, by)
    return _decided_as(seen.id, CommendationState.AWARDED, by)


def decline_commendation(commendation_id: str, *, why: str, by: Actor) -> Commendation:
    """Decline a nomination, checked or not: whoever nominated is told why.

    Repeating it answers the same. Raises CommendationNotFound, NotAllowed, OwnCommendation,
    SamePersonTwice, WhyMissing, CommendationMoved.
    """
    why = sound_why(why)
    seen = _decidable(commendation_id, CHECKERS, by)
    if seen.nominated_by == by.person_id:
        raise SamePersonTwice
    _decide(seen, WAITING, _decision(CommendationState.DECLINED, why, by), DECLINED, by)
    return _decided_as(seen.id, CommendationState.DECLINED, by)


def withdraw_commendation(commendation_id: str, *, why: str, by: Actor) -> Commendation:
    """Take a nomination back, as who nominated; or an award, as an officer of the unit.

    What was public is so no more. Repeating it answers the same. Raises CommendationNotFound,
    NotAllowed, OwnCommendation, WhyMissing, CommendationMoved.
    """
    why = sound_why(why)
    seen = _read(commendation_id)
    may_award = by.holds(*AWARDERS, at=seen)
    if seen.nominated_by == by.person_id and not (seen.awarded_at and may_award):
        states: tuple[CommendationState, ...] = WAITING
    else:
        seen = _decidable(commendation_id, AWARDERS, by)
        states = (CommendationState.AWARDED,)
    _decide(seen, states, _decision(CommendationState.WITHDRAWN, why, by), WITHDRAWN, by)
    return _decided_as(seen.id, CommendationState.WITHDRAWN, by)


def _read(commendation_id: str) -> Commendation:
    found: Commendation | None = Commendation.objects(id=commendation_id).first()
    if found is None:
        raise CommendationNotFound
    return found


def _decidable(commendation_id: str, roles: tuple[Role, ...], by: Actor) -> Commendation:
    """The commendation, where the caller's role reaches it and it is not their own."""
    found = _read(commendation_id)
    if not by.holds(*CHECKERS, at=found):
        raise CommendationNotFound
    if not by.holds(*roles, at=found):
        raise NotAllowed
    if found.person_id == by.person_id:
        raise OwnCommendation
    if found.subject_unit_id and belongs_to(by, unit_of(found.subject_unit_id)):
        raise OwnCommendation
    return found


def _decision(state: CommendationState, why: str, by: Actor) -> dict[str, Any]:
    return {
        "state": state.value,
        "decided_by": by.person_id,
        "decided_at": stored(now()),
        "why": why,
    }


def _moved(change: dict[str, Any], step: str) -> dict[str, Any]:
    return {"$set": change, "$addToSet": {"untold": step}, "$inc": {"version": 1}}


def _decide(
    seen: Commendation,
    states: tuple[CommendationState, ...],
    change: dict[str, Any],
    step: str,
    by: Actor,
) -> None:
    """The deciding transaction: the move and its record, or neither where it moved before."""
    waiting = {"_id": seen.id, "state": {"$in": [one.value for one in states]}}
    unit = unit_of(seen.unit_id)

    def decide(session: ClientSession) -> None:
        before = collection(Commendation).find_one_and_update(
            waiting, _moved(change, step), {"state": 1}, session=session
        )
        if before is not None:
            record_change(
                "commendation",
                seen.id,
                step,
                unit=unit,
                before={"state": before["state"]},
                after={"state": change["state"]},
                why=change["why"],
                by_id=by.person_id,
                person_id=seen.person_id,
                session=session,
            )

    in_transaction(decide)


def _decided_as(commendation_id: str, state: CommendationState, by: Actor) -> Commendation:
    """The commendation as this caller decided it. Raises CommendationMoved."""
    confirmed(Commendation).find_one({"_id": commendation_id})
    found = _read(commendation_id)
    if found.state != state or found.decided_by != by.person_id:
        raise CommendationMoved
    tell_soon(found.id)
    return found
