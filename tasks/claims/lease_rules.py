"""How long a claim, an offer or a pause holds: arithmetic on moments."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

# A claim made by mistake is taken back at once, however near the task is.
SECOND_THOUGHTS = timedelta(minutes=10)
OFFER_STANDS = timedelta(minutes=15)
LEAST_OFFER = timedelta(minutes=2)
# An offer made at night stands until the morning only where so much is left then for others.
LEFT_TO_OTHERS = timedelta(hours=1)
EXTENSION = timedelta(minutes=15)
MAX_EXTENSIONS = 2
LONGEST_PAUSE = timedelta(hours=1)
PAUSES_IN_ALL = timedelta(hours=2)
# However short they are: every one of them is told to the centre.
MAX_PAUSES = 10


def lease_end(
    claimed_at: datetime, starts_at: datetime, ends_at: datetime, hold_minutes: int
) -> datetime:
    """Until when a claim holds its slot without a start; never past the window."""
    return min(max(claimed_at, starts_at) + timedelta(minutes=hold_minutes), ends_at)


def extended_lease_end(held_until: datetime, ends_at: datetime) -> datetime:
    """The lease's end after one extension; never past the window."""
    return min(held_until + EXTENSION, ends_at)


def free_end(claimed_at: datetime, starts_at: datetime, free_until_minutes: int) -> datetime:
    """Until when a claim may be given up without a mark."""
    return max(starts_at - timedelta(minutes=free_until_minutes), claimed_at + SECOND_THOUGHTS)


def night_end(local: datetime, from_minute: int, until_minute: int) -> datetime:
    """`local`, or the end of the quiet hours that it lies in; they are minutes of its clock's day.

    They may span midnight.
    """
    minute = local.hour * 60 + local.minute
    spans_midnight = from_minute > until_minute
    is_evening = minute >= from_minute
    is_morning = minute < until_minute
    if not (is_evening or is_morning if spans_midnight else is_evening and is_morning):
        return local
    day = local.date() + timedelta(days=1 if spans_midnight and is_evening else 0)
    clock = time(until_minute // 60, until_minute % 60)
    return datetime.combine(day, clock, tzinfo=local.tzinfo)


def offer_end(
    moment: datetime, starts_at: datetime, ends_at: datetime, *, awake_from: datetime
) -> datetime:
    """Until when a slot offered at `moment` is kept for its answer.

    A quarter of an hour; where the start is near, half of the time to it, so that the next in
    line still gets there; at least two minutes, and never past the window. One made at night, when
    people sleep until `awake_from`, stands for a quarter of an hour from then on, where an hour or
    more is left to the start after that.
    """
    if moment < awake_from <= starts_at - OFFER_STANDS - LEFT_TO_OTHERS:
        return min(awake_from + OFFER_STANDS, ends_at)
    half_way = moment + (starts_at - moment) / 2
    kept_until = min(moment + OFFER_STANDS, max(half_way, moment + LEAST_OFFER))
    return min(kept_until, ends_at)


def pause_left(pauses: Sequence[tuple[datetime, datetime]]) -> timedelta:
    """How long the next pause may last, after `pauses` from and until; zero where none is left."""
    taken = sum((until - since for since, until in pauses), timedelta())
    return max(timedelta(), min(LONGEST_PAUSE, PAUSES_IN_ALL - taken))
