"""How a centre makes and changes a schedule, and what the schedule plans."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from mongoengine.errors import NotUniqueError

from people import Actor, Role, unit_of
from settings import settings
from shared.clock import now, real_now
from shared.errors import Conflict, Invalid, NotFound
from shared.i18n import Text
from shared.ids import new_id
from tasks.draft_content import usable_draft
from tasks.schedules.occurrence import Occurrence, OccurrenceState
from tasks.schedules.plans import DayTime, Note, Plan, Planned, days_of, occurrences_of
from tasks.schedules.rules import MAX_SPAN, rule_of
from tasks.schedules.schedule import Days, Schedule, TimeOfDay
from tasks.schedules.school_days import school_days_of

MAX_PREVIEW = timedelta(days=92)


class ScheduleNotFound(NotFound):
    """Raised when there is no such schedule, or none that the caller may see."""

    message = Text("There is no such schedule.", "排班计划不存在。")


class ScheduleChanged(Conflict):
    """Raised when somebody changed the schedule since the version named in If-Match."""

    message = Text(
        "The schedule was changed meanwhile; it is at version {version} now.",
        "排班计划已被他人修改，当前版本为 {version}。",
    )


class ScheduleKeyReused(Conflict):
    """Raised when an author's key for a schedule comes again with another content."""

    message = Text(
        "This key was already used for another schedule.", "该编号已用于另一份排班计划。"
    )


class BadScheduleDays(Invalid):
    """Raised when a schedule ends before it begins, or is to run for more than ten years."""

    message = Text(
        "The last day must not lie before the first, nor ten years after it.",
        "结束日期不得早于开始日期，且不得超过十年。",
    )


class NameTwice(Invalid):
    """Raised when two times of day of one schedule have the same name."""

    message = Text(
        "Each time of day needs a name of its own: {name}.", "各时段名称不得重复：{name}。"
    )


class BadPreview(Invalid):
    """Raised when occurrences are asked for over a span that is empty or too long."""

    message = Text("Ask for 1 to {days} days.", "请查询 1 至 {days} 天。")


@dataclass(frozen=True)
class ShownOccurrence:
    """One line of a preview: what is planned, or what has become of it."""

    occurrence: str
    starts_at: datetime
    ends_at: datetime
    state: str
    task_id: str | None = None
    note: Note | None = None
    failure: str | None = None
    failure_words: dict[str, str] | None = None


@dataclass(frozen=True)
class Preview:
    """The occurrences of a span of days, and what should be known about it as a whole."""

    items: list[ShownOccurrence]
    notes: list[Note]


def create_schedule(unit_id: str, wanted: dict[str, Any], *, key: str, by: Actor) -> Schedule:
    """A schedule of the unit, which publishes from now on; the same key again makes no second.

    `wanted` holds the schedule's own fields, as the schema names them: days are dates. Raises
    NotAllowed, UnitNotFound, BadRule, BadScheduleDays, NameTwice, ScheduleKeyReused, and what
    drafting raises for a content that it cannot use.
    """
    unit = unit_of(unit_id)
    by.must_hold(Role.CENTRE_OFFICER, at=unit)
    content_hash = _hash_of(unit_id, wanted)
    made = Schedule(
        id=new_id(),
        unit_id=unit.id,
        created_by=by.person_id,
        created_at=now(),
        publishes_as=by.person_id,
        key=key,
        content_hash=content_hash,
        look_at=real_now(),
        version=1,
        **_stored(wanted),
    )
    try:
        made.save(force_insert=True)
    except NotUniqueError:
        earlier: Schedule = Schedule.objects(created_by=by.person_id, key=key).get()
        if earlier.content_hash != content_hash:
            raise ScheduleKeyReused from None
        return earlier
    return made


def _hash_of(unit_id: str, wanted: dict[str, Any]) -> str:
    plain = orjson.dumps([unit_id, wanted], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(plain).hexdigest()


def edit_schedule(
    schedule_id: str, changes: dict[str, Any], *, version: int, by: Actor
) -> Schedule:
    """The schedule with `changes`; what is published stays, what is not follows the new version.

    From then on it publishes in the name of `by`. Raises NotAllowed, ScheduleNotFound,
    ScheduleChanged, and what making one raises.
    """
    standing = managed_schedule(schedule_id, by)
    update = {f"set__{name}": value for name, value in _stored(_plain(standing) | changes).items()}
    edited: Schedule | None = Schedule.objects(id=schedule_id, version=version).modify(
        new=True,
        inc__version=1,
        set__publishes_as=by.person_id,
        set__look_at=real_now(),
        **update,
    )
    if edited is None:
        raise ScheduleChanged(version=managed_schedule(schedule_id, by).version)
    return edited


def managed_schedule(schedule_id: str, by: Actor) -> Schedule:
    """The schedule, where `by` runs its centre. Raises ScheduleNotFound, NotAllowed."""
    found: Schedule | None = Schedule.objects.with_id(schedule_id)
    if found is None:
        raise ScheduleNotFound
    by.must_hold(Role.CENTRE_OFFICER, at=unit_of(found.unit_id))
    return found


def schedules_of_unit(
    unit_id: str, *, before_id: str | None, limit: int, by: Actor
) -> list[Schedule]:
    """The unit's own schedules, newest first. Raises NotAllowed, UnitNotFound."""
    by.must_hold(Role.CENTRE_OFFICER, at=unit_of(unit_id))
    wanted = {"unit_id": unit_id} | ({"id__lt": before_id} if before_id else {})
    return list(Schedule.objects(**wanted).order_by("-id").limit(limit))


def preview_of(schedule_id: str, *, since: date | None, until: date | None, by: Actor) -> Preview:
    """What the schedule plans, and what became of it, from `since` (today) to `until` (a month on).

    Days are those of the business time zone, both included. Raises NotAllowed, ScheduleNotFound,
    BadPreview.
    """
    schedule = managed_schedule(schedule_id, by)
    first = since or now().astimezone(business_zone()).date()
    last = until or first + timedelta(days=30)
    if not first <= last <= first + MAX_PREVIEW:
        raise BadPreview("until", days=MAX_PREVIEW.days)
    plan, calendars = plan_of(schedule), calendars_of(schedule)
    planned = occurrences_of(
        plan, since=first, until=last, zone=business_zone(), calendars=calendars
    )
    notes = {note for _, note in days_of(plan, since=first, until=last, calendars=calendars)}
    shown = {one.occurrence: _as_planned(one) for one in planned}
    for record in _records(schedule.id, first, last):
        note = shown[record.occurrence].note if record.occurrence in shown else None
        shown[record.occurrence] = _as_recorded(record, note)
    items = sorted(shown.values(), key=lambda one: (one.starts_at, one.occurrence))
    return Preview(items, sorted(note for note in notes if note))


def _records(schedule_id: str, first: date, last: date) -> list[Occurrence]:
    # An occurrence's name begins with its day, and "/" comes after "." in ASCII.
    return list(
        Occurrence.objects(
            id__gte=f"{schedule_id}:{first.isoformat()}", id__lt=f"{schedule_id}:{last}/"
        )
    )


def _as_planned(one: Planned) -> ShownOccurrence:
    return ShownOccurrence(
        one.occurrence, one.starts_at, one.ends_at, OccurrenceState.PLANNED, note=one.note
    )


def _as_recorded(record: Occurrence, note: Note | None) -> ShownOccurrence:
    return ShownOccurrence(
        record.occurrence,
        record.starts_at,
        record.ends_at,
        record.state,
        record.task_id,
        note,
        record.failure,
        dict(record.failure_words) or None,
    )


def business_zone() -> ZoneInfo:
    """The zone in which days begin and times of day are meant."""
    return ZoneInfo(settings().business_time_zone)


def calendars_of(schedule: Schedule) -> list[Any]:
    """The school calendars that the schedule reads; none where it reads none."""
    if schedule.days != Days.SCHOOL_DAYS:
        return []
    return school_days_of(unit_of(schedule.unit_id))


def plan_of(schedule: Schedule) -> Plan:
    """The schedule's days and times, as the pure plan reads them."""
    return Plan(
        rule=rule_of(schedule.rule),
        starts_on=date.fromisoformat(schedule.starts_on),
        times=tuple(
            DayTime(
                each.name,
                time.fromisoformat(each.at),
                each.minutes_before,
                each.duration_minutes,
                each.title or "",
            )
            for each in schedule.times
        ),
        ends_on=date.fromisoformat(schedule.ends_on) if schedule.ends_on else None,
        days=Days(schedule.days),
        dates_left_out=_dates(schedule.dates_left_out),
        extra_dates=_dates(schedule.extra_dates),
    )


def _dates(days: list[str]) -> frozenset[date]:
    return frozenset(date.fromisoformat(day) for day in days)


_CONTENT_FIELDS = (
    "content",
    "rule",
    "starts_on",
    "ends_on",
    "times",
    "days",
    "dates_left_out",
    "extra_dates",
    "publish_ahead_days",
    "active",
)


def _plain(schedule: Schedule) -> dict[str, Any]:
    """The schedule as it was asked for."""
    plan = plan_of(schedule)
    times = [each.to_mongo().to_dict() for each in schedule.times]
    plain = {name: getattr(schedule, name) for name in _CONTENT_FIELDS}
    return plain | {
        "starts_on": plan.starts_on,
        "ends_on": plan.ends_on,
        "times": times,
        "dates_left_out": sorted(plan.dates_left_out),
        "extra_dates": sorted(plan.extra_dates),
    }


def _stored(wanted: dict[str, Any]) -> dict[str, Any]:
    """The fields as they are kept, checked as a whole. Raises kinds of Invalid."""
    rule_of(wanted["rule"])
    starts_on, ends_on = wanted["starts_on"], wanted.get("ends_on")
    if ends_on and not starts_on <= ends_on <= starts_on + MAX_SPAN:
        raise BadScheduleDays("ends_on")
    names = [each["name"] for each in wanted["times"]]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise NameTwice("times", name=twice[0])
    # Any window of the coming days will do: the windows themselves follow from the plan.
    tomorrow = now() + timedelta(days=1)
    usable_draft(wanted["content"] | window_of(tomorrow, tomorrow + timedelta(minutes=1)))
    return {name: wanted.get(name) for name in _CONTENT_FIELDS} | {
        "starts_on": starts_on.isoformat(),
        "ends_on": ends_on.isoformat() if ends_on else None,
        "times": [TimeOfDay(**each) for each in wanted["times"]],
        "dates_left_out": sorted({day.isoformat() for day in wanted["dates_left_out"]}),
        "extra_dates": sorted({day.isoformat() for day in wanted["extra_dates"]}),
    }


def window_of(starts_at: datetime, ends_at: datetime) -> dict[str, datetime]:
    """The two fields that a schedule's content lacks to be a draft's."""
    return {"starts_at": starts_at, "ends_at": ends_at}
