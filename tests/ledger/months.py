"""Months before this one, and what accounts held at their end: as stored, and counted anew."""

from collections import defaultdict
from datetime import datetime, timedelta

from ledger.book_closing import MonthBalance
from ledger.entry import Entry
from shared.clock import business_month, business_month_start, month_later, real_now
from shared.database import collection


def ago(months: int) -> str:
    """The month so many before this one."""
    return month_later(business_month(real_now()), -months)


def inside(month: str, hours: int = 1) -> datetime:
    """A moment so many hours after the month began."""
    return business_month_start(month) + timedelta(hours=hours)


def recounted(month: str) -> dict[tuple[str, str], int]:
    """What every account held at the month's end, added up here from every single entry."""
    ends_at = business_month_start(month_later(month, 1))
    sums = defaultdict(int)
    for entry in collection(Entry).find({"effective_at": {"$lt": ends_at}}):
        for leg in entry["legs"]:
            sums[leg["account"], leg["currency"]] += int(leg["amount"])
    return dict(sums)


def stored_at_end_of(month: str) -> dict[tuple[str, str], int]:
    """The same as it is stored: the newest balance of each account up to the month."""
    found = collection(MonthBalance).find({"month": {"$lte": month}}).sort("month", 1)
    return {(one["account"], one["currency"]): one["balance"] for one in found}
