"""Webhooks and deliveries on the wire; the secret is shown to who makes a webhook alone."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import PageQuerySchema, moment_out
from notices import DeliveryState, Webhook, secret_of


class NewWebhookSchema(ma.Schema):
    """Where notices are to be sent."""

    url = fields.String(
        required=True,
        validate=validate.Length(1, 500),
        metadata={"description": "https, a public host"},
    )
    events = fields.List(
        fields.String(validate=validate.Length(1, 60)),
        load_default=[],
        validate=validate.Length(max=100),
        metadata={"description": "names of notices; empty means all"},
    )


class WebhookSchema(ma.Schema):
    """A webhook, and how it fares."""

    id = fields.String()
    url = fields.String()
    events = fields.List(fields.String())
    made_by = fields.String()
    created_at = moment_out()
    failures = fields.Integer(metadata={"description": "in a row, since it last took something"})
    resting_until = moment_out(
        allow_none=True, metadata={"description": "nothing is tried before, because it failed"}
    )


def _secret(webhook: Webhook) -> str:
    return secret_of(webhook)


class MadeWebhookSchema(WebhookSchema):
    """A webhook as it is answered to who made it."""

    secret = fields.Function(
        _secret, metadata={"type": "string", "description": "what signatures are made with"}
    )


class WebhookListSchema(ma.Schema):
    """Every webhook, oldest first."""

    items = fields.List(fields.Nested(WebhookSchema))


class DeliveriesQuerySchema(PageQuerySchema):
    """Which deliveries."""

    state = fields.String(validate=validate.OneOf([state.value for state in DeliveryState]))


class DeliverySchema(ma.Schema):
    """One notice on its way to one webhook."""

    id = fields.String(metadata={"description": "the Idempotency-Key that the receiver sees"})
    notice_id = fields.String(allow_none=True, metadata={"description": "null for a trial"})
    state = fields.String()
    tries = fields.Integer()
    next_try_at = moment_out()
    give_up_at = moment_out()
    last_status = fields.Integer(allow_none=True, metadata={"description": "the HTTP status met"})
    last_error = fields.String(allow_none=True, metadata={"description": "why there was none"})
    created_at = moment_out()
    sent_at = moment_out(allow_none=True)


class DeliveryPageSchema(ma.Schema):
    """A page of deliveries; `next_cursor` is null on the last one."""

    items = fields.List(fields.Nested(DeliverySchema))
    next_cursor = fields.String(allow_none=True)
