"""The ledger's background work, by the name that the timetable uses."""

from collections.abc import Callable

import structlog
from rq.timeouts import BaseTimeoutException

from ledger.closing_months import finish_closings
from ledger.expiring import expire_lots
from ledger.holding import release_overdue_holds
from ledger.seals.sealing_entries import seal_entries

PASSES: tuple[Callable[[], int], ...] = (
    release_overdue_holds,
    finish_closings,
    expire_lots,
    seal_entries,
)

log = structlog.get_logger()


def sweep() -> dict[str, int]:
    """Do what is due in the book, each thing apart from the others; how much each pass did."""
    return {step.__name__: _done(step) for step in PASSES}


def _done(step: Callable[[], int]) -> int:
    try:
        return step()
    except BaseTimeoutException:
        raise
    except Exception:  # whatever it is, the next run tries again and the other passes go on
        log.exception("ledger_pass_failed", step=step.__name__)
        return 0
