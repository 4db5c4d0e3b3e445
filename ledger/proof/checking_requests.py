"""Whether the requests to reverse entries and the reversals in the book speak of each other."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from pymongo.client_session import ClientSession

from ledger.entry import Entry
from ledger.proof.findings import Finding, FindingKind
from ledger.proof.replaying_steps import MAX_FINDINGS, Steps, over
from ledger.reversal_request import ReversalRequest, ReversalState
from shared.database import Document, collection

Found = Mapping[str, Any]


def reversals_unasked(session: ClientSession) -> Iterator[Finding]:
    """Reversals in the book that no posted request speaks of."""
    steps: Steps = [
        {"$match": {"reverses": {"$exists": True}}},
        {"$project": {"reverses": 1, "posted_at": 1}},
        _looked_up(ReversalRequest, "reverses", "request"),
    ]
    found = (_unasked(entry) for entry in over(Entry, steps, session))
    yield from islice((flaw for flaw in found if flaw), MAX_FINDINGS)


def requests_that_differ(session: ClientSession) -> Iterator[Finding]:
    """Posted requests without their reversal, decided by who asked, or for another one."""
    steps: Steps = [
        {"$match": {"state": ReversalState.POSTED.value}},
        _looked_up(Entry, "reversal_id", "reversal"),
    ]
    found = (flaw for request in over(ReversalRequest, steps, session) for flaw in _flaws(request))
    yield from islice(found, MAX_FINDINGS)


def _looked_up(document: type[Document], field: str, beside: str) -> dict[str, Any]:
    """The stage that puts the document which a field names beside it, as a list of none or one."""
    return {
        "$lookup": {
            "from": collection(document).name,
            "localField": field,
            "foreignField": "_id",
            "as": beside,
        }
    }


def _unasked(entry: Found) -> Finding | None:
    said = None
    for request in entry["request"]:
        if request.get("state") != ReversalState.POSTED:
            said = str(request.get("state"))
        elif request.get("reversal_id") != entry["_id"]:
            said = f"entry {request.get('reversal_id')}"
        else:
            return None
    return _flaw(FindingKind.REVERSAL_UNASKED, entry["_id"], entry.get("reverses"), said, entry)


def _flaws(request: Found) -> Iterator[Finding]:
    asking = _last_of(request.get("asks"))
    asked_by, decided_by = asking.get("asked_by"), asking.get("decided_by")
    # A wish may be taken back by who had it; only what was posted needs another officer.
    if decided_by is not None and decided_by == asked_by:
        yield _flaw(FindingKind.REQUEST_SELF_APPROVED, request["_id"], decided_by)
    reversals = [one for one in request["reversal"] if one.get("reverses") == request["_id"]]
    if not reversals:
        reversal_id = request.get("reversal_id")
        yield _flaw(FindingKind.REQUEST_WITHOUT_REVERSAL, request["_id"], reversal_id)
    for entry in reversals:
        asked = _terms(asking, latest=entry.get("posted_at"))
        posted = _terms(entry)
        if asked != posted:
            yield _flaw(FindingKind.REQUEST_DIFFERS, request["_id"], asked, posted, entry)


def _last_of(asks: Any) -> Found:
    """The present wish of a request; an empty one where there is none to be read."""
    last = asks[-1] if isinstance(asks, list) and asks else None
    return last if isinstance(last, Mapping) else {}


def _terms(said: Found, *, latest: Any = None) -> str:
    """Why and from when an entry is reversed, as one text.

    What was asked for by a clock ahead of the book's counts from when it was posted, `latest`.
    """
    effective_at = said.get("effective_at")
    if isinstance(effective_at, datetime) and isinstance(latest, datetime):
        effective_at = min(effective_at, latest)
    return f"{said.get('reason')} from {effective_at}"


def _flaw(
    kind: FindingKind,
    where: Any,
    stored: Any,
    replayed: str | None = None,
    entry: Found | None = None,
) -> Finding:
    posted_at = entry.get("posted_at") if entry else None
    return Finding(kind, str(where), None if stored is None else str(stored), replayed, posted_at)
