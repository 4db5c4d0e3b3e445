"""Freezing a week of one's own streak: coming ones, the current one, and the one just past."""

from datetime import date
from zoneinfo import ZoneInfo

from pymongo.errors import DuplicateKeyError

from honours.asking_counts import ask_for_counts
from honours.calendar_weeks import day_in, iso_year_of
from honours.levels.streak_freeze import StreakFreezes, freezes_id_for
from honours.levels.streaks import FREEZES_A_YEAR, WEEKS_AHEAD_MAX, may_freeze
from honours.service import Service
from people import Actor
from settings import settings
from shared.clock import now
from shared.database import collection
from shared.errors import Conflict, Refused
from shared.i18n import Text


class WeekNotFreezable(Refused):
    """Raised when a week is over for longer than a week, or too far ahead."""

    message = Text(
        "The week just past, this week and the next {weeks} can be frozen.",
        "可冻结的是上一周、本周和未来 {weeks} 周。",
    )


class NoFreezeLeft(Refused):
    """Raised when as many weeks of that year are frozen as may be."""

    message = Text(
        "All {most} freezes of {year} are taken.", "{year} 年的 {most} 次冻结机会已用完。"
    )


class WeekHasWork(Conflict):
    """Raised when the week has verified work already and needs no freeze."""

    message = Text("This week counts already.", "该周已有核验通过的服务，无需冻结。")


def freeze_week(week: str, *, by: Actor) -> list[str]:
    """Freeze a week of the caller's streak ("2026-W47"); the weeks frozen. Repeating is harmless.

    Raises BadWeek, WeekNotFreezable, WeekHasWork, NoFreezeLeft.
    """
    is_in_time = may_freeze(week, today=business_day())
    frozen = frozen_weeks_of(by.person_id)
    if week in frozen:
        return frozen
    if not is_in_time:
        raise WeekNotFreezable(weeks=WEEKS_AHEAD_MAX)
    if collection(Service).find_one({"_id": by.person_id, "weeks": week}, {"_id": 1}):
        raise WeekHasWork
    _push(by.person_id, week)
    # Badges are for streaks too.
    ask_for_counts([by.person_id])
    return frozen_weeks_of(by.person_id)


def frozen_weeks_of(person_id: str) -> list[str]:
    """The weeks that a person froze, in order."""
    found = collection(StreakFreezes).find({"person_id": person_id}, {"weeks": 1})
    return sorted(week for row in found for week in row.get("weeks", []))


def business_day() -> date:
    """The day of this request, in the business time zone."""
    return day_in(now(), ZoneInfo(settings().business_time_zone))


def _push(person_id: str, week: str) -> None:
    year = iso_year_of(week)
    freezes_id = freezes_id_for(person_id, year)
    room = {
        "_id": freezes_id,
        "weeks": {"$ne": week},
        f"weeks.{FREEZES_A_YEAR - 1}": {"$exists": False},
    }
    pushed = {"$push": {"weeks": week}, "$setOnInsert": {"person_id": person_id, "year": year}}
    try:
        collection(StreakFreezes).update_one(room, pushed, upsert=True)
    except DuplicateKeyError:
        # The year's document is there and has no room, or has the week since a moment ago.
        if not collection(StreakFreezes).find_one({"_id": freezes_id, "weeks": week}, {"_id": 1}):
            raise NoFreezeLeft(most=FREEZES_A_YEAR, year=year) from None
