"""How a volunteer takes part once a slot is claimed: start, finish, or give it up in time."""

from datetime import datetime
from typing import Any

from people import Actor, Role, unit_of
from shared.clock import in_business_time, now, real_now, stored
from shared.errors import Conflict, Invalid, NotFound
from shared.i18n import Text
from shared.queue import enqueue
from tasks.claims.ending_together import finish_companions
from tasks.participation import Participation, ParticipationState
from tasks.publishing import task_of
from tasks.slots import begin_walking, free_hours, free_slot, has_hours, stop_walking, walked_by
from tasks.task import TaskState


class ParticipationNotFound(NotFound):
    """Raised when there is no such participation, or it is somebody else's."""

    message = Text("There is no such participation.", "参与记录不存在。")


class TooEarly(Conflict):
    """Raised when a start comes before the quarter of an hour ahead of the window."""

    message = Text("You can start from {startable_local}.", "最早可于 {startable_local} 开始。")


class TaskCalledOff(Conflict):
    """Raised when a start comes after the centre called the task off."""

    message = Text("This task was called off.", "该任务已取消。")


class AlreadyWalking(Conflict):
    """Raised when another task is started and not finished: nobody walks two at once."""

    message = Text(
        "You are still walking another task; finish it first.", "您还有正在进行的任务，请先结束。"
    )


class WindowOver(Conflict):
    """Raised when a start comes after the task's window."""

    message = Text("The task's time is over.", "任务时间已结束。")


class WrongParticipationState(Conflict):
    """Raised when the participation is no longer in the state that the step starts from."""

    message = Text(
        "The participation is {state}; this is no longer possible.",
        "参与状态为 {state}，无法操作。",
    )


class BadFinish(Invalid):
    """Raised when a finish lies before the start or in the future."""

    message = Text(
        "finished_at must lie between the start and now.", "结束时间须在开始时间与当前时间之间。"
    )


def participation_of(participation_id: str, *, by: Actor) -> Participation:
    """The caller's own participation, or one of a unit that the caller runs or audits.

    A refused walk is told to its volunteer alone, and to who refused it. Raises
    ParticipationNotFound.
    """
    found: Participation | None = Participation.objects.with_id(participation_id)
    if found is None or not (found.person_id == by.person_id or is_for_staff(found, by)):
        raise ParticipationNotFound
    return found


def is_for_staff(found: Participation, by: Actor) -> bool:
    """Whether `by` runs or audits the unit and may know of it: a refusal is for who gave it."""
    is_failure = found.state == ParticipationState.REFUSED
    if is_failure and (found.verdict is None or found.verdict.reviewer_id != by.person_id):
        return False
    return by.holds(Role.CENTRE_OFFICER, Role.AUDITOR, at=unit_of(found.unit_id))


def participations_of(
    person_id: str, *, before_id: str | None = None, limit: int = 20
) -> list[Participation]:
    """The person's participations, newest claim first."""
    wanted: dict[str, Any] = {"person_id": person_id}
    if before_id:
        wanted["id__lt"] = before_id
    return list(Participation.objects(**wanted).order_by("-id").limit(limit))


def start_participation(participation_id: str, *, by: Actor) -> Participation:
    """The participation, started now; repeating it answers the started one.

    A start after `held_until` still counts where no sweep has given the slot to others by then.
    Raises ParticipationNotFound, TaskCalledOff, TooEarly, WindowOver, AlreadyWalking,
    WrongParticipationState.
    """
    found, moment = own_participation(participation_id, by), now()
    if found.started_at is not None:
        return found
    task = task_of(found.task_id)
    if task.state == TaskState.CANCELLED:
        raise TaskCalledOff
    startable_from = task.startable_from()
    if moment < startable_from:
        raise TooEarly(
            startable_from=startable_from, startable_local=in_business_time(startable_from)
        )
    if moment >= found.ends_at:
        raise WindowOver
    walk_now(found.person_id, found.id)
    return move_on(
        found,
        ParticipationState.CLAIMED,
        set__state=ParticipationState.STARTED,
        set__started_at=moment,
    )


def walk_now(person_id: str, participation_id: str) -> None:
    """Note that the person walks this now. Raises AlreadyWalking where it is another."""
    if not begin_walking(person_id, participation_id) and not _forgot_walking(
        person_id, participation_id
    ):
        raise AlreadyWalking


def _forgot_walking(person_id: str, participation_id: str) -> bool:
    """Whether the person is free after all: what they are noted as walking has ended since.

    Finishing takes the note away; where that was cut off, the walk finished by time, or a start
    lost against the end of its own claim, the next start does.
    """
    noted_id = walked_by(person_id)
    if noted_id is None:
        return begin_walking(person_id, participation_id)
    noted = Participation.objects.with_id(noted_id)
    if noted is None and has_hours(person_id, noted_id):
        return False  # joining a team just now: its slot is not decided yet
    if noted is not None and noted.state in (
        ParticipationState.CLAIMED,
        ParticipationState.STARTED,
    ):
        return False
    stop_walking(person_id, noted_id)
    return begin_walking(person_id, participation_id)


def finish_participation(
    participation_id: str, *, finished_at: datetime | None = None, by: Actor
) -> Participation:
    """The participation, finished, and on its way to a verdict; repeating it changes nothing.

    `finished_at` is for a phone that was off line when the walk ended. Send it after every
    upload was answered: what comes later is not judged. Raises ParticipationNotFound,
    WrongParticipationState, BadFinish.
    """
    found, moment = own_participation(participation_id, by), now()
    if found.finished_at is not None:
        return found
    finished_at = stored(finished_at) if finished_at else moment
    if found.started_at is not None and not found.started_at <= finished_at <= moment:
        raise BadFinish("finished_at")
    finished = _finished(found, finished_at)
    stop_walking(finished.person_id, finished.id)
    # What is left of the hours is the person's own again, however long the verdict takes.
    free_hours(finished.person_id, finished.id)
    finish_companions(finished)
    enqueue("tasks.jobs.verify_participation", finished.id)
    return finished


def _finished(found: Participation, finished_at: datetime) -> Participation:
    """Finished now, or by whoever was faster, even where that one is judged already."""
    try:
        return move_on(
            found,
            ParticipationState.STARTED,
            set__state=ParticipationState.FINISHED,
            set__finished_at=finished_at,
            set__finish_received_at=real_now(),
        )
    except WrongParticipationState:
        current: Participation = Participation.objects(id=found.id).get()
        if current.finished_at is None:
            raise
        return current


def give_up_participation(participation_id: str, *, by: Actor) -> Participation:
    """The claim or the place in the waiting line, given back before the start.

    After `free_until` a claim given up is marked as missed. The slot goes to the first who waits.
    Repeating it changes nothing. Raises ParticipationNotFound, WrongParticipationState.
    """
    found = own_participation(participation_id, by)
    if found.state == ParticipationState.WAITING:
        found = _leave_line(found)
    if found.state != ParticipationState.GIVEN_UP:
        is_late = found.free_until is not None and now() > found.free_until
        found = move_on(
            found,
            ParticipationState.CLAIMED,
            set__state=ParticipationState.GIVEN_UP,
            set__missed=is_late,
        )
    free_slot(found)
    return found


def _leave_line(found: Participation) -> Participation:
    """Given up while waiting, or the participation as somebody's other step has left it."""
    left: Participation | None = Participation.objects(
        id=found.id, state=ParticipationState.WAITING
    ).modify(new=True, set__state=ParticipationState.GIVEN_UP)
    return left or Participation.objects(id=found.id).get()


def own_participation(participation_id: str, by: Actor) -> Participation:
    """The caller's own participation. Raises ParticipationNotFound."""
    found: Participation | None = Participation.objects(
        id=participation_id, person_id=by.person_id
    ).first()
    if found is None:
        raise ParticipationNotFound
    return found


def move_on(found: Participation, start: ParticipationState, **update: Any) -> Participation:
    """One guarded step of the state from `start`, which must be in `update` as set__state.

    Of two that race, the second is answered with what the first made. Raises
    WrongParticipationState.
    """
    moved: Participation | None = Participation.objects(id=found.id, state=start).modify(
        new=True, **update
    )
    if moved is not None:
        return moved
    current: Participation = Participation.objects(id=found.id).get()
    if current.state == update["set__state"]:
        return current
    raise WrongParticipationState(state=current.state)
