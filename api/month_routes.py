"""Closed months over HTTP: closing one, the list of them, and what accounts held at the end."""

from typing import Any

from api.blueprint import Blueprint
from api.common_schemas import PageQuerySchema
from api.errors import documents
from api.month_schemas import ClosedMonthSchema, ClosedMonthsSchema, MonthBalancePageSchema
from api.signing_in import caller, may_call
from ledger import (
    ClosedMonth,
    MonthBalancePage,
    close_month,
    closed_months,
    month_balances_of,
)
from people import Role, must_hold_at_root

blp = Blueprint("months", __name__, description="Months that take no entry any more · 关账")


@blp.get("/months")
@may_call(Role.AUDITOR, Role.RATE_ADMIN)
@blp.response(200, ClosedMonthsSchema)
def list_closed_months() -> dict[str, list[ClosedMonth]]:
    """The months closed so far, the newest first."""
    must_hold_at_root(Role.AUDITOR, Role.RATE_ADMIN, by=caller())
    return {"items": closed_months()}


@blp.post("/months/<string:month>/closing")
@may_call(Role.RATE_ADMIN)
@documents(409, 422)
@blp.response(201, ClosedMonthSchema)
def post_month_closing(month: str) -> ClosedMonth:
    """Close a month that is over: it takes no entry any more, and its balances are stored."""
    must_hold_at_root(Role.RATE_ADMIN, by=caller())
    return close_month(month, by_id=caller().person_id)


@blp.get("/months/<string:month>/balances")
@may_call(Role.AUDITOR, Role.RATE_ADMIN)
@documents(404)
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, MonthBalancePageSchema)
def list_month_balances(query: dict[str, Any], month: str) -> MonthBalancePage:
    """What the accounts that moved in a closed month held at its end, by name."""
    must_hold_at_root(Role.AUDITOR, Role.RATE_ADMIN, by=caller())
    return month_balances_of(month, **query)
