"""The ledger over HTTP: everybody's own wallet, and the whole book for the city's auditors."""

from typing import Any

from api.blueprint import Blueprint
from api.errors import documents
from api.ledger_schemas import (
    AccountQuerySchema,
    StatementPageSchema,
    StatementQuerySchema,
    TrialBalanceSchema,
    WalletSchema,
)
from api.signing_in import SIGNED_IN, caller, may_call
from ledger import StatementPage, TrialBalance, balance_of, statement_of, trial_balance, wallet
from people import Role, must_hold_at_root

blp = Blueprint("ledger", __name__, description="Where the coins are · 福币账本")


@blp.get("/me/wallet")
@may_call(SIGNED_IN)
@blp.response(200, WalletSchema)
def get_wallet() -> dict[str, int]:
    """The coins the caller may spend."""
    return {"balance": balance_of(wallet(caller().person_id))}


@blp.get("/me/wallet/statement")
@may_call(SIGNED_IN)
@blp.arguments(StatementQuerySchema, location="query")
@blp.response(200, StatementPageSchema)
def get_wallet_statement(query: dict[str, Any]) -> StatementPage:
    """What the caller earned and spent, newest first, each line saying what it is about."""
    return statement_of(wallet(caller().person_id), **query)


@blp.get("/trial-balance")
@may_call(Role.AUDITOR)
@documents(503)
@blp.response(200, TrialBalanceSchema)
def get_trial_balance() -> TrialBalance:
    """The totals of all accounts by kind, zero in each currency, for the city's auditors."""
    must_hold_at_root(Role.AUDITOR, by=caller())
    return trial_balance()


@blp.get("/accounts/<string:account>/statement")
@may_call(Role.AUDITOR)
@documents(404)
@blp.arguments(AccountQuerySchema, location="query")
@blp.response(200, StatementPageSchema)
def get_account_statement(query: dict[str, Any], account: str) -> StatementPage:
    """What moved on any account of the book, newest first, for the city's auditors."""
    must_hold_at_root(Role.AUDITOR, by=caller())
    return statement_of(account, **query)
