"""Pausing: a point's pause stands in each of its stocks, for an order writes its stock."""

from contextlib import suppress

from pymongo.errors import DuplicateKeyError

from catalog.points.point_profile import PointProfile
from catalog.points.rounds import next_in_round
from catalog.stock import Stock
from shared.database import collection
from shared.ids import new_id
from shared.sweeping import sweep_each

# Only what a dead process left half done is found here, so that a round may take its time.
MOST_PER_RUN = 200


def is_paused(point_id: str) -> bool:
    """Whether the point takes no orders for now."""
    return collection(PointProfile).find_one({"_id": point_id, "paused": True}) is not None


def open_stock(reward_id: str, point_id: str) -> None:
    """Open an empty stock of a reward at a point, paused where the point is; safe to repeat."""
    at = {"reward_id": reward_id, "point_id": point_id}
    empty = {"_id": new_id(), "supplied": 0, "available": 0, "version": 1}
    with suppress(DuplicateKeyError):  # another officer opened it this moment
        collection(Stock).update_one(at, {"$setOnInsert": empty}, upsert=True)
    mirror_pause(point_id)


def mirror_pause(point_id: str) -> bool:
    """Let the point's stocks say what its profile says of the pause; whether any said else."""
    mirrored, said = False, _said(point_id)
    while True:
        version, paused = said
        wrong = {"point_id": point_id, "paused": {"$ne": True} if paused else True}
        done = collection(Stock).update_many(wrong, {"$set": {"paused": paused}})
        mirrored |= bool(done.modified_count)
        said = _said(point_id)
        # A change beside this one wrote the stocks before or after it: only the first is undone.
        if said == (version, paused):
            return mirrored


def _said(point_id: str) -> tuple[int, bool]:
    profile = collection(PointProfile).find_one({"_id": point_id}, {"version": 1, "paused": 1})
    return (profile["version"], bool(profile.get("paused"))) if profile else (0, False)


def mirror_pauses() -> int:
    """Mirror points' pauses once more, 200 a run; how many points had stocks that said else."""
    points = next_in_round("pauses", PointProfile, {}, {"_id": 1}, MOST_PER_RUN)
    return sweep_each([row["_id"] for row in points], mirror_pause)
