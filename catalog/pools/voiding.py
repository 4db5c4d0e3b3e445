"""Voiding: codes whose time is over before anybody ordered them leave their pool and its stock."""

from collections.abc import Iterable
from typing import Any

from pymongo.client_session import ClientSession

from catalog.pools.pool_code import PoolCode, PoolCodeState
from catalog.stock import Stock
from shared.clock import real_now
from shared.database import collection, in_transaction
from shared.sweeping import sweep_each

MOST_PER_RUN = 2_000
CODES_A_BATCH = 200


def void_overdue_codes() -> int:
    """Void free codes that serve no more, at most 2,000 a run; how many batches went well."""
    overdue = {"state": PoolCodeState.FREE.value, "valid_until": {"$lte": real_now()}}
    shown = {"reward_id": 1, "point_id": 1}
    found = collection(PoolCode).find(overdue, shown).sort("valid_until", 1).limit(MOST_PER_RUN)
    return sweep_each(_batches(found), _void)


def _batches(found: Iterable[dict[str, Any]]) -> list[tuple[str, str, list[str]]]:
    """(reward, point, codes) of one pool each, so many codes at most."""
    pools: dict[tuple[str, str], list[str]] = {}
    for row in found:
        pools.setdefault((row["reward_id"], row["point_id"]), []).append(row["_id"])
    return [
        (*pool, codes[start : start + CODES_A_BATCH])
        for pool, codes in pools.items()
        for start in range(0, len(codes), CODES_A_BATCH)
    ]


def _void(batch: tuple[str, str, list[str]]) -> bool:
    """One pool's codes and its stock in one transaction; False where all were taken meanwhile."""
    reward_id, point_id, code_ids = batch
    voided_at = real_now()

    def decide(session: ClientSession) -> bool:
        voided = (
            collection(PoolCode)
            .update_many(
                {"_id": {"$in": code_ids}, "state": PoolCodeState.FREE.value},
                {"$set": {"state": PoolCodeState.VOID.value, "voided_at": voided_at}},
                session=session,
            )
            .modified_count
        )
        if voided:
            # The stock's validator refuses what would go below nothing, and with it the batch.
            collection(Stock).update_one(
                {"reward_id": reward_id, "point_id": point_id},
                {"$inc": {"supplied": -voided, "available": -voided, "version": 1}},
                session=session,
            )
        return bool(voided)

    return in_transaction(decide)
