"""Orders over HTTP: a centre asks named people for a crew, they accept or decline."""

from typing import Any

from api.blueprint import Blueprint
from api.common_schemas import PageQuerySchema
from api.errors import documents
from api.headers import IdempotencyKeySchema
from api.orders_schemas import (
    NewOrdersSchema,
    OrderSchema,
    OrdersSchema,
    OwnOrderPageSchema,
    OwnOrderSchema,
    RefusalSchema,
    TaskOrdersSchema,
)
from api.signing_in import SIGNED_IN, caller, may_call
from people import Role
from shared.cursors import from_cursor, to_cursor
from tasks import (
    Order,
    accept_order,
    missing_roles,
    order_people,
    orders_of_task,
    orders_to,
    refuse_order,
    task_of,
    withdraw_order,
)

blp = Blueprint("orders", __name__, description="Who is asked to come · 指派")


@blp.post("/tasks/<task_id>/orders")
@may_call(Role.CENTRE_OFFICER)
@blp.arguments(NewOrdersSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, OrdersSchema)
@documents(404, 409, 422)
def post_orders(wanted: dict[str, Any], header: dict[str, Any], task_id: str) -> dict[str, Any]:
    """Ask people to fill places of a task's crew, each place's first candidate at once."""
    return {"items": order_people(task_id, **wanted, **header, by=caller())}


@blp.get("/tasks/<task_id>/orders")
@may_call(Role.CENTRE_OFFICER, Role.AUDITOR)
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, TaskOrdersSchema)
@documents(404)
def list_task_orders(query: dict[str, Any], task_id: str) -> dict[str, Any]:
    """A task's orders with the history of each, newest first, and what the crew lacks."""
    before = from_cursor(query["cursor"], str)[0] if "cursor" in query else None
    items = orders_of_task(task_id, before_id=before, limit=query["limit"], by=caller())
    missing = missing_roles(task_of(task_id))
    return _page(items, query["limit"]) | {"missing_roles": missing}


@blp.get("/me/orders")
@may_call(SIGNED_IN)
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, OwnOrderPageSchema)
def list_my_orders(query: dict[str, Any]) -> dict[str, Any]:
    """The orders that wait for the caller's answer, or were answered by it, newest first."""
    before = from_cursor(query["cursor"], str)[0] if "cursor" in query else None
    items = orders_to(caller().person_id, before_id=before, limit=query["limit"])
    return _page(items, query["limit"])


def _page(items: list[Order], limit: int) -> dict[str, Any]:
    full = len(items) == limit
    return {"items": items, "next_cursor": to_cursor(items[-1].id) if full else None}


@blp.post("/orders/<order_id>/acceptance")
@may_call(SIGNED_IN)
@blp.response(201, OwnOrderSchema)
@documents(404, 409)
def post_acceptance(order_id: str) -> Order:
    """Accept an order: its place is claimed for the caller."""
    return accept_order(order_id, by=caller())


@blp.post("/orders/<order_id>/refusal")
@may_call(SIGNED_IN)
@blp.arguments(RefusalSchema)
@blp.response(201, OwnOrderSchema)
@documents(404, 409)
def post_refusal(refusal: dict[str, Any], order_id: str) -> Order:
    """Decline an order with a reason; the next in turn is asked."""
    return refuse_order(order_id, refusal["reason"], by=caller())


@blp.post("/orders/<order_id>/withdrawal")
@may_call(Role.CENTRE_OFFICER)
@blp.response(201, OrderSchema)
@documents(404, 409)
def post_order_withdrawal(order_id: str) -> Order:
    """Take an order back that has no answer yet."""
    return withdraw_order(order_id, by=caller())
