"""Lots that are over: the job that takes them out of wallets.

A coin whose month is over cannot be spent from that moment on, whoever works or not; the job
only moves it. So it may run late, twice, or break off anywhere.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ledger.accounts import expired
from ledger.balance import Balance
from ledger.book import post
from ledger.entry_kinds import EntryKind
from ledger.lots import is_over
from ledger.new_entry import Leg, NewEntry
from ledger.outcomes import Posted
from shared.clock import business_month, real_now
from shared.database import collection

# A coin may come into the ending month by a host whose clock is a little behind this one's.
CLOCK_SKEW = timedelta(minutes=10)
WALLETS_A_RUN = 2_000


def expire_lots() -> int:
    """Move the coins of every lot that is over from its wallet to `expired`; how many lots."""
    moment = real_now() - CLOCK_SKEW
    over = {"earliest_lot": {"$lt": business_month(moment)}}
    found = collection(Balance).find(over).sort("earliest_lot", 1).limit(WALLETS_A_RUN)
    entries = [entry for balance in found for entry in _expiries(balance, moment)]
    return sum(isinstance(outcome, Posted) for outcome in post(entries))


def _expiries(balance: Mapping[str, Any], moment: datetime) -> list[NewEntry]:
    """One entry for each lot that is over; its key names the state of the wallet it was read in.

    Two runs that read the same state make the same entry; one that read an older state asks for
    no more than the lot still holds, or is refused, and the next run reads again.
    """
    account, _, currency = balance["_id"].partition("|")
    return [
        NewEntry(
            key=f"lot-expiry:{account}:{currency}:{month}:{balance['entries']}",
            kind=EntryKind.LOT_EXPIRY,
            legs=[Leg(account, -int(coins), currency), Leg(expired(), int(coins), currency)],
            about=("lot", month),
        )
        for month, coins in sorted(balance["lots"].items())
        if coins and is_over(month, moment)
    ]
