"""Balances, statements, the trial balance and the tree on the wire. Coins are whole numbers."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, moment_in, moment_out
from ledger import Currency, Direction

CURRENCIES = [currency.value for currency in Currency]
# A cursor of a statement carries the balance there, signed.
MAX_CURSOR = 400


class CurrencyQuerySchema(ma.Schema):
    """Which currency is asked for."""

    currency = fields.String(
        load_default=Currency.FUB.value,
        validate=validate.OneOf(CURRENCIES),
        metadata={"description": "FUB in coins, CNY in fen"},
    )


class StatementQuerySchema(ma.Schema):
    """Where a statement goes on, how much of it, and whether only what came in or went out."""

    cursor = fields.String(load_default=None, validate=validate.Length(1, MAX_CURSOR))
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))
    direction = fields.String(
        load_default=None,
        validate=validate.OneOf([direction.value for direction in Direction]),
        metadata={
            "description": "only what came in, or went out; such a page may be short and have a "
            "cursor all the same"
        },
    )


class AccountQuerySchema(StatementQuerySchema, CurrencyQuerySchema):
    """The same for any account, in one of its currencies."""


class BalanceQuerySchema(CurrencyQuerySchema):
    """Which moment is asked for; neither may lie in the future."""

    at = moment_in(
        load_default=None,
        metadata={"description": "what is effective up to and including it; left out: now"},
    )
    known_at = moment_in(
        load_default=None,
        metadata={"description": "only what was posted up to then; left out: all known now"},
    )


class TrialBalanceQuerySchema(ma.Schema):
    """Whose entries are added up: all, one unit's, or each unit's apart."""

    unit = fields.String(load_default=None, validate=ID, metadata={"description": "a unit's id"})
    each_unit = fields.Boolean(load_default=False)


class AccountTreeQuerySchema(CurrencyQuerySchema):
    """Which level of the tree of accounts, and where it goes on."""

    under = fields.String(
        load_default="",
        validate=validate.Length(max=300),
        metadata={
            "description": "the beginning of the accounts' names, whole parts of it: empty for the "
            "kinds, budget, budget:<unit> …"
        },
    )
    cursor = fields.String(load_default=None, validate=validate.Length(1, 200))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 100))


class ExpiringLotSchema(ma.Schema):
    """Coins that expire at the end of a month."""

    month = fields.String(metadata={"description": "the last month to spend them in, as 2027-03"})
    expires_on = fields.Date(metadata={"description": "the last day of that month"})
    coins = fields.Integer()


class WalletSchema(ma.Schema):
    """What the caller has, and how much of it may be spent."""

    balance = fields.Integer(attribute="posted", metadata={"description": "Fu coins"})
    available = fields.Integer(
        metadata={"description": "of these, what may be spent: neither held nor expired"}
    )
    held = fields.Integer(metadata={"description": "of these, what is set aside"})
    owed = fields.Integer(
        attribute="owes",
        metadata={"description": "what coins that come in pay first, after a reversal"},
    )
    expiring = fields.List(
        fields.Nested(ExpiringLotSchema),
        metadata={"description": "what expires this month and in the three after it"},
    )


class HoldingsSchema(WalletSchema):
    """The same of any account, in minor units."""

    account = fields.String()
    currency = fields.String()
    as_of = moment_out()


class BalanceSchema(ma.Schema):
    """What an account held at a moment."""

    account = fields.String()
    currency = fields.String()
    balance = fields.Integer(metadata={"description": "in minor units"})
    at = moment_out(allow_none=True, metadata={"description": "as asked; null for now"})
    known_at = moment_out(allow_none=True, metadata={"description": "as asked; null for all"})


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
    unit = fields.String(allow_none=True, metadata={"description": "whose activity it is"})
    reverses = fields.String(
        allow_none=True, metadata={"description": "the entry that this reversal undoes"}
    )
    reason = fields.String(allow_none=True, metadata={"description": "why it was reversed"})


class StatementPageSchema(ma.Schema):
    """Lines of one account, newest first."""

    account = fields.String()
    currency = fields.String()
    balance = fields.Integer(metadata={"description": "what the account holds now"})
    items = fields.List(fields.Nested(StatementLineSchema), attribute="lines")
    next_cursor = fields.String(allow_none=True)


class CurrencyTotalsSchema(ma.Schema):
    """All accounts of one currency, or what one unit's entries moved on them."""

    currency = fields.String()
    unit = fields.String(
        allow_none=True, metadata={"description": "whose entries these are, where they are apart"}
    )
    by_kind = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "kind of account → sum, in minor units"},
    )
    total = fields.Integer(metadata={"description": "zero in a sound book"})


class TrialBalanceSchema(ma.Schema):
    """Every currency that was ever posted: the last closed month's balances and what came since."""

    as_of = fields.AwareDateTime()
    starts_from = fields.String(
        allow_none=True,
        metadata={"description": "the closed month whose stored balances the sum begins with"},
    )
    agrees = fields.Boolean(metadata={"description": "whether every total is zero"})
    currencies = fields.List(fields.Nested(CurrencyTotalsSchema))


class NodeSchema(ma.Schema):
    """All accounts whose names begin alike."""

    name = fields.String(metadata={"description": "what to ask for as `under` to see below it"})
    total = fields.Integer(metadata={"description": "what they hold together, in minor units"})
    accounts = fields.Integer(metadata={"description": "how many they are"})
    has_children = fields.Boolean()


class TreePageSchema(ma.Schema):
    """One level of the tree of accounts, by name."""

    under = fields.String()
    currency = fields.String()
    items = fields.List(fields.Nested(NodeSchema), attribute="nodes")
    next_cursor = fields.String(allow_none=True)
