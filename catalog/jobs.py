"""The catalogue's jobs, by name: the sweep finds what was decided and not finished."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from catalog import ordering, redeeming
from catalog.voucher import Voucher, VoucherState
from shared.clock import now, real_now
from shared.database import collection
from shared.sweeping import sweep_each

# A run that finds more leaves the rest to the next one; the timetable says when that is.
MOST_PER_RUN = 500
# One that failed waits this long, and behind all that did not, so that it holds up nobody.
LOOK_AGAIN = timedelta(minutes=1)


def sweep() -> dict[str, int]:
    """Settle hand-overs left unsettled and let overdue vouchers lapse; how many of each."""
    unsettled = {"state": VoucherState.REDEEMED.value, "settled_entry_id": None}
    overdue = {"state": VoucherState.ISSUED.value, "expires_at": {"$lte": now()}}
    return {
        "settled": _each_due(unsettled, settle_redemption),
        "expired": _each_due(overdue, expire_voucher),
    }


def settle_redemption(voucher_id: str) -> bool:
    """The tail of a scan; see redeeming."""
    return redeeming.settle_redemption(voucher_id)


def expire_voucher(voucher_id: str) -> bool:
    """The end of an unused voucher; see ordering."""
    return ordering.expire_voucher(voucher_id)


def _each_due(wanted: dict[str, Any], tail: Callable[[str], bool]) -> int:
    """How many tails did something; ids only, so that a broken voucher is found like another."""
    due = {**wanted, "look_again_at": {"$not": {"$gt": real_now()}}}
    # Those that never failed have no look_again_at and come first.
    found = collection(Voucher).find(due, {"_id": 1}).sort("look_again_at", 1)
    voucher_ids = [voucher["_id"] for voucher in found.limit(MOST_PER_RUN)]

    @wraps(tail)
    def finish(voucher_id: str) -> bool:
        try:
            return tail(voucher_id)
        except Exception:
            again = {"look_again_at": real_now() + LOOK_AGAIN}
            collection(Voucher).update_one({"_id": voucher_id}, {"$set": again})
            raise

    return sweep_each(voucher_ids, finish)
