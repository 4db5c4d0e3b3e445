"""Claiming and starting in one go, by somebody who stands where the task is walked."""

from typing import Any

import shapely

from shared.clock import now
from shared.errors import Refused
from shared.i18n import Text
from shared.ids import new_id
from tasks.claiming import TaskFull, half_way, standing
from tasks.claims.requirements import NotOpen
from tasks.judging.areas import compile_area
from tasks.participation import Participation, ParticipationState
from tasks.publishing import task_of
from tasks.slots import complete_claim, free_hours, push_claim, reserve_hours, stop_walking
from tasks.taking_part import AlreadyWalking, move_on, walk_now
from tasks.task import Claim, Task

# A phone between houses may be this far off, and a team gathers around a corner.
NEAR_AREA_M = 50.0


class NotThere(Refused):
    """Raised when somebody joins a walk who is not where it is walked."""

    message = Text(
        "You are {distance_m} m from the task's area; join within {within_m} m of it.",
        "您距任务区域 {distance_m} 米，须在 {within_m} 米内加入。",
    )


def refuse_elsewhere(task: Task, position: tuple[float, float]) -> None:
    """Raises NotThere unless (lat, lon) is in the task's area or within 50 m of it."""
    area = compile_area(task.area)
    x, y = area.frame.to_metres(*position)
    away_m = float(shapely.distance(area.outline, shapely.Point(float(x), float(y))))
    if away_m > NEAR_AREA_M:
        raise NotThere(distance_m=round(away_m), within_m=round(NEAR_AREA_M))


def join_on_the_spot(
    task: Task, person_id: str, *, guard: dict[str, Any], **grounds: str
) -> Participation:
    """A slot of the task for the person, started at once.

    Hours first, then the slot, which decides, as in every claim. `guard` is what else the slot's
    write asks of the task; `grounds` are team_of or vouched_by. Raises HoursTaken, AlreadyWalking,
    NotOpen, TaskFull, AlreadyTookPart.
    """
    participation_id = new_id()
    is_ours = reserve_hours(task, participation_id, person_id)
    if not is_ours:
        participation_id = half_way(task, person_id, marks_count=False)
    try:
        walk_now(person_id, participation_id)
    except AlreadyWalking:
        if is_ours:
            free_hours(person_id, participation_id)
        raise
    claim = Claim(
        participation_id=participation_id, person_id=person_id, claimed_at=now(), **grounds
    )
    if push_claim(task, claim, **guard):
        return complete_claim(task, claim)
    current = task_of(task.id)
    held = current.claim_of(person_id)
    if held:
        return standing(complete_claim(current, held))
    stop_walking(person_id, participation_id)
    if is_ours:
        free_hours(person_id, participation_id)
    raise TaskFull(slots=task.slots) if current.is_open_at(now()) else NotOpen


def start_claimed(found: Participation, **joined: str) -> Participation:
    """A claim that stood already, started now and noted as `joined` (team_of or vouched_by)."""
    if found.state != ParticipationState.CLAIMED:
        return found
    walk_now(found.person_id, found.id)
    return move_on(
        found,
        ParticipationState.CLAIMED,
        set__state=ParticipationState.STARTED,
        set__started_at=now(),
        **{f"set__{name}": value for name, value in joined.items()},
    )
