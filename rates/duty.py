"""Hours of duty: a paid member's earn no coins, unless the rates say so. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rates.terms import Terms

_MINUTE_S = 60


def duty_of(terms: Terms, kind: str) -> dict[str, Any]:
    """Whose duty earns nothing with this kind of action, as a task keeps it; empty: nobody's.

    {"roles": [names], "hours": [{"weekdays", "from_minute", "until_minute"}]}.
    """
    line = terms.lines.get(kind)
    if line is None or line.paid_on_duty or not terms.paid_roles:
        return {}
    hours = [
        {
            "weekdays": list(one.weekdays),
            "from_minute": one.from_minute,
            "until_minute": one.until_minute,
        }
        for one in terms.duty_hours
    ]
    return {"roles": list(terms.paid_roles), "hours": hours}


def falls_on_duty(
    duty: Mapping[str, Any],
    starts_at: datetime,
    ends_at: datetime,
    *,
    is_ordered: bool,
    zone: ZoneInfo,
) -> bool:
    """Whether work of that time is duty for who holds one of the roles.

    All that an order asks for is; else what shares a minute with the weekly hours of the `zone`.
    """
    if not duty:
        return False
    return is_ordered or any(
        _overlaps(hours, starts_at, ends_at, zone) for hours in duty.get("hours", ())
    )


def _overlaps(
    hours: Mapping[str, Any], starts_at: datetime, ends_at: datetime, zone: ZoneInfo
) -> bool:
    day = starts_at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    while day < ends_at:
        begins = day + timedelta(seconds=hours["from_minute"] * _MINUTE_S)
        ends = day + timedelta(seconds=hours["until_minute"] * _MINUTE_S)
        if day.isoweekday() in hours["weekdays"] and begins < ends_at and starts_at < ends:
            return True
        day += timedelta(days=1)
    return False
