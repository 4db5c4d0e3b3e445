"""The only writer of the ledger: every coin that moves, moves through here.

An entry and the guarded balances it changes are one transaction, shared by the posts that arrive
together. The server's validator on balances is the guard against spending what is not there.
"""

from collections.abc import Sequence

from pymongo.client_session import ClientSession

from ledger.committing import commit, write_within
from ledger.known_keys import find_posted
from ledger.new_entry import NewEntry
from ledger.outcomes import Outcome, Posted, entry_id_of
from ledger.planning import Asked
from ledger.sharing import SharedCommits
from shared.clock import pretended
from shared.database import is_in_transaction

_commits = SharedCommits(commit)


class InsideATransaction(Exception):
    """Raised where a shared commit is asked for inside a transaction: pass `session` there."""


def post(entries: Sequence[NewEntry], *, session: ClientSession | None = None) -> list[Outcome]:
    """Post each entry, all of it or nothing, and answer for each in order.

    A list of over 100 is committed in slices of 500. Posting the same again is safe, and is what
    an Unknown outcome asks for. With `session` they join the caller's transaction, which a refusal
    ends: it is raised then (see `post_one`) and must be let out. Raises Unavailable where nobody
    came to post them in time.
    """
    moment = pretended()
    asked = [Asked(entry, moment) for entry in entries]
    if session is not None:
        return [Posted(entry_id) for entry_id in write_within(asked, session)]
    if is_in_transaction():
        raise InsideATransaction
    return _commits.post(asked) if asked else []


def post_one(entry: NewEntry, *, session: ClientSession | None = None) -> str:
    """Post one entry, or find it posted, and return its id.

    Raises InsufficientCoins, EntryConflict, MonthClosed, DatedInFuture, EntryRejected, Unavailable.
    With `session` it joins the caller's transaction; a key that was used raises DuplicateKeyError
    there: let it out, then ask `posted_before`.
    """
    return entry_id_of(post([entry], session=session)[0])


def posted_before(entry: NewEntry) -> str | None:
    """The id under which this very entry was posted; None where its key is unused.

    Raises EntryConflict where the key carries other content.
    """
    found = find_posted(entry)
    return None if found is None else entry_id_of(found)
