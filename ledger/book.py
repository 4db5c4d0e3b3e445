"""The only writer of the ledger: every coin that moves, moves through here.

An entry and the guarded balances it changes are one transaction. The server's validator on
balances is the guard against spending what is not there; nothing is looked up before.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bson import Int64
from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.errors import BulkWriteError, DuplicateKeyError
from pymongo.read_concern import ReadConcern

from ledger.balance import Balance, balance_id
from ledger.entry import Entry
from ledger.new_entry import NewEntry
from shared.clock import now, real_now, stored
from shared.database import collection, in_transaction
from shared.errors import Conflict, Refused, Unavailable
from shared.i18n import Text
from shared.ids import new_id

VALIDATION_FAILED = 121  # the server's code for a document its validator refuses
# A duplicate that is gone when looked up belonged to a primary that lost its last writes.
MAX_TRIES = 3


class InsufficientCoins(Refused):
    """Raised when an account holds less than the entry would take from it."""

    message = Text(
        "There are {available} coins, and {needed} are needed.",
        "福币不足：现有 {available}，需要 {needed}。",
    )


class EntryConflict(Conflict):
    """Raised when the key was posted before with other content."""

    message = Text(
        "This was already recorded with other content.",
        "该操作已以不同内容记账。",
    )


@dataclass(frozen=True)
class Posted:
    """The entry is in the book now."""

    entry_id: str


@dataclass(frozen=True)
class Exists:
    """The same entry was in the book already; nothing moved."""

    entry_id: str


@dataclass(frozen=True)
class KeyConflict:
    """The key stands in the book with other content; nothing moved."""

    key: str
    entry_id: str


@dataclass(frozen=True)
class Overdrawn:
    """The account holds too little; nothing moved. Amounts in minor units of `currency`."""

    account: str
    currency: str
    available: int
    needed: int


Outcome = Posted | Exists | KeyConflict | Overdrawn


def post(entries: Sequence[NewEntry], *, session: ClientSession | None = None) -> list[Outcome]:
    """Post each entry, all of it or nothing, and answer for each in order.

    With `session` they join the caller's transaction, which a refusal ends: InsufficientCoins
    and DuplicateKeyError are raised then and must be let out. Raises Unavailable where the
    database gave no answer in time; posting the same again is safe.
    """
    if session is not None:
        return [Posted(_write(entry, session)) for entry in entries]
    return [_post_alone(entry) for entry in entries]


def post_one(entry: NewEntry, *, session: ClientSession | None = None) -> str:
    """Post one entry, or find it posted, and return its id.

    Raises InsufficientCoins and EntryConflict. With `session` it joins the caller's transaction;
    a key that was used raises DuplicateKeyError there: let it out, then ask `posted_before`.
    """
    if session is not None:
        return _write(entry, session)
    match _post_alone(entry):
        case Posted(entry_id) | Exists(entry_id):
            return entry_id
        case KeyConflict(key, _):
            raise EntryConflict(key=key)
        case Overdrawn(account, _, available, needed):
            raise InsufficientCoins(account=account, available=available, needed=needed)


def posted_before(entry: NewEntry) -> str | None:
    """The id under which this very entry was posted; None where its key is unused.

    Raises EntryConflict where the key carries other content.
    """
    match _find_posted(entry):
        case Exists(entry_id):
            return entry_id
        case KeyConflict(key, _):
            raise EntryConflict(key=key)
    return None


def _post_alone(entry: NewEntry) -> Outcome:
    """Post in a transaction of its own; a used key is looked up only after it was met."""
    for _ in range(MAX_TRIES):
        try:
            return Posted(in_transaction(lambda session: _write(entry, session)))
        except InsufficientCoins as refusal:
            # A true refusal even where this very entry emptied the account before: the used
            # key is met first, because the entry is inserted first.
            return Overdrawn(**refusal.facts)
        except DuplicateKeyError:
            found = _find_posted(entry)
            if found:
                return found
    raise Unavailable


def _write(entry: NewEntry, session: ClientSession) -> str:
    """Write the entry, then the balances it changes, inside the transaction of `session`."""
    entry_id = new_id()
    # Both moments are taken at each try: an entry that had to wait was not posted before.
    collection(Entry).insert_one(
        {
            "_id": entry_id,
            "key": entry.key,
            "request_hash": entry.request_hash,
            "kind": str(entry.kind),
            "legs": [
                {"account": leg.account, "currency": str(leg.currency), "amount": Int64(leg.amount)}
                for leg in entry.legs
            ],
            "about": {"kind": entry.about[0], "id": entry.about[1]},
            "effective_at": stored(entry.effective_at or now()),
            "posted_at": real_now(),
        },
        session=session,
    )
    _change_balances(entry, session)
    return entry_id


def _change_balances(entry: NewEntry, session: ClientSession) -> None:
    """Move the guarded balances in order of name, so that two entries meet at the first."""
    changes = entry.guarded_changes()
    if not changes:
        return
    # A debit upserts too: on an account never credited it would insert a balance below zero,
    # which the validator refuses like any other overdraft and names in the same way.
    updates = [
        UpdateOne(
            {"_id": balance_id(account, currency)}, {"$inc": {"posted": Int64(net)}}, upsert=True
        )
        for account, currency, net in changes
    ]
    try:
        collection(Balance).bulk_write(updates, ordered=True, session=session)
    except BulkWriteError as error:
        first = error.details["writeErrors"][0]
        if first["code"] != VALIDATION_FAILED:
            raise
        raise _insufficient(*changes[first["index"]]) from None


def _insufficient(account: str, currency: str, net: int) -> InsufficientCoins:
    """The refusal with its figures, read outside the transaction, which the server has ended."""
    held = collection(Balance).find_one({"_id": balance_id(account, currency)})
    return InsufficientCoins(
        account=account, currency=currency, available=held["posted"] if held else 0, needed=-net
    )


def _find_posted(entry: NewEntry) -> Exists | KeyConflict | None:
    """What stands under the entry's key, confirmed by a majority so that it cannot vanish."""
    confirmed = collection(Entry).with_options(read_concern=ReadConcern("linearizable"))
    found = confirmed.find_one({"key": entry.key}, {"request_hash": 1})
    if found is None:
        return None
    if found["request_hash"] == entry.request_hash:
        return Exists(found["_id"])
    return KeyConflict(entry.key, found["_id"])
