"""ISO weeks by name ("2026-W47"), and which week, day and month a moment lies in; pure."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.errors import Invalid
from shared.i18n import Text

_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


class BadWeek(Invalid):
    """Raised when a week is not named by its ISO year and number, or is no week of that year."""

    message = Text("A week is named like 2026-W47.", "周须写成 2026-W47 的形式。")


def week_of(day: date) -> str:
    """The ISO week of a day; around New Year its year may be another than the day's."""
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def monday_of(week: str) -> date:
    """The first day of a week. Raises BadWeek, with the field `week`."""
    found = _WEEK.fullmatch(week)
    if found is None or not _FIRST_YEAR <= int(found[1]) <= _LAST_YEAR:
        raise BadWeek("week")
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        raise BadWeek("week") from None


def week_later(week: str, weeks: int) -> str:
    """The week so many weeks after this one; before it where negative. Raises BadWeek."""
    return week_of(monday_of(week) + timedelta(weeks=weeks))


def iso_year_of(week: str) -> int:
    """The ISO year that a week belongs to."""
    return int(week[:4])


def day_in(moment: datetime, zone: ZoneInfo) -> date:
    """The day a moment lies in, there."""
    return moment.astimezone(zone).date()
