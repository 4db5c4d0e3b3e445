"""Weekly streaks: weeks in a row with verified work, with weeks frozen between them; pure.

A frozen week neither counts nor breaks. A week is missed only when its time to be frozen is over:
that is the Sunday after it, so that somebody who was ill can still say so.
"""

from collections.abc import Collection
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from honours.calendar_weeks import iso_year_of, monday_of, week_later, week_of

FREEZES_A_YEAR = 4
WEEKS_AHEAD_MAX = 12


class Streak(NamedTuple):
    """`now` weeks in a row, 0 where none runs; `best` the most there ever were.

    `to_rescue` is the week just past, where freezing it by `rescue_until` (that day included)
    keeps the streak: `now` is counted as if that was done. Else empty.
    """

    now: int
    best: int
    is_kept_this_week: bool
    to_rescue: str
    rescue_until: date | None


def streak_of(worked: Collection[str], frozen: Collection[str], *, today: date) -> Streak:
    """The streak on a day of the business time zone, from the weeks worked in and those frozen."""
    this_week, just_past = week_of(today), week_later(week_of(today), -1)
    runs = runs_of([week for week in worked if week <= this_week], frozen)
    best = max((len(run) for run in runs), default=0)
    is_kept = this_week in set(worked)
    missed = _missed(runs[-1][-1], this_week, set(frozen)) if runs else []
    if missed == [just_past] and freezes_left(frozen, iso_year_of(just_past)):
        until = monday_of(this_week) + timedelta(days=6)
        return Streak(len(runs[-1]), best, is_kept, just_past, until)
    now = len(runs[-1]) if runs and not missed else 0
    return Streak(now, best, is_kept, "", None)


def runs_of(worked: Collection[str], frozen: Collection[str]) -> list[list[str]]:
    """The weeks worked in, in order, as runs between which a week was missed."""
    weeks, kept = sorted(set(worked)), set(frozen)
    runs: list[list[str]] = [[week] for week in weeks[:1]]
    for before, week in pairwise(weeks):
        if _missed(before, week, kept):
            runs.append([week])
        else:
            runs[-1].append(week)
    return runs


def may_freeze(week: str, *, today: date) -> bool:
    """Whether a week may be frozen on a day: the one just past, the current one, coming ones.

    Raises BadWeek.
    """
    this_week = week_of(today)
    first, last = week_later(this_week, -1), week_later(this_week, WEEKS_AHEAD_MAX)
    return monday_of(first) <= monday_of(week) <= monday_of(last)


def freezes_left(frozen: Collection[str], year: int) -> int:
    """How many weeks of an ISO year may still be frozen."""
    taken = sum(iso_year_of(week) == year for week in set(frozen))
    return max(0, FREEZES_A_YEAR - taken)


def _missed(after: str, before: str, frozen: Collection[str]) -> list[str]:
    """The weeks between two weeks, both left out, that were not frozen."""
    gap = (monday_of(before) - monday_of(after)).days // 7
    # A gap of years is missed however much of it was frozen: nobody may freeze that many weeks.
    between = (week_later(after, step) for step in range(1, min(gap, 60)))
    return [week for week in between if week not in frozen]
