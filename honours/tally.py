"""The sum of one person's verified work: pure, from the work alone, the same in every count."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import fsum
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from honours.calendar_weeks import day_in, week_of

# Work of times when a participation did not yet know its kind.
OTHER_KIND = "other"


class Work(Protocol):
    """One verified participation, as the tasks room tells it."""

    @property
    def participation_id(self) -> str: ...
    @property
    def unit_id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def worked_s(self) -> int: ...
    @property
    def worked_m(self) -> float: ...
    @property
    def coins(self) -> int: ...


@dataclass(frozen=True)
class Tally:
    """Sums of work: seconds, metres, coins; by kind and unit; the weeks and days worked in."""

    count: int
    seconds: int
    metres: float
    coins: int
    kinds: dict[str, dict[str, Any]]
    unit_ids: dict[str, int]
    weeks: list[str]
    days: int
    first_at: datetime | None
    last_at: datetime | None


def tally_of(work: Sequence[Work], zone: ZoneInfo) -> Tally:
    """The tally of one person's work, in whatever order it comes."""
    by_kind: dict[str, list[Work]] = defaultdict(list)
    for one in work:
        by_kind[one.kind or OTHER_KIND].append(one)
    began = [one.starts_at for one in work]
    days = {day_in(moment, zone) for moment in began}
    return Tally(
        count=len(work),
        seconds=sum(one.worked_s for one in work),
        metres=fsum(one.worked_m for one in work),
        coins=sum(one.coins for one in work),
        kinds={kind: _kind_sum(by_kind[kind]) for kind in sorted(by_kind)},
        unit_ids=dict(sorted(Counter(one.unit_id for one in work).items())),
        weeks=sorted({week_of(day) for day in days}),
        days=len(days),
        first_at=min(began, default=None),
        last_at=max(began, default=None),
    )


def _kind_sum(work: Sequence[Work]) -> dict[str, Any]:
    return {
        "count": len(work),
        "seconds": sum(one.worked_s for one in work),
        "metres": fsum(one.worked_m for one in work),
        "first_at": min(one.starts_at for one in work),
    }
