"""Attendance written down afterwards: a second officer confirms it, and it pays no coins."""

import hashlib

from people import Actor, known_person_of
from shared.clock import now, real_now
from shared.database import collection
from shared.errors import Conflict, Refused
from shared.i18n import Text
from tasks.participation import ENDED_UNWALKED, Participation, ParticipationState, Verdict
from tasks.publishing import WrongTaskState, managed_task
from tasks.task import Task, TaskState
from tasks.verification import tell_of_review

_SAID = Text(
    "Attendance was written down afterwards; a second officer decides, and it pays no coins.",
    "该参与记录为事后补录，须由另一名工作人员确认，且不发放福币。",
)


class TookPartAlready(Conflict):
    """Raised when the person has a participation in the task already."""

    message = Text(
        "This person already has a participation in this task.", "该人员已有该任务的参与记录。"
    )


class NotYetOver(Refused):
    """Raised when attendance is written down while the task can still be claimed and walked."""

    message = Text("The task is not over yet.", "任务尚未结束。")


class OwnAttendance(Refused):
    """Raised when an officer would write down their own attendance."""

    message = Text("Nobody writes down their own attendance.", "不能为自己补录参与记录。")


def back_fill(task_id: str, person_id: str, *, words: str, by: Actor) -> Participation:
    """The person's attendance at a task that is over, waiting for a second officer; pays nothing.

    Repeating it answers the same. Raises TaskNotFound, NotAllowed, PersonNotFound,
    RealNameMissing, WrongTaskState, NotYetOver, OwnAttendance, TookPartAlready.
    """
    task, person = managed_task(task_id, by), known_person_of(person_id)
    if task.state not in (TaskState.PUBLISHED, TaskState.CLOSED):
        raise WrongTaskState(state=task.state)
    if now() < task.ends_at:
        raise NotYetOver
    if person.id == by.person_id:
        raise OwnAttendance
    participation_id = _id_of(task.id, person.id)
    # Who claimed and could not come, so it seemed, may have come after all.
    other = Participation.objects(
        task_id=task.id,
        person_id=person.id,
        id__ne=participation_id,
        state__nin=(*ENDED_UNWALKED, ParticipationState.WAITING),
    )
    if other.first():
        raise TookPartAlready
    collection(Participation).update_one(
        {"_id": participation_id},
        {"$setOnInsert": _first(task, person.id, words, by.person_id)},
        upsert=True,
    )
    written: Participation = Participation.objects(id=participation_id).get()
    if written.back_filled_by != by.person_id:
        raise TookPartAlready
    if written.state == ParticipationState.IN_REVIEW and not written.review_told:
        tell_of_review(written)
    return written


def _id_of(task_id: str, person_id: str) -> str:
    """One id a task and person, so that two who write it down at once write one."""
    return hashlib.sha256(f"back-filled:{task_id}:{person_id}".encode()).hexdigest()[:24]


def _first(task: Task, person_id: str, words: str, officer_id: str) -> dict[str, object]:
    verdict = Verdict(
        number=1,
        outcome="needs_review",
        reason=_SAID.both(),
        reviewer_words=words,
        judged_at=real_now(),
    )
    moment = now()
    return {
        "task_id": task.id,
        "unit_id": task.unit_id,
        "person_id": person_id,
        "state": ParticipationState.IN_REVIEW.value,
        "starts_at": task.starts_at,
        "ends_at": task.ends_at,
        "kind": task.kind,
        "coins": 0,
        "claimed_at": moment,
        "points": 0,
        "sent": 0,
        "back_filled_by": officer_id,
        "verdicts": [verdict.to_mongo().to_dict()],
        "settled": False,
        "review_told": False,
    }
