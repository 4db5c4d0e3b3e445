"""The coins: account names, entries, balances, statements, and the proof that they agree.

Double entry: an entry moves coins between accounts and sums to zero in each currency. It is
posted by `post` or `post_one`, the only writers, under a key that makes the repeat harmless.
The ledger knows the names of accounts and nothing of the people and tasks they belong to.
"""

from ledger import accounts
from ledger.account_levels import Node, NoSuchBranch, TreePage, account_tree
from ledger.accounts import (
    GENERAL_FUND,
    AccountKind,
    NoSuchAccount,
    budget,
    exchange,
    expired,
    fund,
    is_guarded,
    issued,
    kind_of,
    merchant,
    owed,
    paid,
    payable,
    task,
    tip_pool,
    voucher,
    wallet,
)
from ledger.balance import (
    Balance,
)
from ledger.balances_at import NotYetKnown, balance_at
from ledger.book import (
    InsideATransaction,
    post,
    post_one,
    posted_before,
)
from ledger.book_closing import (
    ClosedMonth,
)
from ledger.budget_draws import first_drawn_at, net_drawn
from ledger.budget_slices import (
    BudgetSlice,
    HeldBudget,
    quarters_holding_coins,
    slices_in_year,
    slices_of,
)
from ledger.closing_months import (
    BadMonth,
    MonthBalancePage,
    MonthNotClosed,
    MonthOutOfOrder,
    NotOverYet,
    close_month,
    closed_month,
    closed_months,
    finish_closings,
    month_balances_of,
)
from ledger.entry import (
    Currency,
    Entry,
)
from ledger.entry_kinds import (
    EntryKind,
    ReasonCode,
)
from ledger.exports.export_reading import BadMonths, ExportTooLong
from ledger.exports.exporting import (
    Exported,
    ExportFormat,
    ExportStalled,
    ExportUnderWay,
    TooManyMonths,
    export_in_turn,
    export_to_file,
)
from ledger.hold import (
    Hold,
    HoldState,
)
from ledger.holding import (
    BeyondHold,
    HoldConflict,
    HoldNotFound,
    HoldOver,
    hold_coins,
    hold_of,
    release_hold,
    release_overdue_holds,
    settle_hold,
)
from ledger.holdings import (
    AccountNotFound,
    ExpiringLot,
    Holdings,
    balance_of,
    balances_of,
    holdings_of,
)
from ledger.new_entry import (
    Leg,
    NewEntry,
    UnsoundEntry,
)
from ledger.outcomes import (
    DatedAhead,
    DatedInFuture,
    EntryConflict,
    EntryRejected,
    Exists,
    InClosedMonth,
    InsufficientCoins,
    KeyConflict,
    MonthClosed,
    Outcome,
    Overdrawn,
    Posted,
    Rejected,
    Unknown,
)
from ledger.proof.audit import (
    prove,
    prove_book,
)
from ledger.proof.findings import (
    BookProof,
    Finding,
    FindingKind,
)
from ledger.reversal_request import (
    ReversalState,
)
from ledger.reversals import (
    EntryNotFound,
    Reversal,
    ReversalPage,
    SeenEntry,
    entry_of,
    reversals_in,
)
from ledger.reversed_entries import (
    BroughtBack,
    reversals_into,
    reversed_among,
)
from ledger.reversing import (
    AlreadyReversed,
    CannotReverse,
    NotBeforeTheEntry,
    ReversalDecided,
    ReversalNotFound,
    ReversalWaiting,
    SameOfficer,
    approve_reversal,
    decline_reversal,
    reverse_entry,
)
from ledger.seals.heads import (
    Head,
    PublicKey,
    SealNotFound,
    public_keys,
    published_head,
)
from ledger.seals.inclusion import (
    NotSealedYet,
    Proof,
    inclusion_proof,
)
from ledger.seals.seal_audit import (
    SealFinding,
    seal_findings,
)
from ledger.seals.sealing_entries import (
    seal_entries,
)
from ledger.statements import (
    Direction,
    StatementLine,
    StatementPage,
    statement_of,
)
from ledger.trial_balances import (
    CurrencyTotals,
    TrialBalance,
    trial_balance,
)

__all__ = [
    "GENERAL_FUND",
    "AccountKind",
    "AccountNotFound",
    "AlreadyReversed",
    "BadMonth",
    "BadMonths",
    "Balance",
    "BeyondHold",
    "BookProof",
    "BroughtBack",
    "BudgetSlice",
    "CannotReverse",
    "ClosedMonth",
    "Currency",
    "CurrencyTotals",
    "DatedAhead",
    "DatedInFuture",
    "Direction",
    "Entry",
    "EntryConflict",
    "EntryKind",
    "EntryNotFound",
    "EntryRejected",
    "Exists",
    "ExpiringLot",
    "ExportFormat",
    "ExportStalled",
    "ExportTooLong",
    "ExportUnderWay",
    "Exported",
    "Finding",
    "FindingKind",
    "Head",
    "HeldBudget",
    "Hold",
    "HoldConflict",
    "HoldNotFound",
    "HoldOver",
    "HoldState",
    "Holdings",
    "InClosedMonth",
    "InsideATransaction",
    "InsufficientCoins",
    "KeyConflict",
    "Leg",
    "MonthBalancePage",
    "MonthClosed",
    "MonthNotClosed",
    "MonthOutOfOrder",
    "NewEntry",
    "NoSuchAccount",
    "NoSuchBranch",
    "Node",
    "NotBeforeTheEntry",
    "NotOverYet",
    "NotSealedYet",
    "NotYetKnown",
    "Outcome",
    "Overdrawn",
    "Posted",
    "Proof",
    "PublicKey",
    "ReasonCode",
    "Rejected",
    "Reversal",
    "ReversalDecided",
    "ReversalNotFound",
    "ReversalPage",
    "ReversalState",
    "ReversalWaiting",
    "SameOfficer",
    "SealFinding",
    "SealNotFound",
    "SeenEntry",
    "StatementLine",
    "StatementPage",
    "TooManyMonths",
    "TreePage",
    "TrialBalance",
    "Unknown",
    "UnsoundEntry",
    "account_tree",
    "accounts",
    "approve_reversal",
    "balance_at",
    "balance_of",
    "balances_of",
    "budget",
    "close_month",
    "closed_month",
    "closed_months",
    "decline_reversal",
    "entry_of",
    "exchange",
    "expired",
    "export_in_turn",
    "export_to_file",
    "finish_closings",
    "first_drawn_at",
    "fund",
    "hold_coins",
    "hold_of",
    "holdings_of",
    "inclusion_proof",
    "is_guarded",
    "issued",
    "kind_of",
    "merchant",
    "month_balances_of",
    "net_drawn",
    "owed",
    "paid",
    "payable",
    "post",
    "post_one",
    "posted_before",
    "prove",
    "prove_book",
    "public_keys",
    "published_head",
    "quarters_holding_coins",
    "release_hold",
    "release_overdue_holds",
    "reversals_in",
    "reversals_into",
    "reverse_entry",
    "reversed_among",
    "seal_entries",
    "seal_findings",
    "settle_hold",
    "slices_in_year",
    "slices_of",
    "statement_of",
    "task",
    "tip_pool",
    "trial_balance",
    "voucher",
    "wallet",
]
