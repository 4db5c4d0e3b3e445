"""Does a deed and puts down what the book answers; unanswered, it says the same again."""

import threading
import time
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError, PyMongoError

from bench.torture.deeds import Deed, entries_of, wallet_named
from bench.torture.journals import Journal
from children import ROOT
from ledger import (
    EntryNotFound,
    Exists,
    Hold,
    KeyConflict,
    NewEntry,
    Outcome,
    Posted,
    ReasonCode,
    Rejected,
    Unknown,
    accounts,
    close_month,
    hold_coins,
    post,
    post_one,
    posted_before,
    release_hold,
    release_overdue_holds,
    reverse_entry,
    seal_entries,
    settle_hold,
)
from shared.database import database, in_transaction
from shared.errors import DomainError, Unavailable

# How long one deed is asked for; torture ends well before, unless the set does not heal.
PATIENCE_S = 120
LAST_PATIENCE_S = 30
NOTES = "torture_notes"
OFFICER = "torturer"
SEALED_AFTER = timedelta(seconds=2)
RESTING_S = 0.05


class Teller:
    """Does deeds and tells a journal; `do` answers with the id of what was made, if one thing was.

    A line says `try` before, `again` before each repetition, `yes` with key and id for an entry in
    the book, `no` for a key that was refused, `hold` for how a hold stands, `wrong` for an answer
    that cannot be, `error` where the driver's own error came through, `done` at the end.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def do(self, deed: Deed, stopping: threading.Event, *, again: bool = False) -> str:
        """Do it until it is answered; with `again` it may have been done before."""
        self._journal.write(**({"again": deed.name} if again else {"try": deed.told()}))
        ends_at = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends_at:
            try:
                made_id = self._once(deed)
                self._journal.write(done=deed.name, id=made_id)
                return made_id
            except Unavailable:
                pass
            except PyMongoError as error:
                self._journal.write(error=repr(error)[:300], of=deed.name, at=_where(error))
            except Exception as error:
                self._journal.write(wrong=f"{deed.key}: {error!r:.300} at {_where(error)}")
                self._journal.write(done=deed.name, id="")
                return ""
            if stopping.wait(RESTING_S):
                ends_at = min(ends_at, time.monotonic() + LAST_PATIENCE_S)
                time.sleep(RESTING_S)
            self._journal.write(again=deed.name)
        return ""

    def _once(self, deed: Deed) -> str:
        special: Callable[[Deed], str] | None = {
            "hold": self._hold,
            "settle": self._settle,
            "release": self._release,
            "reverse": self._reverse,
            "order_with_note": self._order_with_note,
            "sweep": self._sweep,
            "seal": self._seal,
            "close": self._close,
        }.get(deed.does)
        return special(deed) if special else self._post(deed, entries_of(deed))

    def _post(self, deed: Deed, entries: list[NewEntry]) -> str:
        outcomes = post(entries)
        if len(outcomes) != len(entries):
            self._journal.write(wrong=f"{len(outcomes)} answers to {len(entries)} entries")
        for entry, outcome in zip(entries, outcomes, strict=False):
            self._tell(deed, entry, outcome)
        if any(isinstance(outcome, Unknown) for outcome in outcomes):
            raise Unavailable
        last = outcomes[-1]
        return last.entry_id if isinstance(last, Posted | Exists) else ""

    def _tell(self, deed: Deed, entry: NewEntry, outcome: Outcome) -> None:
        match outcome:
            case Posted(entry_id) | Exists(entry_id):
                self._yes(entry, entry_id)
            case Unknown(key):
                self._journal.write(unknown=key)
            case KeyConflict(key) | Rejected(key):
                self._journal.write(wrong=f"{entry.key}: {outcome}")
            case _:
                self._journal.write(no=entry.key, of=deed.name)

    def _yes(self, entry: NewEntry, entry_id: str) -> None:
        self._journal.write(yes=entry.key, id=entry_id, hash=entry.request_hash)

    def _order_with_note(self, deed: Deed) -> str:
        """An order as the shop makes it: the entry and a document of its own, or neither."""
        (entry,) = entries_of(deed)
        note = {"_id": entry.key}

        def decide(session: ClientSession) -> str:
            entry_id = post_one(entry, session=session)
            database()[NOTES].insert_one(note, session=session)
            return entry_id

        try:
            entry_id = in_transaction(decide)
        except DuplicateKeyError:
            entry_id = posted_before(entry) or ""
        except DomainError as refusal:
            return self._refused(deed, refusal)
        self._yes(entry, entry_id)
        return entry_id

    def _hold(self, deed: Deed) -> str:
        account, terms = wallet_named(deed.terms["wallet"]), deed.terms
        try:
            made = hold_coins(
                account,
                terms["amount"],
                key=deed.key,
                about=("top_up", deed.name),
                expires_at=datetime.fromisoformat(terms["until"]),
            )
        except DomainError as refusal:
            return self._refused(deed, refusal)
        return self._tell_hold(made)

    def _settle(self, deed: Deed) -> str:
        held, hold_id = Deed(**deed.terms["of"]), deed.terms["made_id"]
        point = accounts.merchant(f"m-{deed.terms['point']}")
        part = max(1, held.terms["amount"] // 2) if deed.terms["part"] else None
        try:
            return self._tell_hold(settle_hold(hold_id, into=point, amount=part))
        except DomainError as refusal:
            return self._refused(deed, refusal)

    def _release(self, deed: Deed) -> str:
        try:
            return self._tell_hold(release_hold(deed.terms["made_id"]))
        except DomainError as refusal:
            return self._refused(deed, refusal)

    def _tell_hold(self, hold: Hold) -> str:
        self._journal.write(
            hold=hold.id, key=hold.key, state=str(hold.state.value), settled=hold.settled
        )
        return str(hold.id)

    def _sweep(self, _deed: Deed) -> str:
        release_overdue_holds()
        return ""

    def _seal(self, _deed: Deed) -> str:
        """Seal what has hardly been posted, so that much of it comes late."""
        seal_entries(older_than=SEALED_AFTER)
        return ""

    def _close(self, deed: Deed) -> str:
        try:
            close_month(deed.terms["month"], by_id=OFFICER)
        except DomainError as refusal:
            return self._refused(deed, refusal)
        return ""

    def _reverse(self, deed: Deed) -> str:
        original = Deed(**deed.terms["of"])
        try:
            reversal = reverse_entry(
                deed.terms["made_id"],
                reason=ReasonCode.POSTED_IN_ERROR,
                effective_at=datetime.fromisoformat(deed.terms["at"]),
                by_id=OFFICER,
            )
        except EntryNotFound:
            self._journal.write(wrong=f"{original.key} was acknowledged and is gone")
            return ""
        except DomainError as refusal:
            return self._refused(deed, refusal)
        if reversal.reversal_id is None:
            self._journal.write(wrong=f"{deed.key} awaits somebody: {reversal}")
            return ""
        # The book made this entry: only it knows the hash.
        self._journal.write(yes=f"reversal:{original.key}", id=reversal.reversal_id, hash="")
        return reversal.reversal_id

    def _refused(self, deed: Deed, refusal: DomainError) -> str:
        if isinstance(refusal, Unavailable):
            raise refusal
        self._journal.write(no=deed.key, of=deed.name)
        return ""


def _where(error: Exception) -> str:
    """The last places in the project's own code that the error came through, the last first."""
    frames = [(Path(one.filename), one.lineno) for one in traceback.extract_tb(error.__traceback__)]
    ours = [
        f"{path.name}:{line}"
        for path, line in frames
        if path.is_relative_to(ROOT) and ".venv" not in path.parts
    ]
    return " < ".join(ours[::-1][:4])
