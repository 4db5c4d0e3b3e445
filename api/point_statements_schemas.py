"""Statements of redemption points on the wire: lists, lines, disputes, decisions, payments."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, PageQuerySchema, one_line, said
from catalog import LineKind, LineState, StatementFormat, StatementState

MOST_FEN = 1_000_000_000
MOST_REASON = 500
MOST_LINES = 1_000
_FEN = {"description": "in fen, a hundredth of a yuan"}
_DAY = validate.Regexp(r"^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")


class StatementPointSchema(ma.Schema):
    """Whose statement it is."""

    id = fields.String()
    name = fields.String()
    name_en = fields.String()
    address = fields.String()


class SumsSchema(ma.Schema):
    """What the lines add up to by now; final once the statement is settled."""

    lines = fields.Integer()
    coins = fields.Integer(metadata={"description": "Fu coins of what was not brought back"})
    coin_fen = fields.Integer(metadata={"description": "what they are worth, in fen"})
    in_kind_fen = fields.Integer(metadata={"description": "awards in kind, in fen"})
    total_fen = fields.Integer(metadata={"description": "what the point is owed, in fen"})
    open_disputes = fields.Integer(metadata={"description": "lines disputed and not decided"})


class PaymentSchema(ma.Schema):
    """How a statement was paid."""

    fund = fields.String()
    reference = fields.String()
    paid_by = fields.String()
    paid_at = fields.AwareDateTime()


class PointStatementSchema(ma.Schema):
    """A statement: what one point handed over on one day, and what it is owed for it."""

    id = fields.String(attribute="statement.id")
    point = fields.Nested(StatementPointSchema)
    day = fields.String(
        attribute="statement.day", metadata={"description": "of the business time zone"}
    )
    number = fields.Integer(
        attribute="statement.number", metadata={"description": "above 1: the day has several"}
    )
    state = fields.Enum(StatementState, by_value=True, attribute="statement.state")
    sums = fields.Nested(SumsSchema, attribute="statement.sums")
    closed_at = fields.AwareDateTime(attribute="statement.closed_at")
    confirmed_at = fields.AwareDateTime(attribute="statement.confirmed_at", allow_none=True)
    confirmed_by = fields.String(
        attribute="statement.confirmed_by",
        allow_none=True,
        metadata={"description": "empty where seven days without an answer confirmed it"},
    )
    settled_at = fields.AwareDateTime(attribute="statement.settled_at", allow_none=True)
    settled_by = fields.String(attribute="statement.settled_by", allow_none=True)
    settlement_entry_id = fields.String(attribute="statement.settlement_entry_id", allow_none=True)
    payment = fields.Nested(PaymentSchema, attribute="statement.payment", allow_none=True)
    payment_entry_id = fields.String(attribute="statement.payment_entry_id", allow_none=True)
    version = fields.Integer(attribute="statement.version")


class PointStatementsQuerySchema(PageQuerySchema):
    """Which statements."""

    unit_id = fields.String(validate=ID, metadata={"description": "of all points below it"})
    point_id = fields.String(validate=ID)
    state = fields.Enum(StatementState, by_value=True)
    day = fields.String(validate=_DAY, metadata={"description": "as 2026-02-16"})


class PointStatementPageSchema(ma.Schema):
    """Statements, the latest day first."""

    items = fields.List(fields.Nested(PointStatementSchema), attribute="statements")
    next_cursor = fields.String(allow_none=True)


class DisputeSchema(ma.Schema):
    """Why a line is not agreed to."""

    by = fields.String(metadata={"description": "empty where the system disputes it"})
    at = fields.AwareDateTime()
    reason = fields.String(
        metadata={"description": "the clerk's words; of the system a code, as no_coin_value"}
    )
    words = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "of the system: what the code means, in both languages"},
    )
    claimed_fen = fields.Integer(allow_none=True, metadata=_FEN)
    claimed_by = fields.String(
        metadata={"description": "of the system's dispute: the clerk who added a claim"}
    )
    claim_reason = fields.String()


class ProposalSchema(ma.Schema):
    """What one officer would decide, far above the line's worth: another is to decide the same."""

    by = fields.String()
    at = fields.AwareDateTime()
    fen = fields.Integer(metadata=_FEN)
    reason = fields.String()


class DecisionSchema(ma.Schema):
    """What an officer decided."""

    by = fields.String()
    at = fields.AwareDateTime()
    fen = fields.Integer(
        allow_none=True, metadata={"description": "null: the line counts as it stood"}
    )
    reason = fields.String()
    proposed_by = fields.String(metadata={"description": "the other officer, where two decided"})


class PointStatementLineSchema(ma.Schema):
    """One hand-over; whose voucher it was is not said."""

    number = fields.Integer()
    kind = fields.Enum(LineKind, by_value=True)
    state = fields.Enum(LineState, by_value=True)
    voucher_id = fields.String(allow_none=True)
    reward_id = fields.String(allow_none=True)
    title = fields.String()
    title_en = fields.String()
    handed_over_at = fields.AwareDateTime()
    coins = fields.Integer()
    fen_per_10000_coins = fields.Integer(
        allow_none=True, metadata={"description": "in force at the hand-over; null: none was"}
    )
    in_kind_fen = fields.Integer(metadata=_FEN)
    offline_id = fields.String(allow_none=True)
    price = fields.Integer(
        metadata={"description": "Fu coins of a disputed offline hand-over, in no sum"}
    )
    cost_fen = fields.Integer(
        metadata={"description": "of an award in kind handed over offline, in no sum"}
    )
    dispute = fields.Nested(DisputeSchema, allow_none=True)
    proposal = fields.Nested(ProposalSchema, allow_none=True)
    decision = fields.Nested(DecisionSchema, allow_none=True)


class PointStatementLinePageSchema(ma.Schema):
    """A statement's lines in their order."""

    items = fields.List(fields.Nested(PointStatementLineSchema), attribute="lines")
    next_cursor = fields.String(allow_none=True)


class NewDisputeSchema(ma.Schema):
    """A line that the point does not agree to."""

    number = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_LINES))
    reason = said(MOST_REASON)
    claimed_fen = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, MOST_FEN),
        metadata={"description": "what the point claims for the line in all, in fen"},
    )


class NewDisputesSchema(ma.Schema):
    """The lines to dispute, all of them or none."""

    lines = fields.List(
        fields.Nested(NewDisputeSchema),
        required=True,
        validate=validate.Length(1, MOST_LINES),
    )


class NewDecisionSchema(ma.Schema):
    """What a disputed line counts for, and why."""

    fen = fields.Integer(
        required=True,
        strict=True,
        allow_none=True,
        validate=validate.Range(0, MOST_FEN),
        metadata={"description": "in all, in fen; null: as it stood before the dispute"},
    )
    reason = said(MOST_REASON)


class SeenVersionSchema(ma.Schema):
    """The version that the caller has seen, where they will act on no other."""

    version = fields.Integer(
        load_default=None,
        data_key="If-Match",
        validate=validate.Range(min=0, max=2**31),
        metadata={"description": "the `version` last read; left out: whatever it is by now"},
    )


class NewPaymentSchema(ma.Schema):
    """The fund that paid, and the bank's words for the transfer."""

    fund = fields.String(required=True, validate=validate.Length(1, 40))
    reference = one_line(1, 80, required=True)


class StatementFileQuerySchema(ma.Schema):
    """As what kind of file."""

    file_format = fields.Enum(
        StatementFormat,
        by_value=True,
        load_default=StatementFormat.HTML,
        data_key="format",
        metadata={"description": "csv, xlsx or html (to print and sign)"},
    )


class StockDaySchema(ma.Schema):
    """One reward on the point's shelf that day, in items."""

    reward_id = fields.String()
    title = fields.String()
    title_en = fields.String()
    opening = fields.Integer(
        metadata={"description": "at the day's beginning, by all it is known to have been supplied"}
    )
    handed_over = fields.Integer()
    returned = fields.Integer(metadata={"description": "of these, brought back since"})
    restocked = fields.Integer(metadata={"description": "put back on the shelf that day"})
    closing = fields.Integer()


class StockDaysSchema(ma.Schema):
    """What the day did to the point's shelf."""

    items = fields.List(fields.Nested(StockDaySchema))


class PointAccountsQuerySchema(PageQuerySchema):
    """Which points."""

    unit_id = fields.String(validate=ID, metadata={"description": "all points at or below it"})


class PointAccountSchema(ma.Schema):
    """What a point is owed, by the book and by what makes it up: they differ by nothing."""

    point = fields.Nested(StatementPointSchema)
    merchant_coins = fields.Integer(metadata={"description": "the book: coins taken in"})
    unstated_coins = fields.Integer(metadata={"description": "of hand-overs in no statement yet"})
    stated_coins = fields.Integer(metadata={"description": "of statements not settled"})
    differing_coins = fields.Integer(metadata={"description": "0 where book and lines agree"})
    payable_fen = fields.Integer(metadata={"description": "the book: owed and not paid"})
    settled_fen = fields.Integer(metadata={"description": "of statements settled and not paid"})
    in_kind_fen = fields.Integer(metadata={"description": "of awards not settled"})
    differing_fen = fields.Integer(metadata={"description": "0 where book and lines agree"})
    paid_fen = fields.Integer(metadata={"description": "the book: ever paid"})


class PointAccountPageSchema(ma.Schema):
    """Points and what they are owed."""

    items = fields.List(fields.Nested(PointAccountSchema), attribute="accounts")
    next_cursor = fields.String(allow_none=True)
