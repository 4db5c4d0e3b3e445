"""What is in a reward's pools of codes, point by point: for its officers."""

from dataclasses import dataclass
from datetime import datetime

from catalog.offering import OFFICERS, reward_of
from catalog.pools.pool_code import PoolCode, PoolCodeState
from people import Actor, Unit, unit_of, units_of
from shared.database import collection


@dataclass(frozen=True)
class PoolAtPoint:
    """How many codes are in which state; `soonest_end` is of the free ones, None for no end."""

    point: Unit
    free: int
    taken: int
    opened: int
    void: int
    soonest_end: datetime | None


def pools_of(reward_id: str, *, by: Actor) -> list[PoolAtPoint]:
    """The reward's pools, at each point that ever had codes. Raises RewardNotFound, NotAllowed."""
    by.must_hold(*OFFICERS, at=unit_of(reward_of(reward_id).unit_id))
    group = {"_id": {"point_id": "$point_id", "state": "$state"}, "codes": {"$sum": 1}}
    soonest = {"soonest_end": {"$min": "$valid_until"}}  # which passes over those without
    rows = collection(PoolCode).aggregate(
        [{"$match": {"reward_id": reward_id}}, {"$group": {**group, **soonest}}]
    )
    counted = {(row["_id"]["point_id"], row["_id"]["state"]): row for row in rows}
    points = units_of(sorted({point_id for point_id, _ in counted}))

    def count(point_id: str, state: PoolCodeState) -> int:
        return int(counted.get((point_id, state.value), {}).get("codes", 0))

    return [
        PoolAtPoint(
            point=point,
            free=count(point_id, PoolCodeState.FREE),
            taken=count(point_id, PoolCodeState.TAKEN),
            opened=count(point_id, PoolCodeState.OPENED),
            void=count(point_id, PoolCodeState.VOID),
            soonest_end=counted.get((point_id, PoolCodeState.FREE.value), {}).get("soonest_end"),
        )
        for point_id, point in sorted(points.items())
    ]
