"""Balances, statements and the trial balance on the wire. Coins are whole numbers."""

import marshmallow as ma
from marshmallow import fields, validate

from ledger import Currency

CURRENCIES = [currency.value for currency in Currency]


class StatementQuerySchema(ma.Schema):
    """Where a statement goes on, and how much of it."""

    cursor = fields.String(load_default=None, validate=validate.Length(1, 200))
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))


class AccountQuerySchema(StatementQuerySchema):
    """The same for any account, in one of its currencies."""

    currency = fields.String(
        load_default=Currency.FUB.value,
        validate=validate.OneOf(CURRENCIES),
        metadata={"description": "FUB in coins, CNY in fen"},
    )


class WalletSchema(ma.Schema):
    """What the caller may spend."""

    balance = fields.Integer(metadata={"description": "Fu coins"})


class AboutSchema(ma.Schema):
    """What a line is about: the noun and the id it is found under."""

    kind = fields.String(metadata={"description": "participation, voucher, task, budget_grant …"})
    id = fields.String()


class StatementLineSchema(ma.Schema):
    """One entry as the account sees it."""

    entry_id = fields.String()
    kind = fields.String(metadata={"description": "what happened: reward, order, cancellation …"})
    about = fields.Nested(AboutSchema)
    amount = fields.Integer(metadata={"description": "in (plus) or out (minus)"})
    balance = fields.Integer(metadata={"description": "what the account held after it"})
    effective_at = fields.AwareDateTime(metadata={"description": "when it counts from"})
    posted_at = fields.AwareDateTime(metadata={"description": "when it was written"})


class StatementPageSchema(ma.Schema):
    """Lines of one account, newest first."""

    account = fields.String()
    currency = fields.String()
    balance = fields.Integer(metadata={"description": "what the account holds now"})
    items = fields.List(fields.Nested(StatementLineSchema), attribute="lines")
    next_cursor = fields.String(allow_none=True)


class CurrencyTotalsSchema(ma.Schema):
    """All accounts of one currency."""

    currency = fields.String()
    by_kind = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "kind of account → sum, in minor units"},
    )
    total = fields.Integer(metadata={"description": "zero in a sound book"})


class TrialBalanceSchema(ma.Schema):
    """Every currency that was ever posted, added up from all entries."""

    as_of = fields.AwareDateTime()
    agrees = fields.Boolean(metadata={"description": "whether every total is zero"})
    currencies = fields.List(fields.Nested(CurrencyTotalsSchema))
