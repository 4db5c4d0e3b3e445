"""Account names, and what a name says: whose coins, and whether they may run below zero.

A name reads as a path, `budget:<unit>:<fund>:2026:0`. The ledger knows names only: what the ids
in them belong to is for the rooms above to know.
"""

import re
from enum import StrEnum
from functools import lru_cache


class AccountKind(StrEnum):
    """The first word of an account's name."""

    ISSUED = "issued"
    FUND = "fund"
    BUDGET = "budget"
    TASK = "task"
    TIP_POOL = "tip-pool"
    WALLET = "wallet"
    OWED = "owed"
    VOUCHER = "voucher"
    MERCHANT = "merchant"
    PAYABLE = "payable"
    PAID = "paid"
    EXCHANGE = "exchange"
    EXPIRED = "expired"


# What follows the kind in a name, part by part.
PARTS: dict[AccountKind, tuple[str, ...]] = {
    AccountKind.ISSUED: ("code", "year"),
    AccountKind.FUND: ("fund", "year"),
    AccountKind.BUDGET: ("unit", "fund", "period", "slice"),
    AccountKind.TASK: ("task",),
    AccountKind.TIP_POOL: (),
    AccountKind.WALLET: ("person",),
    AccountKind.OWED: ("person",),
    AccountKind.VOUCHER: ("voucher",),
    AccountKind.MERCHANT: ("point",),
    AccountKind.PAYABLE: ("point",),
    AccountKind.PAID: ("point",),
    AccountKind.EXCHANGE: ("currency",),
    AccountKind.EXPIRED: (),
}

# These hold what somebody owns: they keep a stored balance that may not go below zero. The
# others are totals of the whole system; a balance for them would be in every transaction. What a
# person owes is kept in the balance of their wallet (see balance.py), for the two move together.
GUARDED = frozenset(
    {
        AccountKind.FUND,
        AccountKind.BUDGET,
        AccountKind.TASK,
        AccountKind.TIP_POOL,
        AccountKind.WALLET,
        AccountKind.VOUCHER,
        AccountKind.MERCHANT,
    }
)

# The fund of a budget that is not tied to a special one.
GENERAL_FUND = "general"

_SHAPES = "|".join(kind + ":[A-Za-z0-9._-]{1,64}" * len(parts) for kind, parts in PARTS.items())
NAME_PATTERN = f"^(?:{_SHAPES})$"
_NAME = re.compile(NAME_PATTERN)


class NoSuchAccount(ValueError):
    """Raised when a text is not the name of an account: a slip of the program, not of a person."""


@lru_cache(maxsize=32_768)
def kind_of(account: str) -> AccountKind:
    """What kind of account the name means. Raises NoSuchAccount."""
    if not _NAME.fullmatch(account):
        raise NoSuchAccount(f"{account!r} is not the name of an account")
    return AccountKind(account.partition(":")[0])


def is_guarded(account: str) -> bool:
    """Whether the account keeps a stored balance that never goes below zero."""
    return kind_of(account) in GUARDED


def _named(kind: AccountKind, *parts: str) -> str:
    account = ":".join((kind, *parts))
    kind_of(account)
    return account


def issued(code: str, year: int) -> str:
    """The counter-account of all coins a district (its code) issued in a year; runs negative."""
    return _named(AccountKind.ISSUED, code, f"{year:04d}")


def fund(name: str, year: int) -> str:
    """The money set aside in a year under a name of its own, for rewards in cash and in kind."""
    return _named(AccountKind.FUND, name, f"{year:04d}")


def budget(
    unit_id: str,
    year: int,
    slice_number: int = 0,
    *,
    fund: str = GENERAL_FUND,
    quarter: int | None = None,
) -> str:
    """What a unit may still spend out of a fund in a year, or in a quarter of it (1 to 4) where it
    was set aside for that; `slice_number` splits a busy budget.
    """
    return _named(
        AccountKind.BUDGET, unit_id, fund, budget_period(year, quarter), str(slice_number)
    )


def budget_period(year: int, quarter: int | None = None) -> str:
    """The period in a budget's name: 2026, or 2026Q3 for what is set aside for a quarter."""
    return f"{year:04d}" if quarter is None else f"{year:04d}Q{quarter}"


def task(task_id: str) -> str:
    """What is set aside to pay for one task."""
    return _named(AccountKind.TASK, task_id)


def tip_pool() -> str:
    """The coins promised for tips and not yet taken by their senders."""
    return _named(AccountKind.TIP_POOL)


def wallet(person_id: str) -> str:
    """The coins one person has earned and may spend."""
    return _named(AccountKind.WALLET, person_id)


def owed(person_id: str) -> str:
    """What one person owes since a reward was reversed that they had spent; runs negative."""
    return _named(AccountKind.OWED, person_id)


def owed_beside(wallet_account: str) -> str:
    """The account of what the owner of this wallet owes."""
    return owed(wallet_account.partition(":")[2])


def wallet_beside(owed_account: str) -> str:
    """The wallet of who owes on this account."""
    return wallet(owed_account.partition(":")[2])


def voucher(voucher_id: str) -> str:
    """The coins paid for a voucher, or the fen of one awarded, until it is handed over or ends."""
    return _named(AccountKind.VOUCHER, voucher_id)


def merchant(point_id: str) -> str:
    """The coins a redemption point has taken in and not yet been settled for."""
    return _named(AccountKind.MERCHANT, point_id)


def payable(point_id: str) -> str:
    """What is owed to a redemption point, or to a person in cash, once it is settled."""
    return _named(AccountKind.PAYABLE, point_id)


def paid(point_id: str) -> str:
    """What a redemption point was ever paid of what was owed to it."""
    return _named(AccountKind.PAID, point_id)


def exchange(currency: str) -> str:
    """Where one currency goes in against another; its balance is what was ever exchanged."""
    return _named(AccountKind.EXCHANGE, currency)


def expired() -> str:
    """Where coins go that nobody may spend any more."""
    return _named(AccountKind.EXPIRED)
