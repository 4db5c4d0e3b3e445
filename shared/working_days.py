"""Which days China works: weekends, public holidays, and the weekend days worked in return."""

from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from chinese_calendar import constants, utils  # type: ignore[import-untyped]

# Monday is 0.
_SATURDAY = 5


class DayKind(StrEnum):
    """What a day is in China: worked, a weekend, or off for a public holiday."""

    WORKED = "worked"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


class WorkingDay(NamedTuple):
    """Whether a day is worked; `is_known` is False where the State Council's list ends earlier."""

    is_worked: bool
    is_known: bool


@lru_cache(maxsize=1)
def known_years() -> tuple[int, int]:
    """The first and the last year whose public holidays are known here."""
    return min(constants.holidays).year, max(constants.holidays).year


def working_day(day: date) -> WorkingDay:
    """Whether people in China work on `day`, weekend days worked in return for a holiday included.

    Beyond the known years the answer is the weekday's (Monday to Friday), said to be not known.
    """
    first, last = known_years()
    if not first <= day.year <= last:
        return WorkingDay(day.weekday() < _SATURDAY, is_known=False)
    return WorkingDay(bool(utils.is_workday(day)), is_known=True)


@lru_cache(maxsize=4096)
def day_kind(day: date) -> DayKind:
    """What the day is. A holiday that falls on a weekend is a holiday, days off in lieu with it.

    Beyond the known years there are no holidays: Saturday and Sunday are the weekend.
    """
    if day in constants.holidays:
        return DayKind.HOLIDAY
    return DayKind.WORKED if working_day(day).is_worked else DayKind.WEEKEND
