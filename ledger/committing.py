"""One transaction for a batch of entries: written first, and looked at closely only when refused.

A batch is inserted with its net changes to balances, nothing read but the wallets that pay. Where
the server refuses it, it is done again carefully: what it touches is read, each entry is decided
in order, and those that fit are posted. So one bad entry costs its neighbours a round trip.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import pymongo
import structlog
from bson import Int64
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError, PyMongoError

from ledger.accounts import AccountKind
from ledger.balance import Balance, balance_id
from ledger.book_closing import THE_BOOK, BookClosing
from ledger.entry import Entry
from ledger.hold import Hold, HoldState
from ledger.known_keys import known_outcomes, reversed_before, wait_for_what_was_written
from ledger.new_entry import NewEntry
from ledger.outcomes import (
    EntryRejected,
    Exists,
    KeyConflict,
    MonthClosed,
    Outcome,
    Posted,
    Rejected,
    Unknown,
    entry_id_of,
)
from ledger.planning import Asked, NotPostable, Plan, is_kept
from shared.clock import real_now
from shared.database import DUPLICATE_KEY, Document, collection, database, in_transaction
from shared.errors import DomainError, Unavailable

CAREFUL_ROUNDS = 3
LOOK_UP_TIMEOUT_S = 3.0
VALIDATION_FAILED = 121  # the server's code for a document its validator refuses

_PERSONAL = (f"{AccountKind.WALLET}:", f"{AccountKind.OWED}:")

log = structlog.get_logger()


class NotWritten(Exception):
    """Raised out of a transaction whose writes the server refused; it is gone."""


class KeyUsed(NotWritten):
    """Raised where an entry's key, or the entry it reverses, was used before."""


class GuardRefused(NotWritten):
    """Raised where a balance cannot take its change; `changes` are all that the batch wanted."""


class ClosedMeanwhile(NotWritten):
    """Raised where the book is closed through the `month` that an entry would count in."""

    def __init__(self, month: str) -> None:
        self.month = month
        super().__init__(month)


class ValidatorRefused(NotWritten):
    """Raised where the entry of this `key` is refused by the collection's validator."""

    def __init__(self, key: str, reason: str) -> None:
        self.key, self.reason = key, reason
        super().__init__(key, reason)


def commit(asked: Sequence[Asked]) -> list[Outcome]:
    """Post at most 500 entries in one transaction where that can be; the outcome of each in order.

    A key that comes twice is answered the second time from the first, or judged anew where the
    first was refused.
    """
    outcomes: dict[int, Outcome] = {}
    left = list(range(len(asked)))
    while left:
        firsts: dict[str, int] = {}
        for number in left:
            firsts.setdefault(asked[number].entry.key, number)
        chosen = sorted(firsts.values())
        found = _commit_distinct([asked[number] for number in chosen])
        outcomes |= dict(zip(chosen, found, strict=True))
        left = [number for number in left if number not in outcomes]
        for number in left:
            entry = asked[number].entry
            outcome = _repeated(entry, asked[firsts[entry.key]].entry, outcomes[firsts[entry.key]])
            if outcome is not None:
                outcomes[number] = outcome
        left = [number for number in left if number not in outcomes]
    return [outcomes[number] for number in range(len(asked))]


def _repeated(entry: NewEntry, first: NewEntry, outcome: Outcome) -> Outcome | None:
    """The outcome of a key's second entry in a batch; None where it must be judged anew."""
    match outcome:
        case Unknown():
            return outcome
        case Posted(entry_id) | Exists(entry_id):
            same = entry.request_hash == first.request_hash
            return Exists(entry_id) if same else KeyConflict(entry.key, entry_id)
    # The very same entry fits no better a moment later; another one under its key may.
    return outcome if entry.request_hash == first.request_hash else None


def _commit_distinct(asked: list[Asked]) -> list[Outcome]:
    """Post entries with different keys; an outcome nobody told is looked up, else Unknown."""
    made: set[str] = set()
    try:
        try:
            ids = in_transaction(lambda session: _write_at_once(asked, session, made))
            return [Posted(entry_id) for entry_id in ids]
        except NotWritten:
            return _commit_carefully(asked, made)
    except (Unavailable, PyMongoError) as error:
        log.warning("outcome_unknown", entries=len(asked), error=type(error).__name__)
        return _looked_up(asked, made)


def _commit_carefully(asked: list[Asked], made: set[str]) -> list[Outcome]:
    """Decide every entry by itself: keys that stand, then what fits, in order."""
    outcomes: dict[str, Outcome] = {}
    for _ in range(CAREFUL_ROUNDS):
        waiting = [each for each in asked if each.entry.key not in outcomes]
        if not waiting:
            break
        try:
            outcomes |= in_transaction(partial(_decide, waiting, made=made))
        except ValidatorRefused as refused:
            outcomes[refused.key] = Rejected(refused.reason)
        except NotWritten:
            continue
    for each in asked:
        if each.entry.key not in outcomes:
            alone = len(asked) == 1
            key = each.entry.key
            outcomes[key] = Unknown(key) if alone else _commit_carefully([each], made)[0]
    return [outcomes[each.entry.key] for each in asked]


def _looked_up(asked: list[Asked], made: set[str]) -> list[Outcome]:
    try:
        with pymongo.timeout(LOOK_UP_TIMEOUT_S):
            wait_for_what_was_written(asked[0].entry.key)
            known = known_outcomes(asked, made)
    except PyMongoError:
        known = {}
    return [known.get(each.entry.key) or Unknown(each.entry.key) for each in asked]


def write_within(asked: Sequence[Asked], session: ClientSession) -> list[str]:
    """Write the entries inside a transaction of the caller's; their ids.

    Raises what a refused entry means (see `entry_id_of`), and DuplicateKeyError for a used key:
    the transaction is gone then, so they must be let out.
    """
    with refusals_let_out(lambda: _insufficient(asked)):
        if any(_touches_wallet(each.entry) for each in asked):
            outcomes = _decide(asked, session, made=set(), all_or_none=True)
            return [entry_id_of(outcomes[each.entry.key]) for each in asked]
        return _write_at_once(asked, session, set())


@contextmanager
def refusals_let_out(shortage: Callable[[], Exception] = Unavailable) -> Iterator[None]:
    """Say what a refused write means to the transaction of the caller's that it has ended.

    `shortage` makes what is raised where a balance could not take its change.
    """
    try:
        yield
    except KeyUsed as used:
        raise DuplicateKeyError(str(used), DUPLICATE_KEY) from None
    except ClosedMeanwhile as closed:
        raise MonthClosed(month=closed.month) from None
    except ValidatorRefused as refused:
        raise EntryRejected(reason=refused.reason) from None
    except GuardRefused:
        raise shortage() from None
    except NotPostable as refusal:
        raise _error_of(refusal.outcome) from None


def _insufficient(asked: Sequence[Asked]) -> Exception:
    """The refusal with its figures, read outside the transaction, which the server has ended."""
    plan = Plan(real_now(), _balances(_kept_by(asked), None), _originals(asked, None))
    try:
        for each in asked:
            plan.take(each)
    except NotPostable as refusal:
        return _error_of(refusal.outcome)
    return Unavailable()  # what was missing has come meanwhile


def _error_of(outcome: Outcome) -> Exception:
    try:
        entry_id_of(outcome)
    except DomainError as error:
        return error
    return Unavailable()


def _write_at_once(asked: Sequence[Asked], session: ClientSession, made: set[str]) -> list[str]:
    """Write every entry or none, reading nothing but the wallets that pay. Raises NotWritten."""
    paying = {name for each in asked for name in _paid_from(each.entry)}
    plan = Plan(real_now(), _balances(paying, session), _originals(asked, session))
    try:
        ids = [plan.take(each) for each in asked]
    except NotPostable:
        raise GuardRefused from None
    made.update(ids)
    write(plan, session)
    return ids


def _decide(
    asked: Sequence[Asked], session: ClientSession, *, made: set[str], all_or_none: bool = False
) -> dict[str, Outcome]:
    """Read all that the entries touch, post those that fit, in order; each one's outcome by key.

    Overdue holds on the wallets that pay are released first, so that time counts even while
    nobody sweeps. Raises NotWritten.
    """
    balances, originals = _balances(_kept_by(asked), session), _originals(asked, session)
    plan = Plan(real_now(), balances, originals, None if all_or_none else _closed_through(session))
    release_overdue(plan, {name for each in asked for name in _paid_from(each.entry)}, session)
    # Asked of the same moment as the balances: the coins that a repeat lacks may be gone by itself.
    outcomes = (
        {}
        if all_or_none
        else known_outcomes(asked, made, session) | reversed_before(asked, session)
    )
    for each in asked:
        if each.entry.key in outcomes:
            continue
        try:
            outcomes[each.entry.key] = Posted(plan.take(each))
        except NotPostable as refusal:
            outcomes[each.entry.key] = refusal.outcome
            if all_or_none:
                if known_outcomes(asked, None, session):
                    raise KeyUsed(each.entry.key) from None
                return {other.entry.key: refusal.outcome for other in asked}
    if any(isinstance(outcome, Posted) for outcome in outcomes.values()):
        made.update(document["_id"] for document in plan.documents)
        write(plan, session)
    return outcomes


def read_plan(names: set[str], session: ClientSession) -> Plan:
    """An empty plan that knows these balances as they stand in the transaction."""
    return Plan(real_now(), _balances(names, session))


def _closed_through(session: ClientSession) -> str | None:
    """The last closed month, so that of many entries those are known that come too late."""
    closing = collection(BookClosing).find_one({"_id": THE_BOOK}, session=session) or {}
    month: str | None = closing.get("closed_through")
    return month


def release_overdue(plan: Plan, names: set[str], session: ClientSession) -> None:
    """Release the overdue holds on these balances as a part of the plan."""
    held = [name for name in names if plan.standing(*name.split("|")).held]
    for name in held:
        account, currency = name.split("|")
        overdue = {
            "account": account,
            "currency": currency,
            "state": HoldState.ACTIVE.value,
            "expires_at": {"$lte": plan.posted_at},
        }
        for hold in collection(Hold).find(overdue, session=session):
            plan.end_hold(hold)


def _kept_by(asked: Sequence[Asked]) -> set[str]:
    """The ids of every stored balance that the entries change."""
    return {
        balance_id(leg.account, leg.currency)
        for each in asked
        for leg in each.entry.legs
        if is_kept(leg.account)
    }


def _touches_wallet(entry: NewEntry) -> bool:
    return any(leg.account.startswith(_PERSONAL) for leg in entry.legs)


def _paid_from(entry: NewEntry) -> list[str]:
    """The balances of wallets that the entry takes coins from: their lots must be known."""
    return [
        balance_id(leg.account, leg.currency)
        for leg in entry.legs
        if leg.account.startswith(_PERSONAL) and (leg.amount < 0 or entry.reverses)
    ]


def _balances(names: set[str], session: ClientSession | None) -> dict[str, Any]:
    """The stored balances by id; None for one that does not exist yet."""
    if not names:
        return {}
    found = collection(Balance).find({"_id": {"$in": sorted(names)}}, session=session)
    return dict.fromkeys(names) | {balance["_id"]: balance for balance in found}


def _originals(asked: Sequence[Asked], session: ClientSession | None) -> dict[str, Any]:
    """The entries that these reverse (by id) or bring coins back from (by key)."""
    ids = [each.entry.reverses for each in asked if each.entry.reverses]
    keys = [each.entry.returns for each in asked if each.entry.returns]
    found: dict[str, Any] = {}
    for field, names in (("_id", ids), ("key", keys)):
        if names:
            originals = collection(Entry).find({field: {"$in": names}}, session=session)
            found |= {original[field]: original for original in originals}
    return found


def write(plan: Plan, session: ClientSession) -> None:
    """Write what was planned inside the transaction of `session`. Raises NotWritten.

    Balances that many of the entries share come last, to be held shortest.
    """
    if plan.documents:
        _insert_entries(plan, session)
    if plan.ended_holds:
        _update(Hold, plan.ended_holds, session)
    standings = [standing for standing in plan.standings.values() if standing.is_changed]
    standings.sort(key=lambda standing: (standing.entries, standing.id))
    if standings:
        _update(Balance, [standing.update() for standing in standings], session)
    if plan.back_dated:
        _note_back_dated(plan, session)


def _insert_entries(plan: Plan, session: ClientSession) -> None:
    command = {"insert": collection(Entry).name, "documents": plan.documents, "ordered": True}
    for error in database().command(command, session=session).get("writeErrors", []):
        if error["code"] == VALIDATION_FAILED:
            raise ValidatorRefused(plan.documents[error["index"]]["key"], error["errmsg"])
        raise KeyUsed(error["errmsg"])


def _update(document: type[Document], updates: list[Any], session: ClientSession) -> None:
    """One ordered command, every statement of which must change its document."""
    command = {"update": collection(document).name, "updates": updates, "ordered": True}
    answer = database().command(command, session=session)
    if answer.get("writeErrors") or answer["n"] < len(updates):
        raise GuardRefused


def _note_back_dated(plan: Plan, session: ClientSession) -> None:
    """Meet a closing of the book: it writes the same document, so that neither passes the other."""
    earliest_month = min(plan.back_dated)
    still_open = {"_id": THE_BOOK, "closed_through": {"$not": {"$gte": earliest_month}}}
    late = {"$inc": {"back_dated": Int64(len(plan.back_dated))}}
    try:
        collection(BookClosing).update_one(still_open, late, upsert=True, session=session)
    except DuplicateKeyError:  # the document is there, closed through that month
        raise ClosedMeanwhile(earliest_month) from None
