"""Entries and their reversals on the wire. Amounts are whole, in minor units."""

import marshmallow as ma
from marshmallow import fields

from api.common_schemas import PageQuerySchema, moment_in
from api.ledger_schemas import AboutSchema
from ledger import ReasonCode, ReversalState


class NewReversalSchema(ma.Schema):
    """Why an entry is to be undone, and from when on that counts."""

    reason = fields.Enum(ReasonCode, by_value=True, required=True)
    effective_at = moment_in(
        required=True,
        metadata={"description": "not before the entry's own, not ahead, in no closed month"},
    )


class ReversalSchema(ma.Schema):
    """How the request to reverse an entry stands."""

    entry_id = fields.String()
    state = fields.Enum(ReversalState, by_value=True)
    amount = fields.Integer(metadata={"description": "what the entry moved, in minor units"})
    currency = fields.String()
    reason = fields.Enum(ReasonCode, by_value=True)
    effective_at = fields.AwareDateTime()
    asked_by = fields.String()
    asked_at = fields.AwareDateTime()
    decided_by = fields.String(
        allow_none=True, metadata={"description": "null where nobody has, or one officer sufficed"}
    )
    decided_at = fields.AwareDateTime(allow_none=True)
    reversal_id = fields.String(
        allow_none=True, metadata={"description": "the entry that undoes it, once posted"}
    )
    version = fields.Integer(metadata={"description": "for If-Match of a decision"})


class ReversalQuerySchema(PageQuerySchema):
    """Which requests: those that wait, where not said."""

    state = fields.Enum(ReversalState, by_value=True, load_default=ReversalState.WAITING)


class ReversalPageSchema(ma.Schema):
    """Requests in one state, the longest asked for first."""

    items = fields.List(fields.Nested(ReversalSchema))
    next_cursor = fields.String(allow_none=True)


class LegSchema(ma.Schema):
    """One side of an entry."""

    account = fields.String()
    currency = fields.String()
    amount = fields.Integer(metadata={"description": "into (plus) or out of (minus) the account"})
    lots = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "month of expiry → how much of it; the rest never expires"},
    )


class EntrySchema(ma.Schema):
    """An entry as it is in the book, for ever, and whether another one undoes it."""

    id = fields.String()
    key = fields.String()
    kind = fields.String()
    legs = fields.List(fields.Nested(LegSchema))
    about = fields.Nested(AboutSchema)
    unit = fields.String(allow_none=True)
    returns = fields.String(
        allow_none=True, metadata={"description": "the entry whose coins came back with it"}
    )
    reverses = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    effective_at = fields.AwareDateTime(metadata={"description": "when it counts from"})
    posted_at = fields.AwareDateTime(metadata={"description": "when it was written"})
    reversed_by = fields.String(
        allow_none=True, metadata={"description": "the entry that undoes it"}
    )
    reversal = fields.Nested(ReversalSchema, allow_none=True)
