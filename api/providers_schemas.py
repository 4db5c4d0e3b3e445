"""Providers, their deliveries, files and discrepancies on the wire; a secret is never shown."""

from datetime import date

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import PageQuerySchema, moment_out
from catalog import DeliveryState, TopUpDelivery, shown_recipient

WORD = r"^[\x21-\x7e]{1,80}$"
SECRET = r"^[\x20-\x7e]{32,200}$"  # noqa: S105 - what one looks like


class ProviderNameSchema(ma.Schema):
    """A name in both languages."""

    en = fields.String(required=True, validate=validate.Length(1, 80))
    zh = fields.String(required=True, validate=validate.Length(1, 80))


class NewProviderSchema(ma.Schema):
    """Who delivers, where to ask, and which redemption point's account is paid."""

    name = fields.Nested(ProviderNameSchema, required=True)
    point_id = fields.String(required=True, validate=validate.Length(1, 40))
    base_url = fields.String(
        required=True,
        validate=validate.Length(1, 500),
        metadata={"description": "https, a public host; paths are added to it"},
    )
    secret = fields.String(
        validate=validate.Regexp(SECRET),
        load_default=None,
        allow_none=True,
        metadata={"description": "at first, and to rotate it; never shown", "writeOnly": True},
    )
    timeout_s = fields.Integer(load_default=8, validate=validate.Range(1, 8))
    active = fields.Boolean(load_default=True)


class ProviderSchema(ma.Schema):
    """A provider, and how it fares."""

    id = fields.String()
    name = fields.Nested(ProviderNameSchema)
    point_id = fields.String()
    base_url = fields.String()
    timeout_s = fields.Integer()
    active = fields.Boolean()
    failures = fields.Integer(metadata={"description": "in a row, since it last said something"})
    resting_until = moment_out(allow_none=True)
    version = fields.Integer()


class ProviderListSchema(ma.Schema):
    """Providers, by id."""

    items = fields.List(fields.Nested(ProviderSchema))


class DeliveryProposalSchema(ma.Schema):
    """What a first officer says became of a delivery."""

    outcome = fields.String()
    reference = fields.String()
    by = fields.String()
    at = moment_out()


RECIPIENT = {
    "type": "string",
    "example": "138****8000",
    "description": "empty from 90 days after the end on",
}


def _recipient(delivery: TopUpDelivery) -> str:
    return shown_recipient(delivery)


class TopUpDeliverySchema(ma.Schema):
    """Where a top-up stands with its provider; its id is its voucher's."""

    id = fields.String()
    provider_id = fields.String()
    product = fields.String()
    recipient = fields.Function(_recipient, metadata=RECIPIENT)
    state = fields.Enum(DeliveryState, by_value=True)
    made_at = moment_out()
    sent_at = moment_out(allow_none=True)
    valid_until = moment_out(allow_none=True)
    tries = fields.Integer()
    next_try_at = moment_out(allow_none=True)
    in_doubt = fields.Boolean()
    last_outcome = fields.String(allow_none=True)
    last_reason = fields.String(allow_none=True)
    reference = fields.String(allow_none=True, metadata={"description": "the provider's own"})
    ended_at = moment_out(allow_none=True)
    ended_by = fields.Function(
        lambda one: one.ended_by.value if one.ended_by else None,
        metadata={"type": "string", "nullable": True, "description": "whose news ended it"},
    )
    proposal = fields.Nested(
        DeliveryProposalSchema, allow_none=True, metadata={"description": "shown to officers alone"}
    )
    settled_by = fields.List(fields.String(), metadata={"description": "shown to officers alone"})


class DeliveriesOfProviderQuerySchema(PageQuerySchema):
    """Which deliveries."""

    state = fields.String(
        load_default="", validate=validate.OneOf([state.value for state in DeliveryState])
    )


class TopUpDeliveryPageSchema(ma.Schema):
    """A page of deliveries; `next_cursor` is null on the last one."""

    items = fields.List(fields.Nested(TopUpDeliverySchema))
    next_cursor = fields.String(allow_none=True)


class SettlementByHandSchema(ma.Schema):
    """What an officer found out; `reference` is the evidence, say the provider's letter."""

    outcome = fields.String(required=True, validate=validate.OneOf(["delivered", "refused"]))
    reference = fields.String(required=True, validate=validate.Regexp(WORD))


class CallBackSchema(ma.Schema):
    """A provider's news of one delivery, as docs/providers.md has it."""

    class Meta:
        unknown = ma.EXCLUDE

    event = fields.String(required=True, validate=validate.Regexp(WORD))
    key = fields.String(required=True, validate=validate.Regexp(WORD))
    status = fields.String(
        required=True, validate=validate.OneOf(["delivered", "refused", "pending"])
    )
    reference = fields.String(load_default="", validate=validate.Length(max=80))
    reason = fields.String(load_default="", validate=validate.Length(max=80))


class CallBackTakenSchema(ma.Schema):
    """That a call-back was taken, and what it came to."""

    key = fields.String()
    news = fields.String(
        metadata={"description": "ended_it, agrees, contradicts (noted) or tells_nothing"}
    )


class DayQuerySchema(ma.Schema):
    """A business day."""

    day = fields.Date(required=True, validate=validate.Range(date(2000, 1, 1), date(2100, 12, 31)))


class ReportLineSchema(ma.Schema):
    """A line that does not simply agree; number 0 is a delivery that no line names."""

    number = fields.Integer()
    key = fields.String()
    status = fields.String()
    reference = fields.String()
    verdict = fields.Function(lambda line: line.verdict.value, metadata={"type": "string"})


class ReportSummarySchema(ma.Schema):
    """What a provider's file of a day came to."""

    id = fields.String()
    provider_id = fields.String()
    day = fields.String()
    brought_by = fields.String(metadata={"description": "empty where it was fetched"})
    made_at = moment_out()
    lines_done = fields.Integer(metadata={"description": "how far the comparison came"})
    completed_at = moment_out(
        allow_none=True,
        metadata={"description": "null where lines are left: bring the same file again to go on"},
    )
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())


class ReportSchema(ReportSummarySchema):
    """A report with its lines, the first thousand."""

    lines = fields.List(fields.Nested(ReportLineSchema))


class ReportPageSchema(ma.Schema):
    """A page of reports; `next_cursor` is null on the last one."""

    items = fields.List(fields.Nested(ReportSummarySchema))
    next_cursor = fields.String(allow_none=True)


class DiscrepancySchema(ma.Schema):
    """Where a provider contradicts our books; nothing moves by it."""

    id = fields.String()
    key = fields.String()
    kind = fields.Function(lambda one: one.kind.value, metadata={"type": "string"})
    source = fields.String()
    status = fields.String()
    reference = fields.String()
    found_at = moment_out()
    cleared_at = moment_out(allow_none=True)
    closed_by = fields.String(
        allow_none=True, metadata={"description": "the officer; null where later news cleared it"}
    )
    closing_words = fields.String(allow_none=True)


class ClosingSchema(ma.Schema):
    """What an officer found out with the provider, and what was done about it."""

    words = fields.String(
        required=True, validate=[validate.Length(1, 500), validate.Regexp(r".*\S")]
    )


class DiscrepancyPageSchema(ma.Schema):
    """A page of discrepancies; `next_cursor` is null on the last one."""

    items = fields.List(fields.Nested(DiscrepancySchema))
    next_cursor = fields.String(allow_none=True)
