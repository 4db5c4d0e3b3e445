"""Simulations over HTTP: a rate card replayed on past work before anybody approves it."""

from typing import Any

from api.blueprint import Blueprint
from api.common_schemas import PageQuerySchema
from api.errors import documents
from api.headers import IdempotencyKeySchema
from api.signing_in import caller, may_call
from api.simulations_schemas import (
    NewSimulationSchema,
    SimulationInFullSchema,
    SimulationPageSchema,
    SimulationSchema,
    in_full,
)
from insights import (
    Simulation,
    SimulationPage,
    simulate_card,
    simulation_of,
    simulations_of_card,
)
from people import Role

blp = Blueprint("simulations", __name__, description="Rates tried on past work · 积分标准测算")


@blp.post("/rate-cards/<string:card_id>/simulations")
@may_call(Role.RATE_ADMIN, Role.ADMIN)
@documents(404, 409)
@blp.arguments(NewSimulationSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(202, SimulationSchema)
def post_simulation(span: dict[str, Any], header: dict[str, Any], card_id: str) -> Simulation:
    """Have past verified work replayed under a card as it is now; ask for it again to see it."""
    return simulate_card(card_id, **span, **header, by=caller())


@blp.get("/rate-cards/<string:card_id>/simulations")
@may_call(Role.RATE_ADMIN, Role.ADMIN)
@documents(404)
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, SimulationPageSchema)
def get_simulations(query: dict[str, Any], card_id: str) -> SimulationPage:
    """A card's simulations, newest first."""
    return simulations_of_card(card_id, **query, by=caller())


@blp.get("/simulations/<string:simulation_id>")
@may_call(Role.RATE_ADMIN, Role.ADMIN)
@documents(404)
@blp.response(200, SimulationInFullSchema)
def get_simulation(simulation_id: str) -> dict[str, Any]:
    """A simulation: how far it is, and its report once it is done."""
    return in_full(simulation_of(simulation_id, by=caller()))
