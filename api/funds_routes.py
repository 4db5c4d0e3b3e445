"""Funds over HTTP: the money that rewards in kind and settled coins are paid from."""

from typing import Any

from api.blueprint import Blueprint
from api.errors import documents
from api.funds_schemas import (
    FundGrantSchema,
    FundPageSchema,
    FundSchema,
    FundsQuerySchema,
    FundYearQuerySchema,
    FundYearSchema,
    NewFundGrantSchema,
    NewFundSchema,
)
from api.headers import IdempotencyKeySchema
from api.signing_in import caller, may_call
from people import Role
from rates import (
    Fund,
    FundPage,
    FundYear,
    SeenFundGrant,
    fund_year_of,
    funds_page,
    grant_fund,
    open_fund,
)

blp = Blueprint("funds", __name__, description="Money that rewards are paid from · 专项经费")

READERS = (Role.RATE_ADMIN, Role.CENTRE_OFFICER, Role.ADMIN, Role.AUDITOR)


@blp.get("/funds")
@may_call(*READERS)
@blp.arguments(FundsQuerySchema, location="query")
@blp.response(200, FundPageSchema)
def list_funds(query: dict[str, Any]) -> FundPage:
    """The funds of the units in the caller's reach, each with what it has left of a year."""
    return funds_page(**query, by=caller())


@blp.post("/funds")
@may_call(Role.RATE_ADMIN)
@documents(404, 409)
@blp.arguments(NewFundSchema)
@blp.response(201, FundSchema)
def post_fund(terms: dict[str, Any]) -> Fund:
    """Open a fund, empty; the same again answers the same fund."""
    return open_fund(**terms, by=caller())


@blp.get("/funds/<string:fund_name>")
@may_call(*READERS)
@documents(404)
@blp.arguments(FundYearQuerySchema, location="query")
@blp.response(200, FundYearSchema)
def get_fund(query: dict[str, Any], fund_name: str) -> FundYear:
    """A fund in a year: granted, left, and the grants."""
    return fund_year_of(fund_name, **query, by=caller())


@blp.post("/funds/<string:fund_name>/grants")
@may_call(Role.RATE_ADMIN)
@documents(404, 409)
@blp.arguments(NewFundGrantSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, FundGrantSchema)
def post_fund_grant(grant: dict[str, Any], header: dict[str, Any], fund_name: str) -> SeenFundGrant:
    """Bring money into a fund for a year."""
    return grant_fund(fund_name, **grant, **header, by=caller())
