"""A volunteer's own page: what they did, where they stand, what is next. Shown to nobody else."""

from datetime import datetime
from typing import Any, NamedTuple

from honours.badges.badge_held import BadgeState
from honours.badges.badge_lists import badges_of
from honours.badges.held_badge import HeldBadge
from honours.bests import IN_METRES, NAMES
from honours.calendar_weeks import iso_year_of, week_of
from honours.levels.defining_levels import level_table
from honours.levels.level import LevelLine
from honours.levels.levelling import missing_to_next
from honours.levels.streak_freezes import business_day, frozen_weeks_of
from honours.levels.streaks import FREEZES_A_YEAR, Streak, freezes_left, streak_of
from honours.quests.quest_lists import SeenQuest, quests_for
from honours.service import Service
from people import Actor
from shared.clock import real_now
from tasks import task_kinds

MOST_QUESTS = 20


class LevelAhead(NamedTuple):
    """The next level, what it still asks for (seconds, weeks), and the kinds and roles it opens."""

    level: int
    name: dict[str, str]
    missing_s: int
    missing_weeks: int
    opens_kinds: list[str]
    opens_roles: list[str]


class Freezes(NamedTuple):
    """The weeks of this year and after that are frozen, and how many more of this year may be."""

    weeks: list[str]
    left: int
    most: int


class VolunteerPage(NamedTuple):
    """Figures from verified work as it was counted last; `service` is empty before the first."""

    service: Service
    # None until it was counted first.
    counted_at: datetime | None
    kinds: list[dict[str, Any]]
    level_name: dict[str, str] | None
    next_level: LevelAhead | None
    streak: Streak
    freezes: Freezes
    bests: list[dict[str, Any]]
    # Those held now, newest first; open quests that are not completed, the first to end first.
    badges: list[HeldBadge]
    quests: list[SeenQuest]


def volunteer_page(*, by: Actor) -> VolunteerPage:
    """The caller's own page."""
    service = _counted(by.person_id)
    lines, today = level_table().lines, business_day()
    frozen = frozen_weeks_of(by.person_id)
    year = iso_year_of(week_of(today))
    # A table that became shorter since the last count leaves a level without a name.
    is_named = 0 < service.level <= len(lines)
    return VolunteerPage(
        service=service,
        counted_at=service.counted_at if service.version else None,
        kinds=[{"kind": kind} | dict(sums) for kind, sums in service.kinds.items()],
        level_name=dict(lines[service.level - 1].name) if is_named else None,
        next_level=_next_level(service, lines),
        streak=streak_of(service.weeks, frozen, today=today),
        freezes=Freezes(
            [week for week in frozen if iso_year_of(week) >= year],
            freezes_left(frozen, year),
            FREEZES_A_YEAR,
        ),
        bests=[_best(name, service.bests[name]) for name in NAMES if name in service.bests],
        badges=[one for one in badges_of(by.person_id, by=by) if one.held.state == BadgeState.HELD],
        quests=[
            one for one in quests_for(limit=MOST_QUESTS, by=by).items if one.completed_at is None
        ],
    )


def _counted(person_id: str) -> Service:
    found: Service | None = Service.objects.with_id(person_id)
    return found or Service(
        id=person_id,
        count=0,
        seconds=0,
        metres=0.0,
        coins=0,
        days=0,
        version=0,
        counted_at=real_now(),
    )


def _next_level(service: Service, lines: list[LevelLine]) -> LevelAhead | None:
    missing = missing_to_next(lines, seconds=service.seconds, weeks=len(service.weeks))
    if missing is None:
        return None
    opened = [kind for kind in task_kinds() if kind.active and kind.least_level == missing.level]
    return LevelAhead(
        missing.level,
        dict(lines[missing.level - 1].name),
        missing.seconds,
        missing.weeks,
        [kind.kind_id for kind in opened],
        list(lines[missing.level - 1].roles),
    )


def _best(name: str, best: dict[str, Any]) -> dict[str, Any]:
    unit = "metres" if name in IN_METRES else "seconds"
    return {"name": name, "value": best["value"], "unit": unit, "about": best["about"]}
