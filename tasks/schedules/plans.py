"""What a schedule plans, pure: its occurrences in a span of days, as moments in UTC."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.i18n import Text
from shared.working_days import working_day
from tasks.schedules.rules import Rule, dates_of
from tasks.schedules.schedule import Days


class Note(StrEnum):
    """What the reader of a plan should know about one of its days."""

    HOLIDAYS_UNKNOWN = "holidays_unknown"
    NO_SCHOOL_CALENDAR = "no_school_calendar"


NOTE_WORDS = {
    Note.HOLIDAYS_UNKNOWN: Text(
        "The public holidays of that year are not known yet: Monday to Friday are taken for "
        "working days.",
        "该年度法定节假日安排尚未收录，暂按周一至周五为工作日。",
    ),
    Note.NO_SCHOOL_CALENDAR: Text(
        "No school calendar of the unit covers these days: nothing is planned on them.",
        "本单位的校历未覆盖这些日期，未安排任务。",
    ),
}


@dataclass(frozen=True)
class DayTime:
    """One duty of a day: `at` a local time, from so many minutes before, for so long."""

    name: str
    at: time
    minutes_before: int
    duration_minutes: int
    title: str = ""


@dataclass(frozen=True)
class SchoolCalendarDays:
    """A school calendar: terms and holidays as (first, last) day, and Saturdays that are taught."""

    terms: tuple[tuple[date, date], ...]
    holidays: tuple[tuple[date, date], ...] = ()
    extra_days: frozenset[date] = frozenset()


@dataclass(frozen=True)
class Plan:
    """What a schedule says of its days and times; `ends_on` is the last day, None: no end."""

    rule: Rule
    starts_on: date
    times: tuple[DayTime, ...]
    ends_on: date | None = None
    days: Days = Days.EVERY_DAY
    dates_left_out: frozenset[date] = frozenset()
    extra_dates: frozenset[date] = frozenset()


@dataclass(frozen=True)
class Planned:
    """One occurrence: its name within the schedule (2026-11-23.arrival) and its window, UTC."""

    occurrence: str
    day: date
    time_of_day: DayTime
    starts_at: datetime
    ends_at: datetime
    note: Note | None = None


def occurrences_of(
    plan: Plan,
    *,
    since: date,
    until: date,
    zone: ZoneInfo,
    calendars: Sequence[SchoolCalendarDays] = (),
) -> list[Planned]:
    """The occurrences whose local day lies from `since` to `until`, both included, by their start.

    `calendars` are those that school days are read from.
    """
    found = [
        _planned(day, time_of_day, zone, note)
        for day, note in days_of(plan, since=since, until=until, calendars=calendars)
        if note is not Note.NO_SCHOOL_CALENDAR
        for time_of_day in plan.times
    ]
    return sorted(found, key=lambda one: (one.starts_at, one.occurrence))


def days_of(
    plan: Plan, *, since: date, until: date, calendars: Sequence[SchoolCalendarDays] = ()
) -> Iterator[tuple[date, Note | None]]:
    """The days of the plan in their order, those too that no school calendar covers, with a note.

    A date left out is left out even where it is an extra date too.
    """
    last = min(until, plan.ends_on or until)
    by_rule = set(dates_of(plan.rule, plan.starts_on, since=since, until=last))
    extra = {day for day in plan.extra_dates if since <= day <= until}
    for day in sorted((by_rule | extra) - plan.dates_left_out):
        counts, note = (True, None) if day in extra else _counts(day, plan.days, calendars)
        if counts or note is Note.NO_SCHOOL_CALENDAR:
            yield day, note


def _counts(
    day: date, days: Days, calendars: Sequence[SchoolCalendarDays]
) -> tuple[bool, Note | None]:
    if days is Days.EVERY_DAY:
        return True, None
    worked = working_day(day)
    note = None if worked.is_known else Note.HOLIDAYS_UNKNOWN
    if days is Days.WORKING_DAYS:
        return worked.is_worked, note
    if not any(_covers(calendar, day) for calendar in calendars):
        return False, Note.NO_SCHOOL_CALENDAR
    if any(day in calendar.extra_days for calendar in calendars):
        return True, None
    taught = any(
        _within(day, calendar.terms) and not _within(day, calendar.holidays)
        for calendar in calendars
    )
    return taught and worked.is_worked, note


def _covers(calendar: SchoolCalendarDays, day: date) -> bool:
    """Whether the calendar speaks of the day: the holidays between its terms are covered too."""
    firsts, lasts = zip(*calendar.terms, strict=True)
    return min(firsts) <= day <= max(lasts) or day in calendar.extra_days


def _within(day: date, spans: Iterable[tuple[date, date]]) -> bool:
    return any(first <= day <= last for first, last in spans)


def _planned(day: date, time_of_day: DayTime, zone: ZoneInfo, note: Note | None) -> Planned:
    # A wall-clock time that a change of the clocks skips or doubles: zoneinfo takes the first.
    at = datetime.combine(day, time_of_day.at, zone).astimezone(UTC)
    starts_at = at - timedelta(minutes=time_of_day.minutes_before)
    ends_at = starts_at + timedelta(minutes=time_of_day.duration_minutes)
    return Planned(f"{day}.{time_of_day.name}", day, time_of_day, starts_at, ends_at, note)
