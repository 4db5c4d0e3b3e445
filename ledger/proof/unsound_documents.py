"""What stands in the ledger's collections although their validators would not let it in today."""

from collections.abc import Iterator
from typing import Any

from pymongo.client_session import ClientSession

from ledger.balance import Balance
from ledger.entry import Entry
from ledger.hold import Hold
from ledger.proof.findings import Finding, FindingKind
from ledger.proof.replaying_steps import MAX_FINDINGS, reading
from ledger.reversal_request import ReversalRequest
from shared.database import Document

# The whole collection is read in any case; an index that has the order would only slow it down.
_AS_STORED = [("$natural", 1)]


def unsound_documents(session: ClientSession) -> Iterator[Finding]:
    """Entries, balances, holds and requests that a validator of today refuses."""
    for document, kind in (
        (Entry, FindingKind.UNSOUND_ENTRY),
        (Balance, FindingKind.UNSOUND_BALANCE),
        (Hold, FindingKind.UNSOUND_HOLD),
        (ReversalRequest, FindingKind.UNSOUND_REQUEST),
    ):
        yield from _found(document, kind, {"$nor": [document.VALIDATOR]}, session)


def _found(
    document: type[Document], kind: FindingKind, unsound: dict[str, Any], session: ClientSession
) -> Iterator[Finding]:
    found = reading(document).find(unsound, {"posted_at": 1}, session=session)
    for one in found.sort([("posted_at", 1), ("_id", 1)]).limit(MAX_FINDINGS).hint(_AS_STORED):
        yield Finding(kind, str(one["_id"]), at=one.get("posted_at"))
