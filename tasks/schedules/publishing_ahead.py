"""The publisher: drafts and publishes what schedules plan for the coming days, each once.

The occurrence's record pins the version that it is drafted from, the draft's own key holds two
publishers to one draft, and publishing is decided by the task's state: any step may be repeated.
"""

from datetime import datetime, timedelta
from typing import Any

from notices import tell_officers
from people import actor_for
from shared.clock import real_now
from shared.errors import DomainError
from shared.sweeping import sweep_each
from tasks.closing import cancel_task
from tasks.publishing import WrongTaskState, draft_task, publish_task, task_of
from tasks.schedules.occurrence import Occurrence, OccurrenceState
from tasks.schedules.plans import Planned, occurrences_of
from tasks.schedules.schedule import Schedule
from tasks.schedules.scheduling import business_zone, calendars_of, plan_of, window_of
from tasks.task import Task, TaskState

# Where something could not be published, it is tried again after this long.
TRY_AGAIN = timedelta(minutes=10)
# A schedule is looked at this often at least: holidays become known, clocks change.
LOOK_AGAIN = timedelta(days=1)
BATCH = 500


def publish_due() -> int:
    """Publish what the schedules have due, finish what was called off; how many were looked at."""
    found = Schedule.objects(active=True, look_at__lte=real_now()).order_by("look_at").limit(BATCH)
    looked_at = sweep_each(found, publish_schedule)
    called_off = Occurrence.objects(settled=False).limit(BATCH)
    return looked_at + sweep_each(called_off, _finish)


def publish_schedule(schedule: Schedule) -> None:
    """Publish what starts within the schedule's days ahead, and say when to look again."""
    moment = real_now()
    ahead_until = moment + timedelta(days=schedule.publish_ahead_days)
    planned = _planned(schedule, moment, ahead_until + LOOK_AGAIN)
    done = _done(schedule, planned)
    due = [one for one in planned if one.starts_at <= ahead_until and one.occurrence not in done]

    def publish(one: Planned) -> bool:
        return publish_occurrence(schedule, one)

    all_well = sweep_each(due, publish) == len(due)
    later = [one.starts_at - timedelta(days=schedule.publish_ahead_days) for one in planned]
    next_at = min([at for at in later if at > moment], default=moment + LOOK_AGAIN)
    look_at = next_at if all_well else min(next_at, moment + TRY_AGAIN)
    # Changed meanwhile: then somebody wants it looked at sooner.
    Schedule.objects(id=schedule.id, look_at=schedule.look_at).update_one(set__look_at=look_at)


def _planned(schedule: Schedule, since: datetime, until: datetime) -> list[Planned]:
    """What starts after `since`, up to `until`."""
    zone = business_zone()
    day = timedelta(days=1)  # a duty may begin on the day before the one it belongs to
    found = occurrences_of(
        plan_of(schedule),
        since=since.astimezone(zone).date(),
        until=(until + day).astimezone(zone).date(),
        zone=zone,
        calendars=calendars_of(schedule),
    )
    return [one for one in found if since < one.starts_at <= until]


def _done(schedule: Schedule, planned: list[Planned]) -> set[str]:
    names = [_record_id(schedule, one) for one in planned]
    records = Occurrence.objects(id__in=names, state__ne=OccurrenceState.PLANNED)
    return set(records.scalar("occurrence"))


def publish_occurrence(schedule: Schedule, planned: Planned) -> bool:
    """Whether the occurrence needs nothing more: published now or before, or called off.

    Where it could not be published, the centre is told once, with the reason.
    """
    record = record_of(schedule, planned)
    try:
        record = _pinned(record, schedule)
        if record.state != OccurrenceState.PLANNED:
            return True
        task = _drafted(schedule, planned, record)
        if task is None:
            # Somebody else has it: another publisher, or an officer who called it off.
            return Occurrence.objects.with_id(record.id).state != OccurrenceState.PLANNED
        if task.state == TaskState.DRAFT:
            task = publish_task(task.id, by=actor_for(schedule.publishes_as))
    except DomainError as refusal:
        if _is_called_off(record.id):
            return True
        _note_failure(schedule, planned, record, refusal)
        return False
    _settle(record, task)
    return True


def record_of(schedule: Schedule, planned: Planned) -> Occurrence:
    """The occurrence's record, made if it is not there yet."""
    first = {
        "schedule_id": schedule.id,
        "unit_id": schedule.unit_id,
        "occurrence": planned.occurrence,
        "starts_at": planned.starts_at,
        "ends_at": planned.ends_at,
        "state": OccurrenceState.PLANNED,
        "drafted_version": schedule.version,
        "author_id": schedule.publishes_as,
        "tries": 0,
        "settled": True,
    }
    made: Occurrence = Occurrence.objects(id=_record_id(schedule, planned)).modify(
        upsert=True, new=True, **{f"set_on_insert__{name}": value for name, value in first.items()}
    )
    return made


def _record_id(schedule: Schedule, planned: Planned) -> str:
    return f"{schedule.id}:{planned.occurrence}"


def _pinned(record: Occurrence, schedule: Schedule) -> Occurrence:
    """The record, moved on to the schedule's version where nothing of it was published yet."""
    if record.state != OccurrenceState.PLANNED or record.drafted_version >= schedule.version:
        return record
    if record.task_id:
        # What was published under the earlier version stays.
        _drop_draft(record.task_id)
        task = task_of(record.task_id)
        if task.published_at is not None:
            _settle(record, task)
            return Occurrence.objects.with_id(record.id)
    Occurrence.objects(
        id=record.id,
        state=OccurrenceState.PLANNED,
        drafted_version=record.drafted_version,
        task_id=record.task_id,
    ).update_one(
        set__drafted_version=schedule.version,
        set__author_id=schedule.publishes_as,
        unset__task_id=True,
    )
    return Occurrence.objects.with_id(record.id)


def _drafted(schedule: Schedule, planned: Planned, record: Occurrence) -> Task | None:
    """The occurrence's task; None where somebody else has the occurrence meanwhile."""
    content = schedule.content | window_of(planned.starts_at, planned.ends_at)
    if planned.time_of_day.title:
        content["title"] = planned.time_of_day.title
    by = actor_for(schedule.publishes_as)
    key = f"schedule:{schedule.id}:{schedule.version}:{planned.occurrence}"
    task = draft_task(schedule.unit_id, content, key=key, by=by)
    Task.objects(id=task.id).update_one(set__schedule_id=schedule.id)
    kept = Occurrence.objects(
        id=record.id, state=OccurrenceState.PLANNED, drafted_version=schedule.version
    ).modify(
        new=True,
        set__task_id=task.id,
        set__starts_at=planned.starts_at,
        set__ends_at=planned.ends_at,
    )
    if kept is not None:
        return task
    now_is = Occurrence.objects.with_id(record.id)
    is_off = now_is.state == OccurrenceState.CALLED_OFF
    if is_off or now_is.drafted_version > schedule.version:
        _drop_draft(task.id)
    return None


def _drop_draft(task_id: str) -> None:
    """Cancel a task while it is a draft, and only then."""
    Task.objects(id=task_id, state=TaskState.DRAFT).update_one(
        set__state=TaskState.CANCELLED, set__closed_at=real_now(), inc__version=1
    )


def _settle(record: Occurrence, task: Task) -> None:
    """Note what became of the task; an officer who cancels a draft calls its occurrence off."""
    is_off = task.state == TaskState.CANCELLED
    state = OccurrenceState.CALLED_OFF if is_off else OccurrenceState.PUBLISHED
    Occurrence.objects(id=record.id, state=OccurrenceState.PLANNED).update_one(
        set__state=state, unset__failure=True, unset__failure_words=True
    )


def _is_called_off(record_id: str) -> bool:
    return bool(Occurrence.objects(id=record_id, state=OccurrenceState.CALLED_OFF).count())


def _note_failure(
    schedule: Schedule, planned: Planned, record: Occurrence, refusal: DomainError
) -> None:
    words = refusal.message.both(**refusal.facts)
    Occurrence.objects(id=record.id, state=OccurrenceState.PLANNED).update_one(
        set__failure=type(refusal).__name__, set__failure_words=words, inc__tries=1
    )
    facts: dict[str, Any] = {
        "title": planned.time_of_day.title or schedule.content["title"],
        "day": planned.day.isoformat(),
        "reason": words,
        "schedule_id": schedule.id,
        "occurrence": planned.occurrence,
    }
    key = f"schedule-failed:{record.id}"
    tell_officers(schedule.unit_id, "schedule_not_published", facts, key=key)


def _finish(record: Occurrence) -> None:
    finish_calling_off(record)


def finish_calling_off(record: Occurrence) -> None:
    """The tail of an occurrence that was called off: its task too, where there is one; once.

    Raises NotAllowed where the officer who called it off has left, PersonNotFound.
    """
    if record.task_id and task_of(record.task_id).state != TaskState.CLOSED:
        by = actor_for(record.called_off_by)
        try:
            cancel_task(record.task_id, by=by)
        except WrongTaskState:
            # Time closed it in between, which ends it as well.
            if task_of(record.task_id).state != TaskState.CLOSED:
                raise
    Occurrence.objects(id=record.id).update_one(set__settled=True)
