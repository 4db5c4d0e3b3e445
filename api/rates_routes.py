"""Rates over HTTP: rate cards, and the budgets that tasks are funded from."""

from typing import Any

from api.blueprint import Blueprint
from api.errors import documents
from api.headers import IdempotencyKeySchema
from api.rates_schemas import (
    GrantSchema,
    InForceQuerySchema,
    NewGrantSchema,
    NewRateCardSchema,
    RateCardSchema,
    YearBudgetSchema,
)
from api.signing_in import SIGNED_IN, caller, may_call
from people import Role, unit_of
from rates import (
    RateCard,
    SeenGrant,
    YearBudget,
    budget_of,
    card_in_force,
    grant_budget,
    put_card_in_force,
)
from shared.clock import now

blp = Blueprint("rates", __name__, description="What actions are worth · 积分标准与预算")


@blp.get("/rate-cards/in-force")
@may_call(SIGNED_IN)
@documents(404, 409)
@blp.arguments(InForceQuerySchema, location="query")
@blp.response(200, RateCardSchema)
def get_card_in_force(query: dict[str, Any]) -> RateCard:
    """The rate card in force for a unit: its own, else that of the nearest unit above."""
    return card_in_force(unit_of(query["unit_id"]), query.get("at") or now())


@blp.post("/rate-cards")
@may_call(Role.RATE_ADMIN)
@documents(404, 409)
@blp.arguments(NewRateCardSchema)
@blp.response(201, RateCardSchema)
def post_rate_card(terms: dict[str, Any]) -> RateCard:
    """Put a rate card in force from a moment ahead; the same again answers the same card."""
    return put_card_in_force(**terms, by=caller())


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
@may_call(Role.RATE_ADMIN, Role.CENTRE_OFFICER)
@documents(404, 422)
@blp.response(200, YearBudgetSchema)
def get_budget(unit_id: str, year: int) -> YearBudget:
    """A unit's budgets of a year, fund by fund: granted, left, and the grants."""
    return budget_of(unit_id, year, by=caller())
