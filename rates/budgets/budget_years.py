"""Which year's and which quarter's budget a moment belongs to, in the business time zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

from settings import settings
from shared.clock import business_month_start, month_later

MONTHS_A_QUARTER = 3
QUARTERS = (1, 4)


def budget_year_of(moment: datetime) -> int:
    """The year whose budget pays for what is published at `moment`: the business time zone's."""
    return moment.astimezone(ZoneInfo(settings().business_time_zone)).year


def budget_quarter_of(moment: datetime) -> int:
    """The quarter of its year that `moment` lies in, 1 to 4, in the business time zone."""
    month = moment.astimezone(ZoneInfo(settings().business_time_zone)).month
    return (month - 1) // MONTHS_A_QUARTER + 1


def quarter_ends_at(year: int, quarter: int) -> datetime:
    """The first moment after the quarter."""
    first_month = f"{year:04d}-{(quarter - 1) * MONTHS_A_QUARTER + 1:02d}"
    return business_month_start(month_later(first_month, MONTHS_A_QUARTER))
