"""Writing into the book past everything that guards it, and taking the spoilt book away again."""

from ledger import Balance, Entry, Hold, prove
from ledger.book_closing import BookClosing, MonthBalance
from ledger.reversal_request import ReversalRequest
from ledger.seals.seal import Seal
from shared.database import collection


def change(document, found_by, update):
    """Change one document, validators or not; `found_by` is its id or a query."""
    query = found_by if isinstance(found_by, dict) else {"_id": found_by}
    done = collection(document).update_one(query, update, bypass_document_validation=True)
    assert done.modified_count == 1


def put(document, fields):
    """Insert one document, validators or not."""
    collection(document).insert_one(fields, bypass_document_validation=True)


def remove(document, found_by):
    """Delete one document."""
    query = found_by if isinstance(found_by, dict) else {"_id": found_by}
    assert collection(document).delete_one(query).deleted_count == 1


def take_away():
    """Empty the ledger, so that the proof after the test finds nothing."""
    for document in (Entry, Balance, Hold, ReversalRequest, Seal, BookClosing, MonthBalance):
        collection(document).delete_many({})


def found():
    """What the proof finds, as (kind, where, stored, replayed)."""
    return [(one.kind, one.where, one.stored, one.replayed) for one in prove()]


def said():
    """What the proof finds, as the sentences that it prints."""
    return [str(finding) for finding in prove()]
