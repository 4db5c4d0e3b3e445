"""When a delivery is sent, asked about, refunded, and how long is waited between. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

# After this the provider must not deliver, so that an order never lingers in a queue of theirs.
VALID_FOR = timedelta(hours=2)
# Their clock and ours may differ by this much: nothing is sent so shortly before the end, and only
# so long after it does "never had it" count.
CLOCK_MARGIN = timedelta(minutes=10)
# Said twice, a margin apart: an answer out of a lagging copy of their books ends nothing.
NOT_FOUNDS_NEEDED = 2
# After this officers are told, who may settle it by hand.
DOUBT_LASTS = timedelta(days=3)
# Waits double from the first to the longest, each up to a fifth off either way, so that what
# failed together is not tried together.
FIRST_WAIT_S = 5
LONGEST_WAIT_S = 900
JITTER = 0.2
# A provider that was silent this often in a row is left alone for a while, twice as long each time,
# so that its silence does not hold up the others.
FAILURES_BEFORE_REST = 5
LONGEST_REST_S = 300


class Step(StrEnum):
    """What is to be done next with a delivery that may be with its provider."""

    SEND = "send"
    ASK = "ask"
    REFUND = "refund"


def next_step(*, in_doubt: bool, valid_until: datetime, moment: datetime) -> Step:
    """Ask where a request may have arrived; else send while it is valid, and refund after that."""
    if in_doubt:
        return Step.ASK
    return Step.SEND if may_send(valid_until, moment) else Step.REFUND


def may_send(valid_until: datetime, moment: datetime) -> bool:
    """Whether there is still time for the provider to deliver."""
    return moment < valid_until - CLOCK_MARGIN


def counts_as_never_had(valid_until: datetime, moment: datetime) -> bool:
    """Whether a "not found" said now is about a time when nothing may be delivered any more."""
    return moment > valid_until + CLOCK_MARGIN


def is_doubt_old(sent_at: datetime, moment: datetime) -> bool:
    """Whether officers must hear of a delivery whose outcome nobody knows."""
    return moment - sent_at >= DOUBT_LASTS


def wait_s(tries: int, chance: float) -> float:
    """Seconds from the try of this number (from 1) to the next; `chance` is in [0, 1)."""
    doubled = FIRST_WAIT_S * 2 ** min(max(tries, 1) - 1, 20)
    return min(doubled, LONGEST_WAIT_S) * (1 + JITTER * (2 * chance - 1))


def rest_s(failures: int) -> float:
    """Seconds that a provider rests after so many failures in a row; 0 for few of them."""
    beyond = failures - FAILURES_BEFORE_REST
    return 0 if beyond < 0 else min(FIRST_WAIT_S * 2 ** min(beyond, 20), LONGEST_REST_S)
