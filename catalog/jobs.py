"""The catalogue's jobs, by name: the sweep finds what was decided and not finished."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from catalog import giving_back
from catalog.expiring import tell_expiring
from catalog.picturing import drop_orphaned_pictures
from catalog.points.low_stock import tell_low_stocks
from catalog.points.pausing import mirror_pauses
from catalog.points.stock_counting import tell_differences
from catalog.pools.voiding import void_overdue_codes
from catalog.providers import attempting, fetching_files, forgetting
from catalog.scanning import redeeming
from catalog.settlement import answering, closing
from catalog.settlement.telling import tell_untold
from catalog.telling import tell_moves
from catalog.telling_awards import tell_awards
from catalog.voucher import Voucher, VoucherState
from shared.clock import now, real_now
from shared.database import collection
from shared.sweeping import sweep_each, sweep_passes

# A run that finds more leaves the rest to the next one; the timetable says when that is.
MOST_PER_RUN = 500
# One that failed waits this long, and behind all that did not, so that it holds up nobody.
LOOK_AGAIN = timedelta(minutes=1)


def settle_unsettled() -> int:
    """Bring to their points what was handed over and not yet posted; how many."""
    unsettled = {"state": VoucherState.REDEEMED.value, "settled_entry_id": None}
    return _each_due(unsettled, settle_redemption)


def expire_overdue() -> int:
    """Let overdue vouchers lapse; how many."""
    overdue = {"state": VoucherState.ISSUED.value, "expires_at": {"$lte": now()}}
    return _each_due(overdue, expire_voucher)


def go_on_with_recalls() -> int:
    """Give back what recalls that were cut off or are large left outstanding; how many."""
    return _each_due(giving_back.open_recalls(), giving_back.recall_voucher)


# What the sweep does, in this order: a pass that fails stops none of the others.
PASSES: tuple[tuple[str, Callable[[], int]], ...] = (
    ("settled", settle_unsettled),
    ("expired", expire_overdue),
    ("recalled", go_on_with_recalls),
    ("moves_told", tell_moves),
    ("awards_told", tell_awards),
    ("ends_told", tell_expiring),
    ("codes_voided", void_overdue_codes),
    ("pauses_mirrored", mirror_pauses),
    ("low_stocks_told", tell_low_stocks),
    ("counts_told", tell_differences),
    ("pictures_dropped", drop_orphaned_pictures),
    ("days_closed", closing.close_days),
    ("statements_confirmed", answering.confirm_unanswered),
    ("statements_told", tell_untold),
    # Last, for they wait for others: a provider that hangs holds up nothing of our own.
    ("delivered", attempting.deliver_due),
    ("reconciled", fetching_files.reconcile_yesterday),
    ("deliveries_told", attempting.tell_left_untold),
    ("phones_forgotten", forgetting.forget_phones),
)


def sweep() -> dict[str, int]:
    """Finish whatever the catalogue has decided and not finished; how much of each."""
    return sweep_passes(PASSES)


def settle_redemption(voucher_id: str) -> bool:
    """The tail of a hand-over; see redeeming."""
    return redeeming.settle_redemption(voucher_id)


def expire_voucher(voucher_id: str) -> bool:
    """The end of an unused voucher; see giving_back."""
    return giving_back.expire_voucher(voucher_id)


def deliver(voucher_id: str) -> bool:
    """One try at the delivery of a top-up; see providers/attempting."""
    return attempting.deliver(voucher_id)


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
