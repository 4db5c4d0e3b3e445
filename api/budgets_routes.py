"""Budgets over HTTP: what tasks are funded from, by year and quarter, and who may move it."""

from typing import Any

from api.blueprint import Blueprint
from api.budgets_schemas import (
    BudgetRuleSchema,
    EnvelopePutSchema,
    GrantSchema,
    NewBudgetRuleSchema,
    NewEnvelopeSchema,
    NewGrantSchema,
    NewTransferSchema,
    TransferDecisionSchema,
    TransferPageSchema,
    TransferSchema,
    TransfersQuerySchema,
    YearBudgetSchema,
)
from api.errors import documents
from api.headers import IdempotencyKeySchema, IfMatchSchema
from api.signing_in import caller, may_call
from people import Role
from rates import (
    BudgetRule,
    BudgetTransfer,
    EnvelopePut,
    SeenGrant,
    TransferPage,
    YearBudget,
    approve_transfer,
    ask_transfer,
    budget_of,
    grant_budget,
    put_budget_rule,
    put_envelope,
    refuse_transfer,
    transfer_of,
    transfers_page,
)

blp = Blueprint("budgets", __name__, description="What tasks are funded from · 预算")

READERS = (Role.RATE_ADMIN, Role.CENTRE_OFFICER, Role.ADMIN, Role.AUDITOR)
DECIDERS = (Role.RATE_ADMIN, Role.ADMIN)


@blp.post("/units/<string:unit_id>/budget-grants")
@may_call(Role.RATE_ADMIN)
@documents(404, 409)
@blp.arguments(NewGrantSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, GrantSchema)
def post_budget_grant(grant: dict[str, Any], header: dict[str, Any], unit_id: str) -> SeenGrant:
    """Issue coins into a unit's budget of a year, out of a fund."""
    return grant_budget(unit_id, **grant, **header, by=caller())


@blp.get("/units/<string:unit_id>/budgets/<int:year>")
@may_call(*READERS)
@documents(404, 422)
@blp.response(200, YearBudgetSchema)
def get_budget(unit_id: str, year: int) -> YearBudget:
    """A unit's budgets of a year, fund by fund: where each stands, its quarters, what moved."""
    return budget_of(unit_id, year, by=caller())


@blp.post("/units/<string:unit_id>/budget-envelopes")
@may_call(Role.RATE_ADMIN)
@documents(404, 409)
@blp.arguments(NewEnvelopeSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, EnvelopePutSchema)
def post_budget_envelope(put: dict[str, Any], header: dict[str, Any], unit_id: str) -> EnvelopePut:
    """Set coins of a year aside for a quarter, whose publications then draw from them alone."""
    return put_envelope(unit_id, **put, **header, by=caller())


@blp.put("/units/<string:unit_id>/budget-rules/<int:year>")
@may_call(Role.RATE_ADMIN)
@documents(404, 409)
@blp.arguments(IfMatchSchema, location="headers")
@blp.arguments(NewBudgetRuleSchema)
@blp.response(200, BudgetRuleSchema)
def put_rule(seen: dict[str, Any], rule: dict[str, Any], unit_id: str, year: int) -> BudgetRule:
    """Set the thresholds (If-Match: 0 the first time) from which a budget warns and stops."""
    return put_budget_rule(unit_id, year, **rule, **seen, by=caller())


@blp.post("/budget-transfers")
@may_call(Role.RATE_ADMIN)
@documents(404, 409)
@blp.arguments(NewTransferSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, TransferSchema)
def post_budget_transfer(asked: dict[str, Any], header: dict[str, Any]) -> BudgetTransfer:
    """Ask for coins to go from one unit's budget to another's; a second person decides."""
    return ask_transfer(**asked, **header, by=caller())


@blp.get("/budget-transfers")
@may_call(*READERS)
@documents(404)
@blp.arguments(TransfersQuerySchema, location="query")
@blp.response(200, TransferPageSchema)
def list_budget_transfers(query: dict[str, Any]) -> TransferPage:
    """The transfers out of a unit's budgets and into them, newest first."""
    return transfers_page(**query, by=caller())


@blp.get("/budget-transfers/<string:transfer_id>")
@may_call(*READERS)
@documents(404)
@blp.response(200, TransferSchema)
def get_budget_transfer(transfer_id: str) -> BudgetTransfer:
    """One transfer, for who may read one of the two budgets."""
    return transfer_of(transfer_id, by=caller())


@blp.post("/budget-transfers/<string:transfer_id>/approval")
@may_call(*DECIDERS)
@documents(404, 409)
@blp.arguments(TransferDecisionSchema)
@blp.response(200, TransferSchema)
def post_transfer_approval(decision: dict[str, Any], transfer_id: str) -> BudgetTransfer:
    """Approve a transfer that somebody else asked for, and move its coins."""
    return approve_transfer(transfer_id, **decision, by=caller())


@blp.post("/budget-transfers/<string:transfer_id>/refusal")
@may_call(*DECIDERS)
@documents(404, 409)
@blp.arguments(TransferDecisionSchema)
@blp.response(200, TransferSchema)
def post_transfer_refusal(decision: dict[str, Any], transfer_id: str) -> BudgetTransfer:
    """Refuse a transfer, or take back one's own."""
    return refuse_transfer(transfer_id, **decision, by=caller())
