"""What is asked of the tasks nearby, what is known of each, and what is answered."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

MAX_RADIUS_M = 20_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Nearby:
    """What is asked: around where (WGS-84 degrees), how far, which tasks, from where on.

    `after` is the (millimetres, id) of the last task already shown; `starts_before` and
    `ends_after` bound the window.
    """

    lat: float
    lon: float
    radius_m: float
    limit: int
    kinds: tuple[str, ...] = ()
    starts_before: datetime | None = None
    ends_after: datetime | None = None
    after: tuple[int, str] | None = None


class OpenTask(NamedTuple):
    """A task that can be claimed: where (WGS-84 degrees), when (ms since 1970), what is shown."""

    id: str
    lat: float
    lon: float
    starts_ms: int
    ends_ms: int
    kind: str
    card: bytes


class TaskNear(NamedTuple):
    """One task found: how far on the ellipsoid, where (WGS-84 degrees), and its card as JSON."""

    distance_mm: int
    id: str
    lat: float
    lon: float
    card: bytes


class TasksNear(NamedTuple):
    """The page, by distance, then id; all that a majority had confirmed by `as_of` is in it.

    `as_of` is None where MongoDB was asked: what its primary knows, whose age nobody proves.
    """

    found: list[TaskNear]
    as_of: datetime | None


def milliseconds(moment: datetime) -> int:
    """The moment as MongoDB compares it: whole milliseconds since 1970."""
    return (moment - EPOCH) // timedelta(milliseconds=1)
