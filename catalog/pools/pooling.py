"""Pooling: one free code for one voucher, inside the order's transaction, and back where it ends.

All buyers of a drop order at once, so each picks at random among the codes that end soonest: two
that meet at one code cost the server a transaction. A conflict reruns one of them, with another.
"""

import secrets
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession

from catalog.pools.code_file import SERVES_AT_LEAST
from catalog.pools.pool_code import PoolCode, PoolCodeState
from catalog.stock import OutOfStock
from shared.database import collection

# Among so many of the soonest ending one is drawn: wide enough for every thread of some hosts.
DRAWN_AMONG = 128


def take_code(voucher_row: dict[str, Any], session: ClientSession) -> None:
    """Take a code for a ticket that is being issued, inside the transaction that issues it.

    Sets `pool_code_id` of the row, and lets the voucher expire with its code where that is
    sooner. Codes that serve less than a day from the row's `issued_at` are never given. Raises
    OutOfStock where none is left.
    """
    code = _drawn(voucher_row, session)
    collection(PoolCode).update_one(
        {"_id": code["_id"], "state": PoolCodeState.FREE.value},
        {"$set": {"state": PoolCodeState.TAKEN.value, "voucher_id": voucher_row["_id"]}},
        session=session,
    )
    voucher_row["pool_code_id"] = code["_id"]
    if code.get("valid_until"):
        voucher_row["expires_at"] = min(voucher_row["expires_at"], code["valid_until"])


def _drawn(voucher_row: dict[str, Any], session: ClientSession) -> dict[str, Any]:
    """One of the soonest ending free codes; those that always serve are kept for last.

    The transaction's own snapshot says which are free, so the one drawn is free at the write that
    follows, or the server sees the conflict.
    """
    for valid_until in ({"$gte": _fair_end(voucher_row)}, None):
        free = {
            "reward_id": voucher_row["reward_id"],
            "point_id": voucher_row["point_id"],
            "state": PoolCodeState.FREE.value,
            "valid_until": valid_until,
        }
        soonest = collection(PoolCode).find(free, {"valid_until": 1}, session=session)
        drawn = list(soonest.sort("valid_until", 1).limit(DRAWN_AMONG))
        if drawn:
            return dict(secrets.choice(drawn))
    raise OutOfStock


def _fair_end(voucher_row: dict[str, Any]) -> datetime:
    issued_at: datetime = voucher_row["issued_at"]
    return issued_at + SERVES_AT_LEAST


def return_code(voucher_id: str, session: ClientSession) -> None:
    """Put an unopened code back into its pool, inside the transaction that ends its voucher.

    One whose time is over goes back too, for the stock counts it again; the next pass voids it.
    """
    collection(PoolCode).update_one(
        {"voucher_id": voucher_id, "state": PoolCodeState.TAKEN.value},
        {"$set": {"state": PoolCodeState.FREE.value}, "$unset": {"voucher_id": ""}},
        session=session,
    )
