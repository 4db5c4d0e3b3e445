"""From a finished walk to paid coins: judge, decide once, pay once. Every step may be repeated."""

from datetime import datetime
from typing import Any

from ledger import EntryKind, Leg, NewEntry, accounts, post_one
from people import Actor, Role, unit_of
from shared.clock import real_now
from shared.errors import NotAllowed
from shared.i18n import Text
from tasks.judging.checks import judge
from tasks.participation import Participation, ParticipationState, Verdict
from tasks.publishing import task_of
from tasks.slots import free_hours
from tasks.taking_part import ParticipationNotFound, WrongParticipationState
from tasks.task import EARLY_START
from tasks.tracks.tracking import track_of

FINAL = (ParticipationState.VERIFIED, ParticipationState.REFUSED)


class OwnWork(NotAllowed):
    """Raised when somebody would review their own walk, or one of a task they published."""

    message = Text(
        "You cannot review your own walk or your own task.", "不能审核自己参与或自己发布的任务。"
    )


def verify_participation(participation_id: str) -> None:
    """Judge a finished participation and pay it where it is verified; harmless to repeat."""
    found: Participation | None = Participation.objects.with_id(participation_id)
    if found is None:
        raise ParticipationNotFound
    if found.state == ParticipationState.FINISHED:
        found = _decide(found, _judged(found), ParticipationState.FINISHED)
    if not found.settled and found.state in FINAL:
        settle_participation(found)


def _judged(found: Participation) -> Verdict:
    task, track = task_of(found.task_id), track_of(found.id)
    judgement = judge(
        task.area,
        task.checks,
        window=(task.starts_at, task.ends_at),
        claim=_counted(found),
        points=track.points,
        datum=track.datum,
    )
    number = len(found.verdicts) + 1
    return Verdict(number=number, judged_at=real_now(), **judgement.plain())


def _counted(found: Participation) -> tuple[datetime, datetime]:
    """From when to when a walk counts: within its claim, and within its task's hours and slack.

    Whatever the checks are: or else one walk could be sent for every task of a long day.
    """
    since = max(found.started_at, found.starts_at - EARLY_START)
    until = min(found.finished_at, found.ends_at + EARLY_START)
    return since, max(since, until)


STATE_AFTER = {
    "verified": ParticipationState.VERIFIED,
    "refused": ParticipationState.REFUSED,
    "needs_review": ParticipationState.IN_REVIEW,
}


def _decide(found: Participation, verdict: Verdict, start: ParticipationState) -> Participation:
    """The one write that decides; of two judges that race, the first one's verdict stands."""
    decided: Participation | None = Participation.objects(id=found.id, state=start).modify(
        new=True, set__state=STATE_AFTER[verdict.outcome], push__verdicts=verdict
    )
    if decided is not None:
        return decided
    current: Participation = Participation.objects(id=found.id).get()
    return current


def settle_participation(decided: Participation) -> None:
    """The tail of a final verdict: pay it where it is verified, and mark that nothing is left."""
    entry_id = None
    if decided.state == ParticipationState.VERIFIED and decided.coins > 0:
        entry_id = post_one(_reward(decided))
    free_hours(decided.person_id, decided.id)
    Participation.objects(id=decided.id).update_one(
        set__settled=True, set__reward_entry_id=entry_id
    )


def _reward(decided: Participation) -> NewEntry:
    number = decided.verdicts[-1].number
    legs = [
        Leg(accounts.task(decided.task_id), -decided.coins),
        Leg(accounts.wallet(decided.person_id), decided.coins),
    ]
    about = ("participation", decided.id)
    return NewEntry(
        f"reward:{decided.id}:{number}",
        EntryKind.REWARD,
        legs,
        about,
        unit=decided.unit_id,
        lasts_months=decided.coins_last_months,
    )


def review_participation(
    participation_id: str, *, verified: bool, reason: str, by: Actor
) -> Participation:
    """The reviewer's verdict on a walk that the checks alone could not decide.

    Repeating the same verdict changes nothing. Raises ParticipationNotFound, NotAllowed, OwnWork,
    WrongParticipationState.
    """
    found: Participation | None = Participation.objects.with_id(participation_id)
    if found is None:
        raise ParticipationNotFound
    by.must_hold(Role.CENTRE_OFFICER, at=unit_of(found.unit_id))
    task = task_of(found.task_id)
    if by.person_id in (found.person_id, task.published_by):
        raise OwnWork
    outcome = "verified" if verified else "refused"
    if found.state == ParticipationState.IN_REVIEW:
        verdict = _reviewed(found, outcome, reason, by.person_id, real_now())
        found = _decide(found, verdict, ParticipationState.IN_REVIEW)
    last = found.verdict
    if last is None or last.reviewer_id != by.person_id or last.outcome != outcome:
        raise WrongParticipationState(state=found.state)
    if not found.settled:
        settle_participation(found)
    current: Participation = Participation.objects(id=found.id).get()
    return current


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
        "judged_at": moment,
    }
    return Verdict(**measured)


def in_review_of(
    unit_id: str, *, after_id: str | None = None, limit: int = 20, by: Actor
) -> list[Participation]:
    """The walks of a unit that wait for a reviewer, oldest claim first. Raises NotAllowed."""
    by.must_hold(Role.CENTRE_OFFICER, at=unit_of(unit_id))
    wanted: dict[str, Any] = {"id__gt": after_id} if after_id else {}
    waiting = Participation.objects(
        unit_id=unit_id, state=ParticipationState.IN_REVIEW, settled=False, **wanted
    )
    return list(waiting.order_by("id").limit(limit))
