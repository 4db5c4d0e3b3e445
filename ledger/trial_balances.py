"""The trial balance: all accounts by kind, zero in each currency, and in each unit's entries."""

import threading
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pymongo
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from ledger.book_closing import MonthBalance
from ledger.entry import Currency, Entry
from ledger.month_ends import month_end_balances, newest_month_end
from shared.clock import real_now
from shared.database import Document, collection, database
from shared.errors import Unavailable

# It is asked for over HTTP: one at a time in a process, for so long at most. Where the book is so
# large that adding it up is a burden, who asks the same soon after is told the same.
TRIAL_TIMEOUT_S = 20
TRIAL_WAIT_S = 2
BURDEN = timedelta(seconds=0.5)
GOOD_FOR = timedelta(seconds=10)


@dataclass(frozen=True)
class CurrencyTotals:
    """All accounts of one currency by kind, in minor units; `total` is zero in a sound book.

    `unit` is the id of the unit whose entries these are, None where they belong to none.
    """

    currency: str
    by_kind: dict[str, int]
    total: int
    unit: str | None = None


@dataclass(frozen=True)
class TrialBalance:
    """The totals of every currency that was ever posted, as of one moment.

    `starts_from` is the closed month ("2026-10") whose stored balances the sum began with.
    """

    as_of: datetime
    currencies: tuple[CurrencyTotals, ...]
    starts_from: str | None = None

    @property
    def agrees(self) -> bool:
        """Whether every currency sums to zero."""
        return all(totals.total == 0 for totals in self.currencies)


@dataclass(frozen=True)
class _Question:
    """Whose entries are added up: one unit's, each unit's apart, or all."""

    unit: str | None
    each_unit: bool


class _OneAtATime:
    """What was last added up in this process, until when it is good, and the lock."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.told: dict[_Question, tuple[TrialBalance, datetime]] = {}

    def good(self, question: _Question, moment: datetime) -> TrialBalance | None:
        """What was told to the same question and still holds; forgets what does not."""
        self.told = {asked: told for asked, told in self.told.items() if told[1] > moment}
        return self.told[question][0] if question in self.told else None


_trial = _OneAtATime()


def trial_balance(*, unit: str | None = None, each_unit: bool = False) -> TrialBalance:
    """The totals by kind of account and currency at `as_of`.

    The balances stored at the last closed month's end, and every entry since. With `unit` those
    of one unit's entries alone, with `each_unit` of each unit's apart: these are added up from
    every entry. One that took more than half a second is told again for 10 s. Raises Unavailable
    where adding up takes more than 20 s, or another one is still under way.
    """
    question = _Question(unit, each_unit)
    if not _trial.lock.acquire(timeout=TRIAL_WAIT_S):
        raise Unavailable
    try:
        told = _trial.good(question, real_now())
        if told is None:
            told = _added_up(question)
            done_at = real_now()
            if done_at - told.as_of > BURDEN:
                _trial.told[question] = (told, done_at + GOOD_FOR)
        return told
    finally:
        _trial.lock.release()


def _added_up(question: _Question) -> TrialBalance:
    as_of = real_now()
    try:
        with (
            pymongo.timeout(TRIAL_TIMEOUT_S),
            database().client.start_session(snapshot=True) as session,
        ):
            if question.unit is None and not question.each_unit:
                return _whole_book(as_of, session)
            groups = _groups(Entry, _by_unit(question), session)
            return TrialBalance(as_of, _totals(groups))
    except PyMongoError as error:
        if error.timeout:
            raise Unavailable from error
        raise


def _whole_book(as_of: datetime, session: ClientSession) -> TrialBalance:
    """The last closed month's balances, and what is effective since."""
    end = newest_month_end(session)
    groups = _groups(Entry, _sums([{"$match": end.later}] if end else []), session)
    if end:
        kind = {"kind": _first_word("$account"), "currency": "$currency"}
        group = {"$group": {"_id": kind, "total": {"$sum": "$balance"}}}
        groups += _groups(MonthBalance, [*month_end_balances(end, {}), group], session)
    return TrialBalance(as_of, _totals(groups), end.month if end else None)


def _by_unit(question: _Question) -> list[dict[str, Any]]:
    if question.unit is None:
        return _sums([], unit="$unit")
    return _sums([{"$match": {"unit": question.unit}}], unit={"$literal": question.unit})


def _sums(first: list[dict[str, Any]], **also_by: Any) -> list[dict[str, Any]]:
    by = {"kind": _first_word("$legs.account"), "currency": "$legs.currency", **also_by}
    return [
        *first,
        {"$unwind": "$legs"},
        {"$group": {"_id": by, "total": {"$sum": "$legs.amount"}}},
    ]


def _first_word(name: str) -> dict[str, Any]:
    return {"$arrayElemAt": [{"$split": [name, ":"]}, 0]}


def _groups(
    document: type[Document], steps: list[dict[str, Any]], session: ClientSession
) -> list[dict[str, Any]]:
    return list(collection(document).aggregate(steps, allowDiskUse=True, session=session))


def _totals(groups: list[dict[str, Any]]) -> tuple[CurrencyTotals, ...]:
    """The groups as totals, currencies in their order, entries of no unit first."""
    sums: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for group in groups:
        by = group["_id"]
        sums[by["currency"], by.get("unit") or ""][by["kind"]] += int(group["total"])
    order = [currency.value for currency in Currency]
    return tuple(
        CurrencyTotals(currency, dict(sorted(by_kind.items())), sum(by_kind.values()), unit or None)
        for (currency, unit), by_kind in sorted(
            sums.items(), key=lambda item: (order.index(item[0][0]), item[0][1])
        )
    )
