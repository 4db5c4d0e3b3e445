"""Rate cards over HTTP: drafted, approved by a second person, in force; and what work is worth."""

from typing import Any

from api.blueprint import Blueprint
from api.errors import documents
from api.headers import IdempotencyKeySchema, IfMatchSchema
from api.rate_cards_schemas import (
    ActionSchema,
    ExampleCardsSchema,
    InForceQuerySchema,
    NewRateCardSchema,
    QuoteSchema,
    RateCardEditSchema,
    RateCardPageSchema,
    RateCardSchema,
    TermsSchema,
    UnitCardsQuerySchema,
    WhySchema,
)
from api.signing_in import SIGNED_IN, caller, may_call
from people import Role, unit_of
from rates import (
    EXAMPLE_CARDS,
    CardPage,
    Quote,
    SeenCard,
    Terms,
    approve_card,
    cards_page,
    draft_card,
    edit_card,
    quote_action,
    seen,
    seen_card,
    terms_in_force,
    withdraw_card,
)
from shared.clock import now

blp = Blueprint("rate-cards", __name__, description="What actions are worth · 积分标准")


@blp.get("/rate-cards/in-force")
@may_call(SIGNED_IN)
@documents(404, 409)
@blp.arguments(InForceQuerySchema, location="query")
@blp.response(200, TermsSchema)
def get_terms_in_force(query: dict[str, Any]) -> Terms:
    """What actions are worth for a unit at a moment, by its own card and those above."""
    return terms_in_force(unit_of(query["unit_id"]), query.get("at") or now())


@blp.get("/rate-card-examples")
@may_call(Role.RATE_ADMIN, Role.ADMIN)
@blp.response(200, ExampleCardsSchema)
def list_example_cards() -> dict[str, Any]:
    """Cards to copy, each with one programme's published figures."""
    return {"items": list(EXAMPLE_CARDS.values())}


@blp.get("/rate-cards")
@may_call(Role.RATE_ADMIN, Role.CENTRE_OFFICER, Role.AUDITOR, Role.ADMIN)
@documents(404)
@blp.arguments(UnitCardsQuerySchema, location="query")
@blp.response(200, RateCardPageSchema)
def list_rate_cards(query: dict[str, Any]) -> CardPage:
    """A unit's own cards in every phase, newest first."""
    return cards_page(**query, by=caller())


@blp.post("/rate-cards")
@may_call(Role.RATE_ADMIN)
@documents(404, 409)
@blp.arguments(NewRateCardSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, RateCardSchema)
def post_rate_card(content: dict[str, Any], header: dict[str, Any]) -> SeenCard:
    """Draft a rate card, from nothing or from another one; a second person approves it."""
    named = {name: content.pop(name) for name in ("unit_id", "copy_of", "why")}
    return seen(draft_card(content=content, **named, **header, by=caller()))


@blp.get("/rate-cards/<card_id>")
@may_call(SIGNED_IN)
@documents(404)
@blp.response(200, RateCardSchema)
def get_rate_card(card_id: str) -> SeenCard:
    """One rate card; what was never approved only for who has to do with rates."""
    return seen_card(card_id, by=caller())


@blp.patch("/rate-cards/<card_id>")
@may_call(Role.RATE_ADMIN)
@blp.arguments(IfMatchSchema, location="headers")
@blp.arguments(RateCardEditSchema)
@blp.response(200, RateCardSchema)
@documents(404, 409)
def patch_rate_card(header: dict[str, Any], changes: dict[str, Any], card_id: str) -> SeenCard:
    """Change a draft; who does can no longer approve it."""
    why = changes.pop("why")
    return seen(edit_card(card_id, changes, **header, why=why, by=caller()))


@blp.post("/rate-cards/<card_id>/approval")
@may_call(Role.RATE_ADMIN, Role.ADMIN)
@blp.arguments(IfMatchSchema, location="headers")
@blp.arguments(WhySchema)
@blp.response(201, RateCardSchema)
@documents(404, 409)
def post_rate_card_approval(header: dict[str, Any], said: dict[str, Any], card_id: str) -> SeenCard:
    """Approve a draft as it stands at this version, as somebody who has not written on it."""
    return seen(approve_card(card_id, **header, **said, by=caller()))


@blp.post("/rate-cards/<card_id>/withdrawal")
@may_call(Role.RATE_ADMIN, Role.ADMIN)
@blp.arguments(IfMatchSchema, location="headers")
@blp.arguments(WhySchema)
@blp.response(201, RateCardSchema)
@documents(404, 409)
def post_rate_card_withdrawal(
    header: dict[str, Any], said: dict[str, Any], card_id: str
) -> SeenCard:
    """Withdraw a draft, or an approved card that is not in force yet."""
    return seen(withdraw_card(card_id, **header, **said, by=caller()))


@blp.post("/quotes")
@may_call(SIGNED_IN)
@blp.arguments(ActionSchema)
@blp.response(200, QuoteSchema)
@documents(404, 409)
def post_quote(action: dict[str, Any]) -> Quote:
    """What an action would be worth, and why; nothing is kept of it."""
    return quote_action(**action, by=caller())
