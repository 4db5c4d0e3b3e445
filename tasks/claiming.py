"""How a volunteer claims a slot: who may, from where, and the write that decides."""

from people import Actor, Person, Role, grids_at, known_person_of, unit_of, units_of
from shared.clock import now
from shared.errors import Conflict, Invalid, Refused
from shared.geo import distance_m
from shared.i18n import Text
from shared.ids import new_id
from tasks.participation import ENDED_UNWALKED, Participation, ParticipationState
from tasks.publishing import TaskNotFound, task_of
from tasks.slots import (
    complete_claim,
    free_hours,
    free_slot,
    push_claim,
    reserve_hours,
    reserved_for,
)
from tasks.task import ClaimFrom, Task, TaskState


class NotOpen(Conflict):
    """Raised when the task cannot be claimed: not published, called off, or its window is over."""

    message = Text("This task can no longer be claimed.", "该任务已不可领取。")


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


class OwnUnitsTask(Refused):
    """Raised when somebody who runs the centre would earn by a task of it."""

    message = Text(
        "Who runs the centre cannot claim its tasks.", "网格中心工作人员不能领取本中心的任务。"
    )


class NotForYou(Refused):
    """Raised when the task asks for a role or a kind of helper that the person is not."""

    message = Text("This task is for {wanted} only.", "该任务仅限：{wanted}。")


class PositionMissing(Invalid):
    """Raised when the task says where a claimer must be, and the claim does not say where."""

    message = Text("This task asks where you are: send position.", "该任务需要您的位置。")


class TooFarAway(Refused):
    """Raised when the claimer is not where the task wants claimers to be."""

    message = Text(
        "You are {distance_m} m away; claim within {within_m} m of the task.",
        "您距任务 {distance_m} 米，须在 {within_m} 米内领取。",
    )


class OutsideUnit(Refused):
    """Raised when the claimer is not on the ground of the publishing unit."""

    message = Text("Only people now in {place} can claim this.", "仅限当前位于{place}的人员领取。")


def claim_task(task_id: str, *, position: tuple[float, float] | None, by: Actor) -> Participation:
    """A slot of the task for the caller; `position` is (lat, lon) in WGS-84 where it is needed.

    Claiming again answers the standing claim. Raises TaskNotFound, NotOpen, TaskFull, HoursTaken,
    AlreadyTookPart, RealNameMissing, OwnUnitsTask, NotForYou, PositionMissing, TooFarAway,
    OutsideUnit.
    """
    task, person = task_of(task_id), known_person_of(by.person_id)
    if task.state == TaskState.DRAFT:
        raise TaskNotFound
    held = task.claim_of(person.id)
    if held:
        return _standing(complete_claim(task, held.participation_id, person.id, held.claimed_at))
    _refuse_claimer(task, person, position, by)
    return _take_slot(task, person.id)


def _standing(participation: Participation) -> Participation:
    if participation.state not in (ParticipationState.CLAIMED, ParticipationState.STARTED):
        raise AlreadyTookPart(state=participation.state)
    return participation


def _refuse_claimer(
    task: Task, person: Person, position: tuple[float, float] | None, by: Actor
) -> None:
    """What can be judged before the deciding write."""
    if not task.is_open_at(now()):
        raise NotOpen
    if task.slots_left == 0:
        raise TaskFull(slots=task.slots)
    if _runs_its_centre(by, task):
        raise OwnUnitsTask
    if task.roles_wanted and not _holds_one_here(by, task):
        raise NotForYou(wanted=", ".join(task.roles_wanted))
    if task.serves_as_wanted and not set(task.serves_as_wanted) & set(person.serves_as):
        raise NotForYou(wanted=", ".join(task.serves_as_wanted))
    if task.claim_from == ClaimFrom.ANYWHERE:
        return
    if position is None:
        raise PositionMissing("position")
    if task.claim_from == ClaimFrom.INSIDE_UNIT:
        if not any(task.unit_id in grid.lineage for grid in grids_at(*position).values()):
            raise OutsideUnit(place=task.place)
        return
    lon, lat = task.location["coordinates"]
    away_m = round(distance_m(position, (lat, lon)))
    if away_m > task.claim_within_m:
        raise TooFarAway(distance_m=away_m, within_m=task.claim_within_m)


def _runs_its_centre(by: Actor, task: Task) -> bool:
    if by.person_id in (task.created_by, task.published_by):
        return True
    is_officer = by.holds(Role.CENTRE_OFFICER)
    return is_officer and by.holds(Role.CENTRE_OFFICER, at=unit_of(task.unit_id))


def _holds_one_here(by: Actor, task: Task) -> bool:
    """Whether a role that the task wants is held above, at or below the task's unit."""
    roles = [Role(role) for role in task.roles_wanted]
    unit = unit_of(task.unit_id)
    if by.holds(*roles, at=unit):
        return True
    below = units_of(by.units_of(*roles)).values()
    return any(unit.id in held_at.lineage for held_at in below)


def _take_slot(task: Task, person_id: str) -> Participation:
    """Hours first, then the slot, which decides, then the participation that follows from it."""
    participation_id, moment = new_id(), now()
    is_ours = reserve_hours(task, participation_id, person_id)
    if not is_ours:
        # Perhaps the same claim, sent twice at once or cut off half-way: then go on with it.
        standing_id = reserved_for(task.id, person_id)
        if standing_id is None:
            raise HoursTaken
        participation_id = standing_id
    if not push_claim(task, participation_id, person_id, moment):
        standing = task_of(task.id).claim_of(person_id)
        if standing:
            return complete_claim(task, standing.participation_id, person_id, standing.claimed_at)
        if is_ours:
            free_hours(person_id, participation_id)
        raise TaskFull(slots=task.slots) if task_of(task.id).is_open_at(moment) else NotOpen
    participation = complete_claim(task, participation_id, person_id, moment)
    if participation.state in ENDED_UNWALKED:  # given up between the two looks at it
        free_slot(participation)
        raise HoursTaken
    return participation
