"""Quiet hours, pure: from when on a notice made at some moment is shown. Minutes of the day."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_MINUTES = 1_440
# Ten in the evening to seven in the morning, where people have not said otherwise.
QUIET_FROM_MINUTE = 22 * 60
QUIET_UNTIL_MINUTE = 7 * 60


def shown_from(moment: datetime, from_minute: int, until_minute: int, zone: ZoneInfo) -> datetime:
    """`moment`, or the end of the quiet hours that it lies in; equal minutes mean no quiet hours.

    The hours are those of the clocks in `zone`, and may span midnight.
    """
    local = moment.astimezone(zone)
    minute = local.hour * 60 + local.minute
    days = _days_to_the_end(minute, from_minute, until_minute)
    if days is None:
        return moment
    clock = time(until_minute // 60, until_minute % 60)
    end = datetime.combine(local.date() + timedelta(days=days), clock, tzinfo=zone)
    # Where clocks are put forward, an end that no clock shows may lie behind.
    return max(moment, end.astimezone(UTC))


def _days_to_the_end(minute: int, from_minute: int, until_minute: int) -> int | None:
    """How many days ahead the quiet hours of this minute end; None outside them."""
    if from_minute < until_minute:
        return 0 if from_minute <= minute < until_minute else None
    if from_minute > until_minute:
        if minute >= from_minute:
            return 1
        return 0 if minute < until_minute else None
    return None


def clock_of(minute: int) -> str:
    """A minute of the day as clocks show it: 22:00."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def minute_of(clock: str) -> int:
    """The minute of the day of a clock's 22:00."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
