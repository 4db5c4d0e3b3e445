"""What an entry can be for, and which accounts each kind moves coins between. Pure.

The table is the law of the book: `NewEntry` refuses what it does not allow, the collection's
validator is made from it, and docs/ledger.md is held against it by a test.
"""

from enum import StrEnum
from typing import NamedTuple

from ledger.accounts import AccountKind as A


class EntryKind(StrEnum):
    """What happened that moved the coins."""

    BUDGET_GRANT = "budget_grant"
    REBALANCING = "rebalancing"
    PUBLICATION = "publication"
    REWARD = "reward"
    CASH_REWARD = "cash_reward"
    AWARD = "award"
    TASK_RETURN = "task_return"
    ORDER = "order"
    DELIVERY = "delivery"
    REDEMPTION = "redemption"
    CANCELLATION = "cancellation"
    EXPIRY = "expiry"
    REFUND = "refund"
    LOT_EXPIRY = "lot_expiry"
    DEBT_PAYMENT = "debt_payment"
    SETTLEMENT = "settlement"
    PAYMENT = "payment"
    REVERSAL = "reversal"


class Movement(NamedTuple):
    """The kinds of account that coins leave and enter in entries of one kind."""

    out_of: frozenset[A]
    into: frozenset[A]


# Whatever comes into a wallet pays first what its owner owes, hence OWED beside every WALLET.
_TO_PERSON = (A.WALLET, A.OWED)
_ALL = frozenset(A)

MOVEMENTS: dict[EntryKind, Movement] = {
    kind: Movement(frozenset(out_of), frozenset(into))
    for kind, out_of, into in (
        (EntryKind.BUDGET_GRANT, (A.ISSUED,), (A.BUDGET, A.FUND)),
        (EntryKind.REBALANCING, (A.BUDGET,), (A.BUDGET,)),
        (EntryKind.PUBLICATION, (A.BUDGET,), (A.TASK, A.TIP_POOL)),
        (EntryKind.REWARD, (A.TASK, A.BUDGET, A.TIP_POOL), _TO_PERSON),
        (EntryKind.CASH_REWARD, (A.FUND,), (A.PAYABLE,)),
        (EntryKind.AWARD, (A.FUND,), (A.VOUCHER,)),
        (EntryKind.TASK_RETURN, (A.TASK, A.TIP_POOL), (A.BUDGET,)),
        (EntryKind.ORDER, (A.WALLET,), (A.VOUCHER,)),
        (EntryKind.DELIVERY, (A.WALLET,), (A.MERCHANT,)),
        # What was ordered is coins and goes to the point's account of coins; what was awarded in
        # kind is money of a fund: owed to the point at once, or back in the fund.
        (EntryKind.REDEMPTION, (A.VOUCHER,), (A.MERCHANT, A.PAYABLE)),
        (EntryKind.CANCELLATION, (A.VOUCHER,), (*_TO_PERSON, A.FUND)),
        (EntryKind.EXPIRY, (A.VOUCHER,), (*_TO_PERSON, A.FUND, A.EXPIRED)),
        (EntryKind.REFUND, (A.MERCHANT,), _TO_PERSON),
        (EntryKind.LOT_EXPIRY, (A.WALLET,), (A.EXPIRED,)),
        (EntryKind.DEBT_PAYMENT, (A.WALLET,), (A.OWED,)),
        (EntryKind.SETTLEMENT, (A.MERCHANT, A.EXCHANGE), (A.EXCHANGE, A.PAYABLE)),
        (EntryKind.PAYMENT, (A.FUND, A.PAYABLE), (A.EXCHANGE, A.PAID)),
        # A reversal undoes an entry of any kind, so it may move between any accounts.
        (EntryKind.REVERSAL, _ALL, _ALL),
    )
}


# What can be reversed by an entry alone. The other kinds stand for something in another room (a
# voucher, a task, a line of a point's statement) that would not follow; that room's own verbs undo
# them, where they can be undone.
REVERSIBLE = frozenset(
    {
        EntryKind.BUDGET_GRANT,
        EntryKind.REWARD,
        EntryKind.CASH_REWARD,
        EntryKind.LOT_EXPIRY,
    }
)
# What brings coins back to whom an earlier entry took them from.
RETURNING = frozenset({EntryKind.CANCELLATION, EntryKind.EXPIRY, EntryKind.REFUND})


class ReasonCode(StrEnum):
    """Why an entry was reversed: a code, for an entry carries no free text."""

    POSTED_IN_ERROR = "posted_in_error"
    WORK_NOT_DONE = "work_not_done"
    FRAUD = "fraud"
    DUPLICATE = "duplicate"
    WRONG_PERSON = "wrong_person"
    WRONG_AMOUNT = "wrong_amount"
    GOODS_RETURNED = "goods_returned"
