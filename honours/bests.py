"""Personal bests: a volunteer's own records, held against nobody else; pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from honours.calendar_weeks import day_in, week_of
from honours.tally import Work

# In the order in which they are shown. Values in metres or in seconds, as said.
LONGEST_WALK = "longest_walk"  # metres, about a participation
LONGEST_STAY = "longest_stay"  # seconds, about a participation
MOST_IN_WEEK = "most_in_week"  # seconds, about an ISO week
MOST_IN_MONTH = "most_in_month"  # seconds, about a month
NAMES = (LONGEST_WALK, LONGEST_STAY, MOST_IN_WEEK, MOST_IN_MONTH)
IN_METRES = (LONGEST_WALK,)

Best = dict[str, Any]


def bests_of(work: Sequence[Work], zone: ZoneInfo) -> dict[str, Best]:
    """Each best by name: {"value", "about"}; the earliest of equals, none where it is nothing."""
    in_order = sorted(work, key=lambda one: (one.starts_at, one.participation_id))
    weeks: Counter[str] = Counter()
    months: Counter[str] = Counter()
    for one in in_order:
        day = day_in(one.starts_at, zone)
        weeks[week_of(day)] += one.worked_s
        months[f"{day:%Y-%m}"] += one.worked_s
    candidates: dict[str, list[tuple[float, str]]] = {
        LONGEST_WALK: [(one.worked_m, one.participation_id) for one in in_order],
        LONGEST_STAY: [(one.worked_s, one.participation_id) for one in in_order],
        # Names of weeks and months sort as time does.
        MOST_IN_WEEK: [(seconds, week) for week, seconds in sorted(weeks.items())],
        MOST_IN_MONTH: [(seconds, month) for month, seconds in sorted(months.items())],
    }
    found = {name: _highest(every) for name, every in candidates.items()}
    return {name: best for name, best in found.items() if best is not None}


def _highest(candidates: Sequence[tuple[float, str]]) -> Best | None:
    # max() answers the first of equals.
    value, about = max(candidates, key=lambda one: one[0], default=(0, ""))
    return {"value": value, "about": about} if value > 0 else None


def news_of(bests: Mapping[str, Best], told: Mapping[str, Best]) -> list[str]:
    """The names of the bests that are worth telling, given those told (or silently there) before.

    The first of its name is none, nor is what the same week, month or walk goes on adding to.
    """
    return [
        name
        for name in NAMES
        if name in bests
        and name in told
        and bests[name]["value"] > told[name]["value"]
        and bests[name]["about"] != told[name]["about"]
    ]
