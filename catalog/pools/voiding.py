"""Voiding: codes that serve too short a time, or are the wrong ones, leave their pool and stock."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from pymongo.client_session import ClientSession

from catalog.offering import OFFICERS, redemption_point_of, reward_of
from catalog.pools.code_file import SERVES_AT_LEAST
from catalog.pools.pool_code import PoolCode, PoolCodeState
from catalog.stock import Stock
from people import Actor, unit_of
from shared.clock import real_now
from shared.database import collection, in_transaction
from shared.sweeping import sweep_each

MOST_PER_RUN = 2_000
CODES_A_BATCH = 200

Batch = tuple[str, str, list[str]]


def void_overdue_codes() -> int:
    """Void free codes that end within a day, at most 2,000 a run; how many batches went well."""
    ends_by = {"$lt": real_now() + SERVES_AT_LEAST}
    overdue = {"state": PoolCodeState.FREE.value, "valid_until": ends_by}
    shown = {"reward_id": 1, "point_id": 1}
    found = collection(PoolCode).find(overdue, shown).sort("valid_until", 1).limit(MOST_PER_RUN)
    return sweep_each(_batches(found), _void)


def void_codes(
    reward_id: str, point_id: str, *, by: Actor, import_id: str | None = None
) -> tuple[int, int]:
    """Take the free codes out of a pool, all or those of one import; how many, how many are left.

    At most 2,000 at a time: where any are left, once more. Codes that somebody ordered stay theirs.
    What was voided can be brought again. Raises RewardNotFound, UnitNotFound,
    NotARedemptionPoint, NotAllowed.
    """
    reward, point = reward_of(reward_id), redemption_point_of(point_id)
    by.must_hold(*OFFICERS, at=unit_of(reward.unit_id))
    by.must_hold(*OFFICERS, at=point)
    free = {"reward_id": reward_id, "point_id": point_id, "state": PoolCodeState.FREE.value}
    if import_id is not None:
        free["import_id"] = import_id
    found = list(collection(PoolCode).find(free, {"_id": 1}).limit(MOST_PER_RUN))
    code_ids = [row["_id"] for row in found]
    voided = sum(
        _voided(batch, voided_at=real_now(), voided_by=by.person_id)
        for batch in _cut((reward_id, point_id), code_ids)
    )
    return voided, collection(PoolCode).count_documents(free)


def _batches(found: Iterable[dict[str, Any]]) -> list[Batch]:
    """(reward, point, codes) of one pool each, so many codes at most."""
    pools: dict[tuple[str, str], list[str]] = {}
    for row in found:
        pools.setdefault((row["reward_id"], row["point_id"]), []).append(row["_id"])
    return [batch for pool, codes in pools.items() for batch in _cut(pool, codes)]


def _cut(pool: tuple[str, str], codes: list[str]) -> list[Batch]:
    starts = range(0, len(codes), CODES_A_BATCH)
    return [(*pool, codes[start : start + CODES_A_BATCH]) for start in starts]


def _void(batch: Batch) -> bool:
    return bool(_voided(batch, voided_at=real_now()))


def _voided(batch: Batch, *, voided_at: datetime, voided_by: str = "") -> int:
    """One pool's codes and its stock in one transaction; how many had not been taken meanwhile."""
    change: dict[str, Any] = {"state": PoolCodeState.VOID.value, "voided_at": voided_at}
    if voided_by:
        change["voided_by"] = voided_by
    # Nothing stands under its hash any more: the code can be brought anew.
    change["code_hash"] = {"$concat": ["void:", "$_id"]}
    return in_transaction(partial(_decide, batch, change))


def _decide(batch: Batch, change: dict[str, Any], session: ClientSession) -> int:
    reward_id, point_id, code_ids = batch
    free = {"_id": {"$in": code_ids}, "state": PoolCodeState.FREE.value}
    done = collection(PoolCode).update_many(free, [{"$set": change}], session=session)
    voided: int = done.modified_count
    if voided:
        # The stock's validator refuses what would go below nothing, and with it the batch.
        collection(Stock).update_one(
            {"reward_id": reward_id, "point_id": point_id},
            {"$inc": {"supplied": -voided, "available": -voided, "version": 1}},
            session=session,
        )
    return voided
