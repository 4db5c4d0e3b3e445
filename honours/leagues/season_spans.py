"""Which month or quarter of the business time zone a moment lies in, and where it begins and ends.

Purely: the zone is given.
"""

from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

MONTHS_OF = {"month": 1, "quarter": 3}


class Span(NamedTuple):
    """A season's time: its name (2026-11, 2026Q4), since <= moment < until, in UTC."""

    period: str
    since: datetime
    until: datetime


def span_around(moment: datetime, length: str, zone: ZoneInfo) -> Span:
    """The month or quarter (`length`) that the moment lies in."""
    local, months = moment.astimezone(zone), MONTHS_OF[length]
    first = (local.month - 1) // months * months + 1
    if months == 1:
        period = f"{local.year:04d}-{first:02d}"
    else:
        period = f"{local.year:04d}Q{first // months + 1}"
    return Span(period, _begin(local.year, first, zone), _begin(local.year, first + months, zone))


def _begin(year: int, month: int, zone: ZoneInfo) -> datetime:
    years, index = divmod(month - 1, 12)
    return datetime(year + years, index + 1, 1, tzinfo=zone).astimezone(UTC)
