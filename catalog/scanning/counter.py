"""The counter: who stands behind it at which point, and whether they may scan there right now."""

from dataclasses import dataclass

from catalog.offering import redemption_point_of
from catalog.scanning.guessing import refuse_paused
from catalog.scanning.pacing import counted_scan
from catalog.scanning.point_keys import live_key
from people import Actor, Role, Unit


@dataclass(frozen=True)
class Counter:
    """A clerk at a redemption point, with the point's key where it needs one."""

    point: Unit
    by: Actor
    point_key_id: str


def counter_of(point_id: str, *, by: Actor, point_key: str) -> Counter:
    """The counter that a clerk scans at; the try is counted.

    Raises UnitNotFound, NotARedemptionPoint, NotAllowed, TooManyScans, TooManyGuesses,
    PointKeyNeeded, PointKeyUnknown, PointKeyRevoked.
    """
    point = redemption_point_of(point_id)
    by.must_hold(Role.CLERK, at=point)
    desk = counted_scan(point_id)
    refuse_paused(desk, by)
    return Counter(point, by, live_key(desk, point_key))
