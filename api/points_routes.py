"""Redemption points over HTTP: near whom, open when, what they carry; their hours and counts."""

from typing import Any

from api.blueprint import Blueprint
from api.common_schemas import PageQuerySchema
from api.errors import documents
from api.headers import IdempotencyKeySchema, IfMatchSchema
from api.points_schemas import (
    DismissalSchema,
    NewStockCountSchema,
    PointHoursSchema,
    PointInFullSchema,
    PointPageSchema,
    PointQuerySchema,
    PointsQuerySchema,
    StockCountPageSchema,
    StockCountSchema,
)
from api.signing_in import SIGNED_IN, caller, may_call
from catalog import (
    PointInFull,
    PointPage,
    PointTerms,
    StockCount,
    StockCountPage,
    accept_count,
    count_stock,
    dismiss_count,
    point_of,
    points_near,
    set_point_hours,
    stock_counts_of,
)
from people import Role

blp = Blueprint("points", __name__, description="Where rewards are handed over · 兑换点")


@blp.get("/points")
@may_call(SIGNED_IN)
@blp.arguments(PointsQuerySchema, location="query")
@blp.response(200, PointPageSchema)
def list_points(query: dict[str, Any]) -> PointPage:
    """Redemption points, nearest first, with whether they are open and when they open next."""
    return points_near(**query)


@blp.get("/points/<string:point_id>")
@may_call(SIGNED_IN)
@documents(404)
@blp.arguments(PointQuerySchema, location="query")
@blp.response(200, PointInFullSchema)
def get_point(query: dict[str, Any], point_id: str) -> PointInFull:
    """One point with what it carries."""
    return point_of(point_id, **query)


@blp.put("/points/<string:point_id>/hours")
@may_call(Role.CLERK, Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409)
@blp.arguments(PointHoursSchema)
@blp.arguments(IfMatchSchema, location="headers")
@blp.response(200, PointInFullSchema)
def put_hours(terms: PointTerms, header: dict[str, Any], point_id: str) -> PointInFull:
    """Say a point's hours, whole; paused, nothing is ordered there once this answers."""
    set_point_hours(point_id, terms, **header, by=caller())
    return point_of(point_id)


@blp.post("/points/<string:point_id>/stock-counts")
@may_call(Role.CLERK, Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409)
@blp.arguments(NewStockCountSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, StockCountSchema)
def post_stock_count(count: dict[str, Any], header: dict[str, Any], point_id: str) -> StockCount:
    """Say how many of a reward lie there; officers are told where it differs from the books."""
    return count_stock(point_id, **count, **header, by=caller())


@blp.get("/points/<string:point_id>/stock-counts")
@may_call(Role.CLERK, Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404)
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, StockCountPageSchema)
def list_stock_counts(query: dict[str, Any], point_id: str) -> StockCountPage:
    """What was counted at a point, newest first."""
    return stock_counts_of(point_id, **query, by=caller())


@blp.post("/stock-counts/<string:count_id>/acceptance")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409)
@blp.response(201, StockCountSchema)
def post_acceptance(count_id: str) -> StockCount:
    """Accept what somebody else counted: the supply moves by the difference, once."""
    return accept_count(count_id, by=caller())


@blp.post("/stock-counts/<string:count_id>/dismissal")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN)
@documents(404, 409)
@blp.arguments(DismissalSchema)
@blp.response(201, StockCountSchema)
def post_dismissal(why: dict[str, Any], count_id: str) -> StockCount:
    """Dismiss what somebody else counted, saying why: nothing is adjusted."""
    return dismiss_count(count_id, **why, by=caller())
