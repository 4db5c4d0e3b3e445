"""Plain past work and terms to replay it under, for tests without a database."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from insights.replaying_rates import Replay
from rates import Terms
from rates.rate_card import Caps, RateLine

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # nine in the morning there

LINES = [
    {"kind": "patrol", "base": 0, "per_hour": 50, "minimum": 10},
    {"kind": "drill", "base": 30, "per_hour": 0, "minimum": 10},
]


class Did(NamedTuple):
    """One participation."""

    person_id: str = "ann"
    task_id: str = "t"
    unit_id: str = "street"
    kind: str = "patrol"
    starts_at: datetime = MONDAY
    coins: int = 100
    on_duty: bool = False


def after(days: float = 0, hours: float = 0) -> datetime:
    """So long after that Monday morning."""
    return MONDAY + timedelta(days=days, hours=hours)


def terms(*, caps: dict | None = None, **lines: dict) -> Terms:
    """The terms with these lines, by kind, and these caps for all kinds."""
    made = {
        kind: RateLine(
            **{"kind": kind, "base": 0, "per_hour": 0, "minimum": 1}
            | {name: value for name, value in line.items() if name != "caps"}
            | ({"caps": Caps(**line["caps"])} if "caps" in line else {})
        )
        for kind, line in lines.items()
    }
    return Terms("street", ("card",), made, caps=Caps(**caps) if caps else None)


def replayed(work, prices, *, since=MONDAY, among=("street",)):
    """The sums of the work, its tasks priced as `prices` says."""
    replay = Replay(prices.__getitem__, since=since, zone=ZONE, among=set(among))
    replay.add_all(work)
    return replay.sums
