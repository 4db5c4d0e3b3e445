"""What time it is: UTC, in one place, so that a recorded walk can be replayed as if it were now."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from settings import settings

QUARTER_HOUR_S = 900

_pretended_now: ContextVar[datetime | None] = ContextVar("pretended_now", default=None)


def real_now() -> datetime:
    """The true moment, whatever the request pretends: for the ledger, locks and tokens."""
    return stored(datetime.now(UTC))


def now() -> datetime:
    """The moment of this request: the true one, or the one a demo request asked for."""
    return _pretended_now.get() or real_now()


def pretended() -> datetime | None:
    """The moment this request asked to be taken for now; None where it is the true one."""
    return _pretended_now.get()


@contextmanager
def pretending(moment: datetime | None) -> Iterator[None]:
    """Let `now()` be `moment` inside the block (None: the true time)."""
    token = _pretended_now.set(stored(moment) if moment else None)
    try:
        yield
    finally:
        _pretended_now.reset(token)


def in_business_time(moment: datetime) -> str:
    """The moment as people there read it, in the business time zone: 2017-12-04 19:00."""
    zone = ZoneInfo(settings().business_time_zone)
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def business_month(moment: datetime) -> str:
    """The month the moment lies in, in the business time zone: 2017-12."""
    quarter = int(moment.timestamp() // QUARTER_HOUR_S)
    return _month_of_quarter(quarter, settings().business_time_zone)


@lru_cache(maxsize=4096)
def _month_of_quarter(quarter: int, zone: str) -> str:
    # No zone of today begins its days within a quarter of an hour, counted from 1970.
    began_at = datetime.fromtimestamp(quarter * QUARTER_HOUR_S, ZoneInfo(zone))
    return began_at.strftime("%Y-%m")


def business_month_start(month: str) -> datetime:
    """The moment a month (2017-12) begins in the business time zone."""
    zone = ZoneInfo(settings().business_time_zone)
    return datetime.strptime(month, "%Y-%m").replace(tzinfo=zone).astimezone(UTC)


def month_later(month: str, months: int) -> str:
    """The month so many months after (2017-12, 2 → 2018-02); before where negative."""
    years, index = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + months, 12)
    return f"{years:04d}-{index + 1:02d}"


def stored(moment: datetime) -> datetime:
    """The moment as MongoDB keeps it: UTC, whole milliseconds."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
