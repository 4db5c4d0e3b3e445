"""The coins: account names, entries, balances, statements, and the proof that they agree.

Double entry: an entry moves coins between accounts and sums to zero in each currency. It is
posted by `post` or `post_one`, the only writers, under a key that makes the repeat harmless.
The ledger knows the names of accounts and nothing of the people and tasks they belong to.
"""

from ledger import accounts
from ledger.accounts import (
    AccountKind,
    NoSuchAccount,
    budget,
    expired,
    is_guarded,
    issued,
    kind_of,
    merchant,
    payable,
    task,
    voucher,
    wallet,
)
from ledger.audit import (
    CurrencyTotals,
    Finding,
    FindingKind,
    TrialBalance,
    prove,
    trial_balance,
)
from ledger.balance import Balance
from ledger.book import (
    EntryConflict,
    Exists,
    InsufficientCoins,
    KeyConflict,
    Outcome,
    Overdrawn,
    Posted,
    post,
    post_one,
    posted_before,
)
from ledger.entry import Currency, Entry, EntryKind
from ledger.new_entry import Leg, NewEntry, UnsoundEntry
from ledger.statements import (
    AccountNotFound,
    StatementLine,
    StatementPage,
    balance_of,
    statement_of,
)

__all__ = [
    "AccountKind",
    "AccountNotFound",
    "Balance",
    "Currency",
    "CurrencyTotals",
    "Entry",
    "EntryConflict",
    "EntryKind",
    "Exists",
    "Finding",
    "FindingKind",
    "InsufficientCoins",
    "KeyConflict",
    "Leg",
    "NewEntry",
    "NoSuchAccount",
    "Outcome",
    "Overdrawn",
    "Posted",
    "StatementLine",
    "StatementPage",
    "TrialBalance",
    "UnsoundEntry",
    "accounts",
    "balance_of",
    "budget",
    "expired",
    "is_guarded",
    "issued",
    "kind_of",
    "merchant",
    "payable",
    "post",
    "post_one",
    "posted_before",
    "prove",
    "statement_of",
    "task",
    "trial_balance",
    "voucher",
    "wallet",
]
