"""How a unit's school calendars are kept, and which of them its schedules read."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from mongoengine.errors import NotUniqueError

from people import Actor, Role, Unit, unit_of
from shared.clock import now, real_now
from shared.errors import Conflict, Invalid, NotFound
from shared.i18n import Text
from shared.ids import new_id
from tasks.schedules.plans import SchoolCalendarDays
from tasks.schedules.schedule import Days, Schedule
from tasks.schedules.school_calendar import NamedSpan, SchoolCalendar

# A calendar is of a school year or two, not of an age.
MAX_CALENDAR = timedelta(days=1_100)
_KEEPERS = (Role.CENTRE_OFFICER, Role.ADMIN)


class SchoolCalendarNotFound(NotFound):
    """Raised when there is no such school calendar."""

    message = Text("There is no such school calendar.", "校历不存在。")


class SchoolCalendarExists(Conflict):
    """Raised when the unit has a school calendar of this name with other days."""

    message = Text(
        "The unit already has a school calendar “{name}” with other days; change that one.",
        "本单位已有名为“{name}”的校历且内容不同，请修改原校历。",
    )


class SchoolCalendarChanged(Conflict):
    """Raised when somebody changed the calendar since the version named in If-Match."""

    message = Text(
        "The calendar was changed meanwhile; it is at version {version} now.",
        "校历已被他人修改，当前版本为 {version}。",
    )


class BadSpan(Invalid):
    """Raised when a term or holiday ends before it begins, or the calendar is over-long."""

    message = Text(
        "Each term and holiday ends on or after its first day; all lie within three years.",
        "学期和假期的结束日不得早于开始日，且整份校历须在三年以内。",
    )


def create_school_calendar(unit_id: str, wanted: dict[str, Any], *, by: Actor) -> SchoolCalendar:
    """A school calendar of the unit; the same again answers the one that stands.

    `wanted` is name, terms and holidays [{name, first_day, last_day}], extra_days; days are
    dates. Raises NotAllowed, UnitNotFound, BadSpan, SchoolCalendarExists.
    """
    unit = unit_of(unit_id)
    by.must_hold(*_KEEPERS, at=unit)
    made = SchoolCalendar(
        id=new_id(),
        unit_id=unit.id,
        created_by=by.person_id,
        created_at=now(),
        **_stored(wanted),
    )
    try:
        made.save(force_insert=True)
    except NotUniqueError:
        standing: SchoolCalendar = SchoolCalendar.objects(unit_id=unit.id, name=made.name).get()
        if calendar_days(standing) != calendar_days(made):
            raise SchoolCalendarExists(name=made.name) from None
        made = standing
    _look_again()
    return made


def edit_school_calendar(
    calendar_id: str, changes: dict[str, Any], *, version: int, by: Actor
) -> SchoolCalendar:
    """The calendar with other days; tasks already published stay as they are.

    Raises NotAllowed, SchoolCalendarNotFound, SchoolCalendarChanged, SchoolCalendarExists,
    BadSpan.
    """
    standing = SchoolCalendar.objects.with_id(calendar_id)
    if standing is None:
        raise SchoolCalendarNotFound
    by.must_hold(*_KEEPERS, at=unit_of(standing.unit_id))
    whole = _plain(standing) | changes
    update = {f"set__{name}": value for name, value in _stored(whole).items()}
    try:
        edited: SchoolCalendar | None = SchoolCalendar.objects(
            id=calendar_id, version=version
        ).modify(new=True, inc__version=1, **update)
    except NotUniqueError:
        raise SchoolCalendarExists(name=whole["name"]) from None
    if edited is None:
        raise SchoolCalendarChanged(version=SchoolCalendar.objects.with_id(calendar_id).version)
    _look_again()
    return edited


def school_calendars_of(unit_id: str) -> list[SchoolCalendar]:
    """The calendars that school days of this unit are read from. Raises UnitNotFound."""
    return _nearest(unit_of(unit_id))


def school_days_of(unit: Unit) -> list[SchoolCalendarDays]:
    """The days of the calendars that serve the unit: its own, else the nearest above it."""
    return [calendar_days(calendar) for calendar in _nearest(unit)]


def _nearest(unit: Unit) -> list[SchoolCalendar]:
    found = list(SchoolCalendar.objects(unit_id__in=unit.lineage).order_by("unit_id", "name"))
    for unit_id in reversed(unit.lineage):
        own = [calendar for calendar in found if calendar.unit_id == unit_id]
        if own:
            return own
    return []


def calendar_days(calendar: SchoolCalendar) -> SchoolCalendarDays:
    """The calendar as the plan reads it."""
    return SchoolCalendarDays(
        _spans(calendar.terms),
        _spans(calendar.holidays),
        frozenset(date.fromisoformat(day) for day in calendar.extra_days),
    )


def _spans(spans: Sequence[NamedSpan]) -> tuple[tuple[date, date], ...]:
    return tuple(
        (date.fromisoformat(span.first_day), date.fromisoformat(span.last_day)) for span in spans
    )


def _plain(calendar: SchoolCalendar) -> dict[str, Any]:
    """The calendar as it was asked for."""
    return {
        "name": calendar.name,
        "terms": [_plain_span(span) for span in calendar.terms],
        "holidays": [_plain_span(span) for span in calendar.holidays],
        "extra_days": [date.fromisoformat(day) for day in calendar.extra_days],
    }


def _plain_span(span: NamedSpan) -> dict[str, Any]:
    first, last = date.fromisoformat(span.first_day), date.fromisoformat(span.last_day)
    return {"name": span.name, "first_day": first, "last_day": last}


def _stored(wanted: dict[str, Any]) -> dict[str, Any]:
    """The fields as they are kept. Raises BadSpan."""
    for place in ("terms", "holidays"):
        for number, span in enumerate(wanted[place]):
            if span["last_day"] < span["first_day"]:
                raise BadSpan(f"{place}.{number}.last_day")
    days = [day for span in wanted["terms"] for day in (span["first_day"], span["last_day"])]
    days += wanted["extra_days"]
    if max(days) - min(days) > MAX_CALENDAR:
        raise BadSpan("terms")
    return {
        "name": wanted["name"],
        "terms": [_stored_span(span) for span in wanted["terms"]],
        "holidays": [_stored_span(span) for span in wanted["holidays"]],
        "extra_days": sorted({day.isoformat() for day in wanted["extra_days"]}),
    }


def _stored_span(span: dict[str, Any]) -> NamedSpan:
    return NamedSpan(
        name=span["name"],
        first_day=span["first_day"].isoformat(),
        last_day=span["last_day"].isoformat(),
    )


def _look_again() -> None:
    """Let the publisher look at every schedule that reads a school calendar."""
    Schedule.objects(days=Days.SCHOOL_DAYS, active=True).update(set__look_at=real_now())
