"""The ledger over HTTP: everybody's own wallet, and the whole book for the city's auditors."""

from typing import Any

from api.blueprint import Blueprint
from api.errors import documents
from api.ledger_schemas import (
    AccountQuerySchema,
    AccountTreeQuerySchema,
    BalanceQuerySchema,
    BalanceSchema,
    CurrencyQuerySchema,
    HoldingsSchema,
    StatementPageSchema,
    StatementQuerySchema,
    TreePageSchema,
    TrialBalanceQuerySchema,
    TrialBalanceSchema,
    WalletSchema,
)
from api.signing_in import SIGNED_IN, caller, may_call
from ledger import (
    Holdings,
    StatementPage,
    TreePage,
    TrialBalance,
    account_tree,
    balance_at,
    holdings_of,
    owed,
    statement_of,
    trial_balance,
    wallet,
)
from people import Role, must_hold_at_root

blp = Blueprint("ledger", __name__, description="Where the coins are · 福币账本")


@blp.get("/me/wallet")
@may_call(SIGNED_IN)
@blp.response(200, WalletSchema)
def get_wallet() -> Holdings:
    """The caller's coins: how many there are, may be spent, are held, owed, and expire soon."""
    return holdings_of(wallet(caller().person_id))


@blp.get("/me/wallet/statement")
@may_call(SIGNED_IN)
@blp.arguments(StatementQuerySchema, location="query")
@blp.response(200, StatementPageSchema)
def get_wallet_statement(query: dict[str, Any]) -> StatementPage:
    """What the caller earned and spent, newest first, each line saying what it is about."""
    return statement_of(wallet(caller().person_id), **query)


@blp.get("/me/wallet/debt/statement")
@may_call(SIGNED_IN)
@blp.arguments(StatementQuerySchema, location="query")
@blp.response(200, StatementPageSchema)
def get_debt_statement(query: dict[str, Any]) -> StatementPage:
    """What the caller came to owe (minus) by reversals, and what paid it (plus), newest first."""
    return statement_of(owed(caller().person_id), **query)


@blp.get("/trial-balance")
@may_call(Role.AUDITOR)
@documents(503)
@blp.arguments(TrialBalanceQuerySchema, location="query")
@blp.response(200, TrialBalanceSchema)
def get_trial_balance(query: dict[str, Any]) -> TrialBalance:
    """The totals of all accounts by kind, zero in each currency, for the city's auditors."""
    must_hold_at_root(Role.AUDITOR, by=caller())
    return trial_balance(**query)


@blp.get("/account-tree")
@may_call(Role.AUDITOR)
@blp.arguments(AccountTreeQuerySchema, location="query")
@blp.response(200, TreePageSchema)
def get_account_tree(query: dict[str, Any]) -> TreePage:
    """The totals one level below a beginning of account names, for the city's auditors."""
    must_hold_at_root(Role.AUDITOR, by=caller())
    return account_tree(**query)


@blp.get("/accounts/<string:account>/balance")
@may_call(Role.AUDITOR)
@documents(404)
@blp.arguments(BalanceQuerySchema, location="query")
@blp.response(200, BalanceSchema)
def get_account_balance(query: dict[str, Any], account: str) -> dict[str, Any]:
    """What any account held at a moment, as known then or now, for the city's auditors."""
    must_hold_at_root(Role.AUDITOR, by=caller())
    return {"account": account, **query, "balance": balance_at(account, **query)}


@blp.get("/accounts/<string:account>/holdings")
@may_call(Role.AUDITOR)
@documents(404)
@blp.arguments(CurrencyQuerySchema, location="query")
@blp.response(200, HoldingsSchema)
def get_account_holdings(query: dict[str, Any], account: str) -> Holdings:
    """What any account holds now, and how much of it may be spent, for the city's auditors."""
    must_hold_at_root(Role.AUDITOR, by=caller())
    return holdings_of(account, **query)


@blp.get("/accounts/<string:account>/statement")
@may_call(Role.AUDITOR)
@documents(404)
@blp.arguments(AccountQuerySchema, location="query")
@blp.response(200, StatementPageSchema)
def get_account_statement(query: dict[str, Any], account: str) -> StatementPage:
    """What moved on any account of the book, newest first, for the city's auditors."""
    must_hold_at_root(Role.AUDITOR, by=caller())
    return statement_of(account, **query)
