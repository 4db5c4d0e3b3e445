"""The balances stored at the end of closed months, from which a sum need not begin at the start.

A closed month takes no entry any more, so what stands here is for ever; what is effective after
a month's end was also posted after it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo.client_session import ClientSession

from ledger.book_closing import THE_BOOK, BookClosing, MonthBalance
from shared.clock import business_month_start, month_later
from shared.database import collection

# An entry's own date may come from a host whose clock is ahead of the one that closed the month.
CLOCKS_APART = timedelta(minutes=5)


@dataclass(frozen=True)
class MonthEnd:
    """The end of a closed month: `ends_at` is the first moment of the next one.

    All that is effective before `ends_at` was posted by `known_by`.
    """

    month: str
    ends_at: datetime
    known_by: datetime

    @property
    def later(self) -> dict[str, Any]:
        """The query that is true of entries effective after this month."""
        return {"posted_at": {"$gte": self.ends_at}, "effective_at": {"$gte": self.ends_at}}


def month_ends(session: ClientSession | None = None) -> list[MonthEnd]:
    """The closed months whose balances, and all balances before, are stored; oldest first."""
    book = collection(BookClosing).find_one({"_id": THE_BOOK}, session=session) or {}
    ends: list[MonthEnd] = []
    for closed in sorted(book.get("months", ()), key=lambda closed: str(closed["month"])):
        if not closed["stored"]:
            break
        ends_at = business_month_start(month_later(closed["month"], 1))
        ends.append(MonthEnd(closed["month"], ends_at, closed["closed_at"] + CLOCKS_APART))
    return ends


def newest_month_end(session: ClientSession | None = None) -> MonthEnd | None:
    """The last month whose balances are stored; None where none is closed."""
    ends = month_ends(session)
    return ends[-1] if ends else None


def balance_at_month_end(
    account: str, currency: str, end: MonthEnd, session: ClientSession | None = None
) -> int:
    """What the account held at the end of the month, by effective date, in minor units."""
    found = collection(MonthBalance).find_one(
        {"account": account, "currency": currency, "month": {"$lte": end.month}},
        {"balance": 1},
        sort=[("month", -1)],
        session=session,
    )
    return int(found["balance"]) if found else 0


def month_end_balances(end: MonthEnd, which: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps that give {account, currency, balance} at the month's end, of those in `which`."""
    return [
        {"$match": {**which, "month": {"$lte": end.month}}},
        {"$sort": {"account": 1, "currency": 1, "month": -1}},
        {
            "$group": {
                "_id": {"account": "$account", "currency": "$currency"},
                "balance": {"$first": "$balance"},
            }
        },
        {
            "$project": {
                "_id": 0,
                "account": "$_id.account",
                "currency": "$_id.currency",
                "balance": 1,
            }
        },
    ]
