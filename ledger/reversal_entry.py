"""The entry that undoes another one, made from the other as it is stored. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ledger.accounts import AccountKind, wallet_beside
from ledger.entry import KEY_PATTERN
from ledger.entry_kinds import EntryKind, ReasonCode
from ledger.new_entry import Leg, NewEntry

_OWED = f"{AccountKind.OWED}:"


def amount_of(entry: Mapping[str, Any]) -> tuple[int, str]:
    """What an entry moves, in minor units, in the currency in which that is most, and which."""
    sums: dict[str, int] = defaultdict(int)
    for leg in entry["legs"]:
        sums[leg["currency"]] += max(0, int(leg["amount"]))
    return max((amount, currency) for currency, amount in sums.items())


def by_owner(moved: Iterable[tuple[str, str, int]]) -> dict[tuple[str, str], int]:
    """What (account, currency, amount) come to, a wallet and what its owner owes as one account."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for account, currency, amount in moved:
        if account.startswith(_OWED):
            account = wallet_beside(account)
        sums[account, currency] += int(amount)
    return {name: net for name, net in sums.items() if net}


def reversal_entry(
    original: Mapping[str, Any], reason: ReasonCode, effective_at: datetime
) -> NewEntry:
    """The entry that undoes `original`: its legs turned round, a wallet and its debt as one."""
    sums = by_owner((leg["account"], leg["currency"], -leg["amount"]) for leg in original["legs"])
    key = f"{EntryKind.REVERSAL}:{original['key']}"
    return NewEntry(
        # The longest keys leave no room in front; the entry's id is as much its own.
        key=key if re.fullmatch(KEY_PATTERN, key) else f"{EntryKind.REVERSAL}:{original['_id']}",
        kind=EntryKind.REVERSAL,
        legs=[Leg(account, net, currency) for (account, currency), net in sums.items()],
        about=(original["about"]["kind"], original["about"]["id"]),
        effective_at=effective_at,
        unit=original.get("unit"),
        reverses=original["_id"],
        reason=reason,
    )
