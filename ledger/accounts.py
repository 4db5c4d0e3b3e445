"""Account names, and what a name says: whose coins, and whether they may run below zero.

A name reads as a path, `budget:<unit>:2026:0`. The ledger knows names only: what the ids in
them belong to is for the rooms above to know.
"""

import re
from enum import StrEnum


class AccountKind(StrEnum):
    """The first word of an account's name."""

    ISSUED = "issued"
    BUDGET = "budget"
    TASK = "task"
    WALLET = "wallet"
    VOUCHER = "voucher"
    MERCHANT = "merchant"
    PAYABLE = "payable"
    EXPIRED = "expired"


# How many parts follow the kind in a name.
PARTS = {
    AccountKind.ISSUED: 2,
    AccountKind.BUDGET: 3,
    AccountKind.TASK: 1,
    AccountKind.WALLET: 1,
    AccountKind.VOUCHER: 1,
    AccountKind.MERCHANT: 1,
    AccountKind.PAYABLE: 1,
    AccountKind.EXPIRED: 0,
}

# These hold what somebody owns: they keep a stored balance that may not go below zero. The
# others are totals of the whole system; a balance for them would be in every transaction.
GUARDED = frozenset(
    {
        AccountKind.BUDGET,
        AccountKind.TASK,
        AccountKind.WALLET,
        AccountKind.VOUCHER,
        AccountKind.MERCHANT,
    }
)

_SHAPES = "|".join(kind + ":[A-Za-z0-9._-]{1,64}" * parts for kind, parts in PARTS.items())
NAME_PATTERN = f"^(?:{_SHAPES})$"
_NAME = re.compile(NAME_PATTERN)


class NoSuchAccount(ValueError):
    """Raised when a text is not the name of an account: a slip of the program, not of a person."""


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


def budget(unit_id: str, year: int, slice_number: int = 0) -> str:
    """What a unit may still spend on tasks in a year; `slice_number` splits a busy budget."""
    return _named(AccountKind.BUDGET, unit_id, f"{year:04d}", str(slice_number))


def task(task_id: str) -> str:
    """What is set aside to pay for one task."""
    return _named(AccountKind.TASK, task_id)


def wallet(person_id: str) -> str:
    """The coins one person has earned and may spend."""
    return _named(AccountKind.WALLET, person_id)


def voucher(voucher_id: str) -> str:
    """The coins paid for one voucher, until it is handed over or cancelled."""
    return _named(AccountKind.VOUCHER, voucher_id)


def merchant(point_id: str) -> str:
    """The coins a redemption point has taken in and not yet been settled for."""
    return _named(AccountKind.MERCHANT, point_id)


def payable(point_id: str) -> str:
    """What is owed to a redemption point once a statement of it is settled."""
    return _named(AccountKind.PAYABLE, point_id)


def expired() -> str:
    """Where coins go that nobody may spend any more."""
    return _named(AccountKind.EXPIRED)
