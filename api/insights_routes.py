"""Insights over HTTP: when budgets are used up, and what is paid for time or by the piece."""

from typing import Any

from api.blueprint import Blueprint
from api.errors import documents
from api.insights_schemas import (
    ForecastQuerySchema,
    PaySharesSchema,
    ShareSpanSchema,
    UnitForecastsSchema,
)
from api.signing_in import caller, may_call
from insights import PayShares, UnitForecasts, budget_forecasts, pay_shares
from people import Role

blp = Blueprint("insights", __name__, description="What the numbers say · 数据洞察")

READERS = (Role.RATE_ADMIN, Role.CENTRE_OFFICER, Role.AUDITOR, Role.ADMIN)


@blp.get("/units/<string:unit_id>/budget-forecast")
@may_call(*READERS)
@documents(404)
@blp.arguments(ForecastQuerySchema, location="query")
@blp.response(200, UnitForecastsSchema)
def get_budget_forecast(query: dict[str, Any], unit_id: str) -> UnitForecasts:
    """How a unit's budgets burn down at the pace of the last eight weeks, with a range."""
    return budget_forecasts(unit_id, **query, by=caller())


@blp.get("/units/<string:unit_id>/pay-shares")
@may_call(*READERS)
@documents(404, 409)
@blp.arguments(ShareSpanSchema, location="query")
@blp.response(200, PaySharesSchema)
def get_pay_shares(query: dict[str, Any], unit_id: str) -> PayShares:
    """Of what verified work was paid, how much for time and how much by the piece."""
    return pay_shares(unit_id, **query, by=caller())
