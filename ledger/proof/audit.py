"""The proof of the book: every entry replayed, and held against all that is stored beside it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pymongo
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from ledger.balance import Balance
from ledger.entry import Entry
from ledger.hold import Hold
from ledger.proof.checking_requests import requests_that_differ, reversals_unasked
from ledger.proof.cross_checking import holds_that_differ, unsound_references
from ledger.proof.findings import BookProof, Finding, FindingKind, in_order
from ledger.proof.recounting_months import closed_months_that_differ
from ledger.proof.replaying import balances_that_differ, budgets_exceeded
from ledger.proof.replaying_lots import earliest_lots_that_differ, lots_that_differ
from ledger.proof.replaying_steps import reading
from ledger.proof.unsound_documents import unsound_documents
from ledger.seals.seal import Seal
from ledger.seals.seal_audit import seal_findings
from shared.database import database
from shared.errors import Unavailable

# Reading the whole book takes longer than a command of a request may. A snapshot older than
# 300 s is gone on the server (minSnapshotHistoryWindowInSeconds), so longer would not help.
AUDIT_TIMEOUT_S = 240

CHECKS: tuple[Callable[[ClientSession], Iterator[Finding]], ...] = (
    unsound_documents,
    balances_that_differ,
    lots_that_differ,
    earliest_lots_that_differ,
    budgets_exceeded,
    holds_that_differ,
    unsound_references,
    reversals_unasked,
    requests_that_differ,
    closed_months_that_differ,
)
COUNTED = (Entry, Balance, Hold, Seal)


def prove() -> list[Finding]:
    """Replay every entry against all that is stored beside it; the first difference first.

    Empty where the book agrees. Names at most 100 findings of each kind. All but the seals is read
    as of one moment. Raises Unavailable where that takes more than 240 s.
    """
    with _in_time():
        return in_order([*_at_one_moment(), *_seals_broken()])


def prove_book() -> BookProof:
    """`prove`, with how many documents there were and how long it took; raises what it raises."""
    began_at = time.perf_counter()
    findings = prove()
    with _in_time(), pymongo.timeout(AUDIT_TIMEOUT_S):
        entries, accounts, holds, seals = (reading(one).count_documents({}) for one in COUNTED)
    seconds = time.perf_counter() - began_at
    return BookProof(findings, entries, accounts, holds, seals, seconds)


@contextmanager
def _in_time() -> Iterator[None]:
    """Say Unavailable where the database does not answer in time."""
    try:
        yield
    except PyMongoError as error:
        if error.timeout:
            raise Unavailable from error
        raise


def _at_one_moment() -> list[Finding]:
    """What every check finds in the book as it was at one moment, however much is posted since."""
    with (
        pymongo.timeout(AUDIT_TIMEOUT_S),
        database().client.start_session(snapshot=True) as session,
    ):
        return [finding for check in CHECKS for finding in check(session)]


def _seals_broken() -> list[Finding]:
    """What the seals say of themselves; of an entry that is still there, with its moment."""
    broken = seal_findings()
    ids = [one.entry_id for one in broken if one.entry_id is not None]
    named = reading(Entry).find({"_id": {"$in": ids}}, {"posted_at": 1}) if ids else ()
    posted_at = {entry["_id"]: entry.get("posted_at") for entry in named}
    return [
        Finding(
            FindingKind.SEAL_BROKEN,
            one.entry_id or f"seal {one.number}",
            str(one),
            at=posted_at.get(one.entry_id),
        )
        for one in broken
    ]
