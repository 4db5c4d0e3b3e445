"""Our account names as Beancount wants them, and back. Pure.

Beancount asks for one of five roots, and for parts of letters, digits and hyphens that begin with
a capital or a digit.
"""

import re
from functools import lru_cache

from ledger.accounts import AccountKind, kind_of

# The book tells where coins lie and turns no sign: plus is into an account. So each kind stands
# under the root whose usual sign is its own. Assets are where coins lie and may move on, never
# below zero; what somebody owes runs negative, as liabilities do; so does what all coins were
# issued from, which is equity, with the two sides of exchanges beside it; payable, paid and expired
# are where coins end, as expenses do. It is a book of coins, not the city's own: from the city's
# side a wallet would be a liability, with the other sign.
ROOTS: dict[AccountKind, str] = {
    AccountKind.FUND: "Assets:Fund",
    AccountKind.BUDGET: "Assets:Budget",
    AccountKind.TASK: "Assets:Task",
    AccountKind.TIP_POOL: "Assets:TipPool",
    AccountKind.WALLET: "Assets:Wallet",
    AccountKind.VOUCHER: "Assets:Voucher",
    AccountKind.MERCHANT: "Assets:Merchant",
    AccountKind.OWED: "Liabilities:Owed",
    AccountKind.ISSUED: "Equity:Issued",
    AccountKind.EXCHANGE: "Equity:Exchange",
    AccountKind.PAYABLE: "Expenses:Payable",
    AccountKind.PAID: "Expenses:Paid",
    AccountKind.EXPIRED: "Expenses:Expired",
}
_KINDS = {root: kind for kind, root in ROOTS.items()}

_ESCAPES = {"-": "--", ".": "-d", "_": "-u"}
_ESCAPED = {escape: sign for sign, escape in _ESCAPES.items()}
# Stands before a part that begins with neither a small letter nor a digit. No other part begins
# so: a hyphen in a part is followed by another one, a d or a u.
_MARK = "0-x"


@lru_cache(maxsize=4_096)
def beancount_name(account: str) -> str:
    """The Beancount account of ours: `wallet:a.b` is `Assets:Wallet:A-db`.

    A small first letter becomes a capital; another first sign than that or a digit is kept behind
    the mark `0-x`; inside, `-`, `.` and `_` are `--`, `-d` and `-u`. No two accounts share a name.
    Raises NoSuchAccount.
    """
    kind = kind_of(account)
    return ":".join([ROOTS[kind], *map(_encoded, account.split(":")[1:])])


def account_name(beancount: str) -> str:
    """Our account whose Beancount name this is. Raises ValueError where it is none of ours."""
    root, _, rest = beancount.partition(":")
    kind, *parts = rest.split(":")
    known = _KINDS.get(f"{root}:{kind}")
    if known is None or "" in parts:
        raise ValueError(f"{beancount!r} is not the name of an account of the book")
    account = ":".join([known, *map(_decoded, parts)])
    if beancount_name(account) != beancount:
        raise ValueError(f"{beancount!r} is not the name of an account of the book")
    return account


def _encoded(part: str) -> str:
    escaped = re.sub(r"[-._]", lambda found: _ESCAPES[found.group()], part)
    if part[0].islower():
        return escaped[0].upper() + escaped[1:]
    return escaped if part[0].isdigit() else _MARK + escaped


def _decoded(part: str) -> str:
    if part.startswith(_MARK):
        part = part.removeprefix(_MARK)
    elif part[0].isupper():
        part = part[0].lower() + part[1:]
    return re.sub(r"-[-du]", lambda found: _ESCAPED[found.group()], part)
