"""What comes in and goes out around orders: whom a centre asks, and what they answer."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, lines, moment_out, one_line
from api.tasks_schemas import CrewNeedSchema
from tasks import MAX_CANDIDATES, Order, Place

MAX_PLACES = 50
# From five minutes to a week: an order may be given days ahead.
MIN_ANSWER_MINUTES, MAX_ANSWER_MINUTES = 5, 10_080


class PlaceSchema(ma.Schema):
    """One place to be filled, and who is asked for it, one after the other."""

    crew_role = one_line(
        1,
        50,
        load_default=None,
        allow_none=True,
        metadata={"description": "a role or kind of helper that each candidate must be"},
    )
    candidates = fields.List(
        fields.String(validate=ID),
        required=True,
        validate=validate.Length(1, MAX_CANDIDATES),
        metadata={"description": "ids of people, first asked first"},
    )

    @ma.post_load
    def as_place(self, data: dict[str, Any], **_more: Any) -> Place:
        """The place as the verb takes it."""
        return Place(tuple(data["candidates"]), data["crew_role"])


class NewOrdersSchema(ma.Schema):
    """The places of a task that are to be filled by order."""

    places = fields.List(
        fields.Nested(PlaceSchema), required=True, validate=validate.Length(1, MAX_PLACES)
    )
    answer_within_minutes = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(MIN_ANSWER_MINUTES, MAX_ANSWER_MINUTES),
        metadata={"description": "silence for so long passes the order to the next in turn"},
    )


class RefusalSchema(ma.Schema):
    """Why somebody declines."""

    reason = lines(500, required=True)

    @ma.validates("reason")
    def said(self, reason: str, **_more: Any) -> None:
        """Blanks are no reason."""
        if not reason.strip():
            raise ma.ValidationError("Missing data for required field.")


class AskSchema(ma.Schema):
    """One person asked, and what came of it; `outcome` is null while it is open."""

    person_id = fields.String()
    asked_at = moment_out()
    answer_by = moment_out()
    outcome = fields.String(allow_none=True)
    answered_at = moment_out(allow_none=True)
    reason = fields.String(allow_none=True)
    hindrance = fields.String(
        allow_none=True,
        metadata={"description": "the refusal that stood in the way of the claim, or how it ended"},
    )


class OrderSchema(ma.Schema):
    """An order as the centre sees it, with everybody named and asked."""

    id = fields.String()
    task_id = fields.String()
    crew_role = fields.String(allow_none=True)
    state = fields.String()
    candidates = fields.List(fields.String())
    asked_id = fields.String()
    answer_by = moment_out()
    asks = fields.List(fields.Nested(AskSchema))
    ordered_by = fields.String()
    ordered_at = moment_out()
    participation_id = fields.String(allow_none=True)


class OrdersSchema(ma.Schema):
    """The orders that one request made."""

    items = fields.List(fields.Nested(OrderSchema))


class TaskOrdersSchema(OrdersSchema):
    """A page of a task's orders, and what its crew lacks now."""

    next_cursor = fields.String(allow_none=True)
    missing_roles = fields.List(fields.Nested(CrewNeedSchema))


def _own_asked_at(order: Order) -> str:
    """When the one asked now was asked; the names of the others are not theirs to see."""
    return str(order.asks[-1].asked_at.isoformat())


class OwnOrderSchema(ma.Schema):
    """An order as the person asked sees it."""

    id = fields.String()
    task_id = fields.String()
    crew_role = fields.String(allow_none=True)
    state = fields.String()
    asked_at = fields.Function(_own_asked_at, metadata={"type": "string", "format": "date-time"})
    answer_by = moment_out()
    participation_id = fields.String(allow_none=True)


class OwnOrderPageSchema(ma.Schema):
    """A page of the caller's orders; `next_cursor` is null on the last one."""

    items = fields.List(fields.Nested(OwnOrderSchema))
    next_cursor = fields.String(allow_none=True)
