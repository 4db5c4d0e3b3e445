"""What an account held at a moment of the past, by effective date, as known then or since.

Two ways lead there: up from the last closed month before the moment, or down from the first one
after it (else from the stored balance). Both are exact; the one with less time in it is taken.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.client_session import ClientSession

from ledger.entry import Currency
from ledger.holdings import balance_in, is_stored, must_be_account
from ledger.leg_sums import sum_of_legs
from ledger.month_ends import MonthEnd, balance_at_month_end, month_ends
from shared.clock import real_now, stored
from shared.database import database
from shared.errors import Invalid
from shared.i18n import Text

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_NO_END = datetime(9999, 1, 1, tzinfo=UTC)


class NotYetKnown(Invalid):
    """Raised when a balance is asked of a moment that has not come."""

    message = Text("This moment has not come yet.", "该时刻尚未到来。")


@dataclass(frozen=True)
class _Asked:
    """What is asked, and the closed months around it.

    `closed` is the last that lies before `at` and was complete as known at `known_at`;
    `following` is the first that ends after `at`.
    """

    account: str
    currency: str
    at: datetime
    known_at: datetime
    closed: MonthEnd | None
    following: MonthEnd | None


@dataclass(frozen=True)
class _Way:
    """The entries `which` on the way to the answer, posted from `since` to `until`."""

    since: datetime
    until: datetime
    which: dict[str, Any]

    def span(self, moment: datetime) -> timedelta:
        return min(self.until, moment) - self.since


def balance_at(
    account: str,
    currency: str = Currency.FUB,
    at: datetime | None = None,
    *,
    known_at: datetime | None = None,
) -> int:
    """What the account held at `at` (None: now), in minor units, by effective date.

    It counts what is effective up to and including that moment; with `known_at` only what was
    posted up to then. Raises AccountNotFound, and NotYetKnown where either lies in the future.
    """
    must_be_account(account)
    moment = real_now()
    for field, asked_for in (("at", at), ("known_at", known_at)):
        if asked_for is not None and asked_for > moment:
            raise NotYetKnown(field)
    with database().client.start_session(snapshot=True) as session:
        if at is None and known_at is None:
            return balance_in(account, currency, session)
        return _answer(_asked(account, currency, at, known_at, session), moment, session)


def _asked(
    account: str,
    currency: str,
    at: datetime | None,
    known_at: datetime | None,
    session: ClientSession,
) -> _Asked:
    at = stored(at) if at else _NO_END
    known_at = stored(known_at) if known_at else _NO_END
    ends = month_ends(session)
    before = [end for end in ends if end.ends_at <= at and end.known_by <= known_at]
    after = [end for end in ends if end.ends_at > at]
    closed, following = before[-1] if before else None, after[0] if after else None
    return _Asked(account, currency, at, known_at, closed, following)


def _answer(asked: _Asked, moment: datetime, session: ClientSession) -> int:
    account, currency, following = asked.account, asked.currency, asked.following
    up, down = _way_up(asked), _way_down(asked)
    can_go_down = following is not None or is_stored(account)
    if can_go_down and down.span(moment) <= up.span(moment):
        if following:
            start = balance_at_month_end(account, currency, following, session)
        else:
            start = balance_in(account, currency, session)
        return start - sum_of_legs(account, currency, down.which, session)
    start = 0
    if asked.closed:
        start = balance_at_month_end(account, currency, asked.closed, session)
    return start + sum_of_legs(account, currency, up.which, session)


def _way_up(asked: _Asked) -> _Way:
    """What came after the last closed month and counts."""
    since = asked.closed.ends_at if asked.closed else _BEGINNING
    until = asked.known_at
    if asked.following:
        until = min(until, asked.following.known_by)
    which = {
        "posted_at": {"$gte": since, "$lte": until},
        "effective_at": {"$gte": since, "$lte": asked.at},
    }
    return _Way(since, until, which)


def _way_down(asked: _Asked) -> _Way:
    """What the balance at the end of the following month, or now, contains and does not count."""
    since = min(asked.at, asked.known_at)
    which: dict[str, Any] = {
        "posted_at": {"$gt": since},
        "$or": [{"effective_at": {"$gt": asked.at}}, {"posted_at": {"$gt": asked.known_at}}],
    }
    if asked.following is None:
        return _Way(since, _NO_END, which)
    which["posted_at"]["$lte"] = asked.following.known_by
    which["effective_at"] = {"$lt": asked.following.ends_at}
    return _Way(since, asked.following.known_by, which)
