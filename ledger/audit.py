"""The book checks itself: totals that must be zero, and balances that must follow from entries."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import pymongo
from pymongo.errors import PyMongoError

from ledger.accounts import GUARDED, AccountKind
from ledger.balance import Balance
from ledger.entry import Currency, Entry
from shared.clock import real_now
from shared.database import Document, collection
from shared.errors import Unavailable

# Reading the whole book takes longer than a command of a request may. A snapshot older than
# 300 s is gone on the server (minSnapshotHistoryWindowInSeconds), so longer would not help.
AUDIT_TIMEOUT_S = 240
# The trial balance is asked for over HTTP: one at a time in a process, for so long at most. Where
# the book is so large that adding it up is a burden, who asks soon after is told the same.
TRIAL_TIMEOUT_S = 20
TRIAL_WAIT_S = 2
BURDEN = timedelta(seconds=0.5)
GOOD_FOR = timedelta(seconds=10)
MAX_FINDINGS = 100


@dataclass(frozen=True)
class CurrencyTotals:
    """All accounts of one currency by kind, in minor units; `total` is zero in a sound book."""

    currency: str
    by_kind: dict[str, int]
    total: int


@dataclass(frozen=True)
class TrialBalance:
    """The totals of every currency that was ever posted, as of one moment."""

    as_of: datetime
    currencies: tuple[CurrencyTotals, ...]

    @property
    def agrees(self) -> bool:
        """Whether every currency sums to zero."""
        return all(totals.total == 0 for totals in self.currencies)


class FindingKind(StrEnum):
    """What a proof can find wrong."""

    UNSOUND_ENTRY = "unsound_entry"
    UNSOUND_BALANCE = "unsound_balance"
    BALANCE_DIFFERS = "balance_differs"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong; `where` is an entry id, or an account and its currency."""

    kind: FindingKind
    where: str
    stored: int | None = None
    replayed: int | None = None

    def __str__(self) -> str:
        if self.kind is FindingKind.BALANCE_DIFFERS:
            return f"{self.where} holds {self.stored}, but its entries sum to {self.replayed}"
        return f"{self.kind.value.replace('_', ' ')} {self.where}"


class _OneAtATime:
    """The trial balance last added up in this process, until when it is good, and the lock."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.told: TrialBalance | None = None
        self.good_until = datetime.min.replace(tzinfo=UTC)


_trial = _OneAtATime()


def trial_balance() -> TrialBalance:
    """The totals by kind of account and currency, added up from every entry at `as_of`.

    It reads the whole book: one that took more than half a second is told again for 10 s. Raises
    Unavailable where adding up takes more than 20 s, or another one is still under way.
    """
    if not _trial.lock.acquire(timeout=TRIAL_WAIT_S):
        raise Unavailable
    try:
        if _trial.told is None or real_now() >= _trial.good_until:
            _trial.told = _added_up()
            done_at = real_now()
            burden = done_at - _trial.told.as_of > BURDEN
            _trial.good_until = done_at + GOOD_FOR if burden else done_at
        return _trial.told
    finally:
        _trial.lock.release()


def _added_up() -> TrialBalance:
    as_of = real_now()
    steps: list[dict[str, Any]] = [
        {"$unwind": "$legs"},
        {"$group": {"_id": _kind_and_currency(), "total": {"$sum": "$legs.amount"}}},
        {"$sort": {"_id.currency": 1, "_id.kind": 1}},
    ]
    by_currency: dict[str, dict[str, int]] = {currency.value: {} for currency in Currency}
    for group in _groups_in_time(steps):
        by_currency[group["_id"]["currency"]][group["_id"]["kind"]] = int(group["total"])
    return TrialBalance(
        as_of,
        tuple(
            CurrencyTotals(currency, by_kind, sum(by_kind.values()))
            for currency, by_kind in by_currency.items()
            if by_kind
        ),
    )


def prove() -> list[Finding]:
    """Replay every entry against the stored balances; what differs, first by account name.

    Empty where the book agrees. Names at most 100 findings of each kind.
    """
    return [
        *_refused_by_validator(Entry, FindingKind.UNSOUND_ENTRY),
        *_refused_by_validator(Balance, FindingKind.UNSOUND_BALANCE),
        *_balances_that_differ(),
    ]


def _groups_in_time(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    try:
        return _over_the_book(steps, TRIAL_TIMEOUT_S)
    except PyMongoError as error:
        if error.timeout:
            raise Unavailable from error
        raise


def _kind_and_currency() -> dict[str, Any]:
    kind = {"$arrayElemAt": [{"$split": ["$legs.account", ":"]}, 0]}
    return {"kind": kind, "currency": "$legs.currency"}


def _over_the_book(
    steps: list[dict[str, Any]], timeout_s: float = AUDIT_TIMEOUT_S
) -> list[dict[str, Any]]:
    """Run one aggregation over all entries: one command, so it sees one moment."""
    with pymongo.timeout(timeout_s):
        client = collection(Entry).database.client
        with client.start_session(snapshot=True) as session:
            return list(collection(Entry).aggregate(steps, allowDiskUse=True, session=session))


def _refused_by_validator(document: type[Document], kind: FindingKind) -> list[Finding]:
    """What stands in the collection although its validator would not let it in today."""
    with pymongo.timeout(AUDIT_TIMEOUT_S):
        unsound = collection(document).find({"$nor": [document.VALIDATOR]}, {"_id": 1})
        return [Finding(kind, str(found["_id"])) for found in unsound.limit(MAX_FINDINGS)]


def _balances_that_differ() -> list[Finding]:
    """Sum legs and stored balances side by side on the server; keep the accounts that differ."""
    guarded = {"$match": {"legs.account": {"$regex": _names_of(GUARDED)}}}
    of_leg = {
        "_id": {"$concat": ["$legs.account", "|", "$legs.currency"]},
        "replayed": "$legs.amount",
        "stored": {"$literal": 0},
    }
    of_balance = {"replayed": {"$literal": 0}, "stored": "$posted"}
    steps: list[dict[str, Any]] = [
        {"$unwind": "$legs"},
        guarded,
        {"$project": of_leg},
        {
            "$unionWith": {
                "coll": collection(Balance).name,
                "pipeline": [{"$project": of_balance}],
            }
        },
        {
            "$group": {
                "_id": "$_id",
                "replayed": {"$sum": "$replayed"},
                "stored": {"$sum": "$stored"},
            }
        },
        {"$match": {"$expr": {"$ne": ["$replayed", "$stored"]}}},
        {"$sort": {"_id": 1}},
        {"$limit": MAX_FINDINGS},
    ]
    return [
        Finding(
            FindingKind.BALANCE_DIFFERS, found["_id"], int(found["stored"]), int(found["replayed"])
        )
        for found in _over_the_book(steps)
    ]


def _names_of(kinds: frozenset[AccountKind]) -> str:
    return "^(?:" + "|".join(sorted(kinds)) + ")(?::|$)"
