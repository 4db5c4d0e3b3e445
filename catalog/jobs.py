"""The catalogue's jobs, by name: the sweep finds what was decided and not finished."""

from collections.abc import Callable, Iterable

import structlog

from catalog import ordering, redeeming
from catalog.voucher import Voucher, VoucherState
from shared.clock import now
from shared.errors import DomainError

log = structlog.get_logger()

# A run that finds more leaves the rest to the next one, a minute later.
MOST_PER_RUN = 2_000


def sweep() -> dict[str, int]:
    """Settle hand-overs left unsettled and let overdue vouchers lapse; how many of each."""
    unsettled = Voucher.objects(state=VoucherState.REDEEMED, settled_entry_id=None)
    overdue = Voucher.objects(state=VoucherState.ISSUED, expires_at__lte=now())
    return {
        "settled": _done(settle_redemption, unsettled.limit(MOST_PER_RUN).scalar("id")),
        "expired": _done(
            expire_voucher, overdue.order_by("expires_at").limit(MOST_PER_RUN).scalar("id")
        ),
    }


def settle_redemption(voucher_id: str) -> bool:
    """The tail of a scan; see redeeming."""
    return redeeming.settle_redemption(voucher_id)


def expire_voucher(voucher_id: str) -> bool:
    """The end of an unused voucher; see ordering."""
    return ordering.expire_voucher(voucher_id)


def _done(tail: Callable[[str], bool], voucher_ids: Iterable[str]) -> int:
    """How many tails did something; one that is refused must not keep the others waiting."""
    done = 0
    for voucher_id in voucher_ids:
        try:
            done += tail(voucher_id)
        except DomainError as error:
            log.error("sweep_refused", voucher=voucher_id, error=type(error).__name__)
    return done
