"""Which level verified work makes, and what the next one still asks for; pure.

Levels open kinds of task and duties (a task's `least_level`); they are never worth a coin.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol


class Line(Protocol):
    """One level's line of the table."""

    @property
    def least_hours(self) -> int: ...
    @property
    def least_weeks(self) -> int: ...


class Missing(NamedTuple):
    """What a level still asks for: seconds and weeks of verified work, never below nothing."""

    level: int
    seconds: int
    weeks: int


def level_for(lines: Sequence[Line], *, seconds: int, weeks: int) -> int:
    """The highest level that so much work reaches; 0 below the first. `weeks` worked in."""
    level = 0
    for number, line in enumerate(lines, 1):
        if seconds < line.least_hours * 3600 or weeks < line.least_weeks:
            break
        level = number
    return level


def missing_to_next(lines: Sequence[Line], *, seconds: int, weeks: int) -> Missing | None:
    """What the next level still asks for; None on the highest."""
    level = level_for(lines, seconds=seconds, weeks=weeks)
    if level == len(lines):
        return None
    line = lines[level]
    short_s = max(0, line.least_hours * 3600 - seconds)
    return Missing(level + 1, short_s, max(0, line.least_weeks - weeks))


def first_that_falls(lines: Sequence[dict[str, Any]]) -> int | None:
    """The place of the first line that asks for no more than the one before it, or for less."""
    for place in range(1, len(lines)):
        before, line = lines[place - 1], lines[place]
        hours = line["least_hours"] - before["least_hours"]
        weeks = line["least_weeks"] - before["least_weeks"]
        if min(hours, weeks) < 0 or hours == weeks == 0:
            return place
    return None
