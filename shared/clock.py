"""What time it is: UTC, in one place, so that a recorded walk can be replayed as if it were now."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from settings import settings

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


def stored(moment: datetime) -> datetime:
    """The moment as MongoDB keeps it: UTC, whole milliseconds."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
