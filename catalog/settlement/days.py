"""The days of the business time zone, by which hand-overs fall into statements. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# A day is closed this long after its end: what was under way at midnight is settled by then.
GRACE = timedelta(minutes=10)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The day a moment falls on."""
    return moment.astimezone(zone).date()


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """The moment a day begins, in UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def day_ends(day: date, zone: ZoneInfo) -> datetime:
    """The moment a day is over, which belongs to the next one, in UTC."""
    return day_begins(day + timedelta(days=1), zone)


def last_closable_day(moment: datetime, zone: ZoneInfo) -> date:
    """The last day that ended at least ten minutes before the moment."""
    return day_of(moment - GRACE, zone) - timedelta(days=1)


def day_to_close(oldest: date, last: date | None, *, goes_on: bool) -> date:
    """The day whose statement what was handed over on `oldest`, and is in none yet, belongs to.

    `last` is the day of the point's last statement (None: there is none), `goes_on` whether that
    one was full, so that a further one of the day takes the rest. What came to light later than
    its day's statement goes to the next day's, whether anything else happens on it or not.
    """
    if last is None or oldest > last:
        return oldest
    return last if goes_on else last + timedelta(days=1)
