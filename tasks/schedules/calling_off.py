"""How a centre calls one occurrence of a schedule off, published or not."""

from datetime import date

from people import Actor
from shared.errors import NotFound
from shared.i18n import Text
from tasks.publishing import WrongTaskState, task_of
from tasks.schedules.occurrence import Occurrence, OccurrenceState
from tasks.schedules.plans import occurrences_of
from tasks.schedules.publishing_ahead import finish_calling_off, record_of
from tasks.schedules.schedule import Schedule
from tasks.schedules.scheduling import business_zone, calendars_of, managed_schedule, plan_of
from tasks.task import TaskState


class OccurrenceNotFound(NotFound):
    """Raised when the schedule plans no such occurrence and never did."""

    message = Text("The schedule has no such occurrence.", "排班计划中没有该场次。")


def call_off_occurrence(schedule_id: str, occurrence: str, *, by: Actor) -> Occurrence:
    """The occurrence, called off; its task, where it has one, is cancelled. Repeating is harmless.

    Raises NotAllowed, ScheduleNotFound, OccurrenceNotFound, WrongTaskState where its task is
    over.
    """
    schedule = managed_schedule(schedule_id, by)
    record = _known(schedule, occurrence)
    if record.task_id and record.state != OccurrenceState.CALLED_OFF:
        task = task_of(record.task_id)
        if task.state == TaskState.CLOSED:
            raise WrongTaskState(state=task.state)
    Occurrence.objects(id=record.id, state__ne=OccurrenceState.CALLED_OFF).update_one(
        set__state=OccurrenceState.CALLED_OFF,
        set__called_off_by=by.person_id,
        set__settled=False,
    )
    # Read again: a publisher may have drafted it just before.
    record = Occurrence.objects.with_id(record.id)
    if not record.settled:
        finish_calling_off(record)
    return Occurrence.objects.with_id(record.id)


def _known(schedule: Schedule, occurrence: str) -> Occurrence:
    """The occurrence's record, made where the plan has it. Raises OccurrenceNotFound."""
    record: Occurrence | None = Occurrence.objects.with_id(f"{schedule.id}:{occurrence}")
    if record is not None:
        return record
    try:
        day = date.fromisoformat(occurrence.partition(".")[0])
    except ValueError:
        raise OccurrenceNotFound from None
    planned = occurrences_of(
        plan_of(schedule),
        since=day,
        until=day,
        zone=business_zone(),
        calendars=calendars_of(schedule),
    )
    for one in planned:
        if one.occurrence == occurrence:
            return record_of(schedule, one)
    raise OccurrenceNotFound
