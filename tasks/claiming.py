"""How a volunteer claims a slot: who may, from where, and the write that decides."""

from datetime import datetime
from typing import Any

from people import Actor, Person, actor_for, known_person_of
from shared.clock import in_business_time, now
from shared.errors import Conflict, Refused
from shared.i18n import Text
from shared.ids import new_id
from tasks.agenda import CLAIM_AHEAD
from tasks.claims.requirements import (
    NotOpen,
    refuse_from_afar,
    refuse_unfit,
    refuse_who_runs_it,
)
from tasks.participation import ENDED_UNWALKED, Participation, ParticipationState
from tasks.publishing import TaskNotFound, task_of
from tasks.slots import (
    answer_order,
    complete_claim,
    free_hours,
    free_slot,
    marked_until,
    push_claim,
    reserve_hours,
    reserved_for,
)
from tasks.task import Claim, Task, TaskState


class TaskFull(Conflict):
    """Raised when every slot of the task is taken."""

    message = Text("All {slots} places are taken.", "{slots} 个名额已满。")


class AlreadyTookPart(Conflict):
    """Raised when the person's one go at this task is over, whatever came of it."""

    message = Text(
        "You have already taken part in this task; your participation is {state}.",
        "您已参与过该任务，参与状态为 {state}。",
    )


class HoursTaken(Conflict):
    """Raised when the person has already claimed another task at these hours."""

    message = Text(
        "You have already claimed another task at this time.", "您在该时段已领取其他任务。"
    )


class OfferWaits(Conflict):
    """Raised when somebody claims whom the waiting list has already offered a slot."""

    message = Text(
        "A place is offered to you: confirm it in your participation.",
        "候补名额已为您保留，请在参与记录中确认。",
    )


class TooManyMissed(Refused):
    """Raised when three claims missed in thirty days keep the person from claiming far ahead."""

    message = Text(
        "You missed three claims within 30 days: until {until_local} you can claim tasks only "
        "within 2 hours of their start.",
        "您 30 天内有三次爽约，{until_local} 前只能领取 2 小时内开始的任务。",
    )


class ByOrderOnly(Refused):
    """Raised when the task goes only to those whom its centre asks."""

    message = Text("The centre itself assigns this task.", "该任务由网格中心指派，不开放领取。")


class TeamNeedsCode(Refused):
    """Raised when a team task has its leader: the others join by the leader's code."""

    message = Text(
        "This team has its leader; join by the code on the leader's phone.",
        "该小组任务已有组长，请到现场扫描组长手机上的二维码加入。",
    )


def claim_task(task_id: str, *, position: tuple[float, float] | None, by: Actor) -> Participation:
    """A slot of the task for the caller; `position` is (lat, lon) in WGS-84 where it is needed.

    Of a team task, the leader's. Claiming again answers the standing claim. Raises TaskNotFound,
    NotOpen, TaskFull, HoursTaken, AlreadyTookPart, OfferWaits, RealNameMissing, OwnUnitsTask,
    ByOrderOnly, TeamNeedsCode, NotForYou, LevelTooLow, CertificateMissing, TooManyMissed,
    PositionMissing, TooFarAway, OutsideUnit.
    """
    task, person = shown_task(task_id), known_person_of(by.person_id)
    held = task.claim_of(person.id)
    if held:
        return standing(complete_claim(task, held, person))
    refuse_who_runs_it(task, by)
    if task.by_order:
        raise ByOrderOnly
    if task.is_team and task.claims:
        raise TeamNeedsCode
    if task.slots_left == 0:
        raise TaskFull(slots=task.slots)
    refuse_unfit(task, person, by)
    refuse_from_afar(task, position)
    # Of two would-be leaders at once, the slot's own write lets one through.
    guard = {"claims.0": {"$exists": False}} if task.is_team else {}
    return take_slot(task, person, marks_count=True, guard=guard)


def claim_by_order(
    task_id: str, *, person_id: str, order_id: str, crew_role: str | None
) -> Participation:
    """A slot of the task for somebody whom its centre asked: no distance, wishes or marks count.

    Claiming again answers the standing claim. Raises TaskNotFound, NotOpen, TaskFull, HoursTaken,
    AlreadyTookPart, OfferWaits, PersonNotFound, RealNameMissing, OwnUnitsTask.
    """
    task, person = shown_task(task_id), known_person_of(person_id)
    held = task.claim_of(person.id)
    if held:
        return answer_order(task, standing(complete_claim(task, held, person)), order_id)
    refuse_who_runs_it(task, actor_for(person.id))
    if task.slots_left == 0:
        raise TaskFull(slots=task.slots)
    return take_slot(task, person, order_id=order_id, crew_role=crew_role)


def shown_task(task_id: str) -> Task:
    """The task, which is no draft any more. Raises TaskNotFound."""
    task = task_of(task_id)
    if task.state == TaskState.DRAFT:
        raise TaskNotFound
    return task


def standing(participation: Participation) -> Participation:
    """The participation behind a slot that is held.

    Raises OfferWaits where it is still to be confirmed, AlreadyTookPart where it is over.
    """
    if participation.state == ParticipationState.WAITING:
        raise OfferWaits
    if participation.state not in (ParticipationState.CLAIMED, ParticipationState.STARTED):
        raise AlreadyTookPart(state=participation.state)
    return participation


def take_slot(
    task: Task,
    person: Person,
    *,
    marks_count: bool = False,
    guard: dict[str, Any] | None = None,
    **grounds: str | None,
) -> Participation:
    """Hours first, then the slot, which decides, then the participation that follows from it.

    `guard` is what else the slot's write asks of the task; `grounds` are the claim's order_id and
    crew_role. Raises HoursTaken, TooManyMissed, TaskFull, NotOpen, TeamNeedsCode.
    """
    participation_id, moment = new_id(), now()
    is_ours = reserve_hours(task, participation_id, person.id, marks_count=marks_count)
    if not is_ours:
        # Perhaps the same claim, sent twice at once or cut off half-way: then go on with it.
        participation_id = half_way(task, person.id, marks_count)
    claim = Claim(
        participation_id=participation_id, person_id=person.id, claimed_at=moment, **grounds
    )
    if not push_claim(task, claim, **(guard or {})):
        return _after_lost_slot(task, claim, moment, is_ours)
    participation = complete_claim(task, claim, person)
    if participation.state in ENDED_UNWALKED:  # given up between the two looks at it
        free_slot(participation)
        raise HoursTaken
    return participation


def half_way(task: Task, person_id: str, marks_count: bool) -> str:
    """The participation id of the person's claim of this very task that is under way.

    Raises TooManyMissed, HoursTaken where there is none: why the agenda took no hours.
    """
    standing_id = reserved_for(task.id, person_id)
    if standing_id is not None:
        return standing_id
    if marks_count:
        refuse_far_ahead(task, person_id)
    raise HoursTaken


def refuse_far_ahead(task: Task, person_id: str) -> None:
    """Raises TooManyMissed where the task is farther ahead than the person's marks allow."""
    if task.starts_at <= now() + CLAIM_AHEAD:
        return
    until = marked_until(person_id)
    if until is not None:
        raise TooManyMissed(until=until, until_local=in_business_time(until))


def _after_lost_slot(task: Task, claim: Claim, moment: datetime, is_ours: bool) -> Participation:
    """The person's claim that got the slot meanwhile, or the refusal that says why none was got."""
    current = task_of(task.id)
    held = current.claim_of(claim.person_id)
    if held:
        return complete_claim(task, held)
    if is_ours:
        free_hours(claim.person_id, claim.participation_id)
    if not current.is_open_at(moment):
        raise NotOpen
    raise TeamNeedsCode if task.is_team and current.slots_left else TaskFull(slots=task.slots)
