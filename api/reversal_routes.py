"""Single entries over HTTP: how one stands, and reversing it, alone or with a second officer."""

from typing import Any

from api.blueprint import Blueprint
from api.errors import documents
from api.headers import IfMatchSchema
from api.reversal_schemas import (
    EntrySchema,
    NewReversalSchema,
    ReversalPageSchema,
    ReversalQuerySchema,
    ReversalSchema,
)
from api.signing_in import caller, may_call
from ledger import (
    Reversal,
    ReversalPage,
    ReversalState,
    SeenEntry,
    approve_reversal,
    decline_reversal,
    entry_of,
    reversals_in,
    reverse_entry,
)
from people import Role, must_hold_at_root

blp = Blueprint("reversals", __name__, description="Undoing an entry · 冲正")

# How an asking is answered: done, waiting for a second officer, or as it was declined before.
STATUS = {ReversalState.POSTED: 201, ReversalState.WAITING: 202, ReversalState.DECLINED: 200}


@blp.get("/entries/<string:entry_id>")
@may_call(Role.AUDITOR, Role.RATE_ADMIN)
@documents(404)
@blp.response(200, EntrySchema)
def get_entry(entry_id: str) -> SeenEntry:
    """One entry with its legs, and whether and by what it was reversed."""
    must_hold_at_root(Role.AUDITOR, Role.RATE_ADMIN, by=caller())
    return entry_of(entry_id)


@blp.post("/entries/<string:entry_id>/reversal")
@may_call(Role.RATE_ADMIN)
@documents(404, 409)
@blp.arguments(NewReversalSchema)
@blp.response(201, ReversalSchema)
@blp.alt_response(202, schema=ReversalSchema, description="It waits for a second officer")
@blp.alt_response(200, schema=ReversalSchema, description="This very wish was declined before")
def post_reversal(wish: dict[str, Any], entry_id: str) -> tuple[Reversal, int]:
    """Reverse an entry; above a set amount this waits for a second officer's approval."""
    must_hold_at_root(Role.RATE_ADMIN, by=caller())
    reversal = reverse_entry(entry_id, **wish, by_id=caller().person_id)
    return reversal, STATUS[reversal.state]


@blp.post("/entries/<string:entry_id>/reversal/approval")
@may_call(Role.RATE_ADMIN)
@documents(404, 409)
@blp.arguments(IfMatchSchema, location="headers")
@blp.response(201, ReversalSchema)
def post_reversal_approval(seen: dict[str, Any], entry_id: str) -> Reversal:
    """Approve a reversal that somebody else asked for: it is posted."""
    must_hold_at_root(Role.RATE_ADMIN, by=caller())
    return approve_reversal(entry_id, **seen, by_id=caller().person_id)


@blp.post("/entries/<string:entry_id>/reversal/refusal")
@may_call(Role.RATE_ADMIN)
@documents(404, 409)
@blp.arguments(IfMatchSchema, location="headers")
@blp.response(201, ReversalSchema)
def post_reversal_refusal(seen: dict[str, Any], entry_id: str) -> Reversal:
    """Decline a reversal that waits, or take one's own back; it may be asked for anew."""
    must_hold_at_root(Role.RATE_ADMIN, by=caller())
    return decline_reversal(entry_id, **seen, by_id=caller().person_id)


@blp.get("/reversals")
@may_call(Role.AUDITOR, Role.RATE_ADMIN)
@blp.arguments(ReversalQuerySchema, location="query")
@blp.response(200, ReversalPageSchema)
def list_reversals(query: dict[str, Any]) -> ReversalPage:
    """The requests to reverse entries in one state, the longest asked for first."""
    must_hold_at_root(Role.AUDITOR, Role.RATE_ADMIN, by=caller())
    return reversals_in(**query)
