"""The review queue of a unit: walks that a person decides, and who may not decide which."""

from datetime import datetime
from typing import Any

from people import Actor, Role, unit_of
from shared.clock import real_now
from shared.errors import NotAllowed
from shared.i18n import Text
from tasks.participation import Participation, ParticipationState, Verdict
from tasks.paying import settle_participation
from tasks.publishing import task_of
from tasks.taking_part import ParticipationNotFound, WrongParticipationState
from tasks.verification import decide

# What waits for a person: a walk the machine could not decide, and a refusal objected to.
WAITING = (ParticipationState.IN_REVIEW, ParticipationState.APPEALED)

SAID = {
    "verified": Text("A reviewer accepted this work: {words}", "审核人已认可本次参与：{words}"),
    "refused": Text(
        "A reviewer did not accept this work: {words}", "审核人未认可本次参与：{words}"
    ),
}


class OwnWork(NotAllowed):
    """Raised when somebody would review their own walk, or one of a task they published."""

    message = Text(
        "You cannot review your own walk or your own task.", "不能审核自己参与或自己发布的任务。"
    )


class JudgedBefore(NotAllowed):
    """Raised when who refused a walk, or wrote its attendance down, would decide on it again."""

    message = Text(
        "Another reviewer decides here: you have already judged or recorded this one.",
        "您已处理过该记录，须由其他审核人决定。",
    )


def review_participation(
    participation_id: str, *, verified: bool, reason: str, by: Actor
) -> Participation:
    """The reviewer's verdict on a walk that the checks alone could not decide, or on an appeal.

    Repeating the same verdict changes nothing. Raises ParticipationNotFound, NotAllowed, OwnWork,
    JudgedBefore, WrongParticipationState.
    """
    found: Participation | None = Participation.objects.with_id(participation_id)
    if found is None:
        raise ParticipationNotFound
    by.must_hold(Role.CENTRE_OFFICER, at=unit_of(found.unit_id))
    outcome = "verified" if verified else "refused"
    if found.state in WAITING:
        refuse_partial(found, by)
        verdict = _reviewed(found, outcome, reason, by.person_id, real_now())
        # An appeal, or another verdict, may have come between; then this answers something else.
        seen = {"verdicts": {"$size": len(found.verdicts)}}
        found = decide(found, verdict, ParticipationState(found.state), **seen)
    last = found.verdict
    if last is None or last.reviewer_id != by.person_id or last.outcome != outcome:
        raise WrongParticipationState(state=found.state)
    if not found.settled:
        settle_participation(found)
    current: Participation = Participation.objects(id=found.id).get()
    return current


def refuse_partial(found: Participation, by: Actor) -> None:
    """Raises OwnWork or JudgedBefore where `by` is no stranger to the walk."""
    task = task_of(found.task_id)
    if by.person_id in (found.person_id, task.published_by, task.created_by):
        raise OwnWork
    before = {verdict.reviewer_id for verdict in found.verdicts if verdict.reviewer_id}
    if by.person_id in before | {found.back_filled_by}:
        raise JudgedBefore


def _reviewed(
    found: Participation, outcome: str, reason: str, reviewer_id: str, moment: datetime
) -> Verdict:
    """A verdict that keeps what the checks measured and adds who decided and why."""
    measured: dict[str, Any] = found.verdicts[-1].to_mongo().to_dict()
    measured |= {
        "number": len(found.verdicts) + 1,
        "outcome": outcome,
        "reviewer_id": reviewer_id,
        "reviewer_words": reason,
        "reason": SAID[outcome].both(words=reason),
        "answers_appeal": found.state == ParticipationState.APPEALED,
        "judged_at": moment,
    }
    return Verdict(**measured)


def in_review_of(
    unit_id: str, *, after_id: str | None = None, limit: int = 20, by: Actor
) -> list[Participation]:
    """What waits for a reviewer in a unit, oldest claim first, without what `by` may not decide.

    Raises NotAllowed, UnitNotFound.
    """
    by.must_hold(Role.CENTRE_OFFICER, at=unit_of(unit_id))
    wanted: dict[str, Any] = {"id__gt": after_id} if after_id else {}
    waiting = Participation.objects(
        unit_id=unit_id,
        state__in=WAITING,
        settled=False,
        person_id__ne=by.person_id,
        back_filled_by__ne=by.person_id,
        verdicts__reviewer_id__ne=by.person_id,
        **wanted,
    )
    return list(waiting.order_by("id").limit(limit))
