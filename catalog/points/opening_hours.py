"""Opening hours: whether a point is open at a moment, and when it opens next. Pure.

Hours are those of the wall clock in the zone given. A day's own hours (`extra`) go before its being
closed, and that before its weekday's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_MINUTES = 1_440
# Who is closed for longer than this opens on no day that anybody would plan for.
MOST_DAYS_AHEAD = 400


@dataclass(frozen=True, order=True)
class Span:
    """From one minute of a day up to another, the second not included; at most 1,440."""

    from_minute: int
    until_minute: int


@dataclass(frozen=True)
class WeekSpan:
    """A span of every such day of the week, 1 (Monday) to 7."""

    weekday: int
    span: Span


@dataclass(frozen=True)
class OpeningHours:
    """The hours of a week, the days without any, the days with hours of their own."""

    weekly: tuple[WeekSpan, ...]
    closed: frozenset[date] = frozenset()
    extra: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    def spans_on(self, day: date) -> list[Span]:
        """The day's spans, earliest first, those that touch or overlap as one."""
        if day in self.extra:
            return merged(self.extra[day])
        if day in self.closed:
            return []
        return merged(tuple(one.span for one in self.weekly if one.weekday == day.isoweekday()))


def merged(spans: tuple[Span, ...]) -> list[Span]:
    """The same minutes in as few spans as can be, earliest first; empty spans are left out."""
    joined: list[Span] = []
    for span in sorted(one for one in spans if one.from_minute < one.until_minute):
        if joined and span.from_minute <= joined[-1].until_minute:
            until = max(joined[-1].until_minute, span.until_minute)
            joined[-1] = Span(joined[-1].from_minute, until)
        else:
            joined.append(span)
    return joined


def is_open_at(hours: OpeningHours, moment: datetime, zone: ZoneInfo) -> bool:
    """Whether the hours say open at that moment."""
    local = moment.astimezone(zone)
    minute = local.hour * 60 + local.minute
    return any(
        span.from_minute <= minute < span.until_minute for span in hours.spans_on(local.date())
    )


def next_opening(hours: OpeningHours, moment: datetime, zone: ZoneInfo) -> datetime | None:
    """The first moment, from this one on, at which it is open, in UTC; None for none in 400 days.

    The moment itself where it is open then.
    """
    if is_open_at(hours, moment, zone):
        return moment.astimezone(UTC)
    today = moment.astimezone(zone).date()
    for ahead in range(MOST_DAYS_AHEAD + 1):
        day = today + timedelta(days=ahead)
        for span in hours.spans_on(day):
            opens_at = _moment_of(day, span.from_minute, zone)
            # Where clocks go forward, a span may begin at a minute that the day does not have.
            if opens_at > moment and is_open_at(hours, opens_at, zone):
                return opens_at
    return None


def _moment_of(day: date, minute: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), zone).astimezone(UTC)
