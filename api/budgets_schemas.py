"""Budgets on the wire: grants, envelopes, transfers, thresholds. Coins are whole numbers."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, PageQuerySchema, moment_out, said
from ledger import GENERAL_FUND
from rates import FUND_PATTERN, TransferState

MOST = 1_000_000_000_000
COINS = {"description": "Fu coins"}
LEFT = {"description": "Fu coins not yet put into tasks"}
PERCENT = {"description": "percent of all that the budget has; null: no such threshold"}


def _fund() -> fields.String:
    return fields.String(
        load_default=GENERAL_FUND,
        validate=validate.Regexp(FUND_PATTERN),
        metadata={"description": "the fund it comes from, which tasks name that it pays for"},
    )


def _year() -> fields.Integer:
    return fields.Integer(required=True, strict=True, validate=validate.Range(2000, 2100))


def _coins(**more: Any) -> fields.Integer:
    return fields.Integer(
        required=True, strict=True, validate=validate.Range(1, MOST), metadata=COINS, **more
    )


def _percent() -> fields.Integer:
    return fields.Integer(
        required=True,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, 100),
        metadata=PERCENT,
    )


class NewGrantSchema(ma.Schema):
    """Coins to issue into a unit's budget of a year, out of a fund."""

    year = _year()
    coins = _coins()
    authorisation = fields.String(
        required=True,
        validate=validate.Length(1, 500),
        metadata={"description": "the decision it rests on"},
    )
    fund = _fund()


class GrantSchema(ma.Schema):
    """One grant: who allowed how much, on what authority, and the entry that issued it."""

    id = fields.String()
    unit_id = fields.String()
    year = fields.Integer()
    fund = fields.String()
    coins = fields.Integer(metadata=COINS)
    authorisation = fields.String()
    entry_id = fields.String()
    reversed = fields.Boolean(
        metadata={"description": "whether that entry was reversed since: it is not counted then"}
    )
    granted_by = fields.String()
    granted_at = moment_out()


class NewEnvelopeSchema(ma.Schema):
    """Coins of the year's budget to set aside for one quarter, or to take back from it."""

    year = _year()
    quarter = fields.Integer(required=True, strict=True, validate=validate.Range(1, 4))
    coins = fields.Integer(
        required=True,
        strict=True,
        validate=[
            validate.Range(-MOST, MOST),
            validate.NoneOf([0], error="Must not be 0."),
        ],
        metadata={"description": "Fu coins to set aside; below zero: to take back"},
    )
    fund = _fund()
    why = said(500)


class EnvelopePutSchema(ma.Schema):
    """Coins set aside for a quarter, or taken back, and the entry that moved them."""

    id = fields.String()
    unit_id = fields.String()
    year = fields.Integer()
    quarter = fields.Integer()
    fund = fields.String()
    coins = fields.Integer(metadata={"description": "Fu coins; below zero: taken back"})
    why = fields.String()
    entry_id = fields.String()
    put_by = fields.String()
    put_at = moment_out()


class NewTransferSchema(ma.Schema):
    """Coins that one unit would give another one out of its budget of a year."""

    from_unit_id = fields.String(required=True, validate=ID)
    to_unit_id = fields.String(required=True, validate=ID)
    year = _year()
    coins = _coins()
    fund = _fund()
    why = said(500)


class TransferDecisionSchema(ma.Schema):
    """Why a transfer is decided as it is."""

    why = said(500)


class TransferSchema(ma.Schema):
    """A transfer between two units' budgets: asked for, then approved or refused."""

    id = fields.String()
    from_unit_id = fields.String()
    to_unit_id = fields.String()
    year = fields.Integer()
    fund = fields.String()
    coins = fields.Integer(metadata=COINS)
    state = fields.Enum(TransferState, by_value=True)
    why = fields.String()
    asked_by = fields.String()
    asked_at = moment_out()
    decided_by = fields.String(allow_none=True)
    decided_at = moment_out(allow_none=True)
    decided_why = fields.String(allow_none=True)
    entry_id = fields.String(
        allow_none=True, metadata={"description": "the entry that moved the coins"}
    )


class TransfersQuerySchema(PageQuerySchema):
    """Whose transfers, and in which state: all, where not said."""

    unit_id = fields.String(required=True, validate=ID)
    state = fields.Enum(TransferState, by_value=True)


class TransferPageSchema(ma.Schema):
    """A unit's transfers, out of its budgets and into them, newest first."""

    items = fields.List(fields.Nested(TransferSchema))
    next_cursor = fields.String(allow_none=True)


class NewBudgetRuleSchema(ma.Schema):
    """From which share of all that a budget has it warns, and from which nothing is published."""

    fund = _fund()
    warn_percent = _percent()
    stop_percent = _percent()
    why = said(500)


class BudgetRuleSchema(ma.Schema):
    """The thresholds of a unit's budget of a year from a fund."""

    unit_id = fields.String()
    year = fields.Integer()
    fund = fields.String()
    warn_percent = fields.Integer(allow_none=True, metadata=PERCENT)
    stop_percent = fields.Integer(allow_none=True, metadata=PERCENT)
    put_by = fields.String()
    put_at = moment_out()
    version = fields.Integer(metadata={"description": "send it back as If-Match"})


class QuarterBudgetSchema(ma.Schema):
    """One quarter's envelope: what was set aside for it, and what of that is left."""

    quarter = fields.Integer()
    set_aside = fields.Integer(metadata=COINS)
    left = fields.Integer(metadata=LEFT)


class StandingSchema(ma.Schema):
    """Where a budget stands: what came in and went out, what is left, when it warns and stops."""

    granted = fields.Integer(metadata=COINS)
    moved_in = fields.Integer(metadata={"description": "Fu coins that other units gave"})
    moved_out = fields.Integer(metadata={"description": "Fu coins given to other units"})
    drawn = fields.Integer(metadata={"description": "Fu coins put into tasks and not come back"})
    left = fields.Integer(metadata=LEFT)
    set_aside_in_quarters = fields.Integer(
        metadata={"description": "what of it lies in the envelopes of quarters"}
    )
    may_draw = fields.Integer(
        metadata={"description": "what of it may be put into tasks before the stop threshold"}
    )
    warn_percent = fields.Integer(allow_none=True, metadata=PERCENT)
    stop_percent = fields.Integer(allow_none=True, metadata=PERCENT)
    warn_at = fields.Integer(
        allow_none=True, metadata={"description": "Fu coins drawn from which on it warns"}
    )
    stop_at = fields.Integer(
        allow_none=True, metadata={"description": "the most Fu coins that publications may draw"}
    )
    is_warned = fields.Boolean()
    is_stopped = fields.Boolean()


class FundBudgetSchema(ma.Schema):
    """A unit's budget of one year from one fund, with its quarters, grants and transfers."""

    fund = fields.String()
    granted = fields.Integer(metadata=COINS)
    left = fields.Integer(metadata=LEFT)
    left_in_year = fields.Integer(
        metadata={"description": "what of it is not set aside for a quarter"}
    )
    standing = fields.Nested(StandingSchema)
    rule_version = fields.Integer(
        metadata={"description": "of its thresholds, for If-Match; 0: none were ever set"}
    )
    quarters = fields.List(fields.Nested(QuarterBudgetSchema))
    grants = fields.List(
        fields.Nested(GrantSchema), metadata={"description": "the newest 100, newest first"}
    )
    transfers = fields.List(
        fields.Nested(TransferSchema), metadata={"description": "the newest 100, newest first"}
    )


class YearBudgetSchema(ma.Schema):
    """A unit's budgets of one year, from all funds together and from each."""

    unit_id = fields.String()
    year = fields.Integer()
    granted = fields.Integer(metadata=COINS)
    left = fields.Integer(metadata=LEFT)
    funds = fields.List(fields.Nested(FundBudgetSchema), metadata={"description": "by name"})
