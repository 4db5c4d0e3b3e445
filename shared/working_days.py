"""Which days China works: weekends, public holidays, and the weekend days worked in return."""

from datetime import date
from typing import NamedTuple

from chinese_calendar import constants, utils  # type: ignore[import-untyped]

# Monday is 0.
_SATURDAY = 5


class WorkingDay(NamedTuple):
    """Whether a day is worked; `is_known` is False where the State Council's list ends earlier."""

    is_worked: bool
    is_known: bool


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
