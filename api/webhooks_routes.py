"""Webhooks over HTTP: where an app's push service takes notices, and what became of each."""

from typing import Any

from api.blueprint import Blueprint
from api.errors import documents
from api.headers import IdempotencyKeySchema
from api.signing_in import caller, may_call
from api.webhooks_schemas import (
    DeliveriesQuerySchema,
    DeliveryPageSchema,
    DeliverySchema,
    MadeWebhookSchema,
    NewWebhookSchema,
    WebhookListSchema,
)
from notices import (
    Delivery,
    DeliveryPage,
    Webhook,
    deliveries_of,
    make_webhook,
    remove_webhook,
    try_webhook,
    webhooks_of,
)
from people import Role

blp = Blueprint("webhooks", __name__, description="Signed pushes of notices · 通知推送")


@blp.get("/webhooks")
@may_call(Role.ADMIN)
@blp.response(200, WebhookListSchema)
def list_webhooks() -> dict[str, list[Webhook]]:
    """Every webhook, for admins of the whole city."""
    return {"items": webhooks_of(by=caller())}


@blp.post("/webhooks")
@may_call(Role.ADMIN)
@documents(404, 409)
@blp.arguments(NewWebhookSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, MadeWebhookSchema)
def post_webhook(body: dict[str, Any], header: dict[str, str]) -> Webhook:
    """Let notices be sent to an address; the answer holds the secret to check signatures by."""
    return make_webhook(**body, **header, by=caller())


@blp.delete("/webhooks/<string:webhook_id>")
@may_call(Role.ADMIN)
@documents(404)
@blp.response(204)
def delete_webhook(webhook_id: str) -> None:
    """Send nothing more there; repeating changes nothing."""
    remove_webhook(webhook_id, by=caller())


@blp.get("/webhooks/<string:webhook_id>/deliveries")
@may_call(Role.ADMIN)
@documents(404)
@blp.arguments(DeliveriesQuerySchema, location="query")
@blp.response(200, DeliveryPageSchema)
def list_deliveries(query: dict[str, Any], webhook_id: str) -> DeliveryPage:
    """What was sent there, is on its way or was given up, newest first, for 30 days."""
    return deliveries_of(webhook_id, **query, by=caller())


@blp.post("/webhooks/<string:webhook_id>/trial")
@may_call(Role.ADMIN)
@documents(404)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, DeliverySchema)
def post_trial(header: dict[str, str], webhook_id: str) -> Delivery:
    """Send something to try it by; the list of deliveries says how it went."""
    return try_webhook(webhook_id, **header, by=caller())
