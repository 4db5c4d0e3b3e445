"""A book with a past: entries as they would stand had they been posted then, and closed months."""

import itertools
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

from bson import Int64

from ledger import Balance, Entry, is_guarded
from ledger.balance import balance_id
from ledger.book_closing import THE_BOOK, BookClosing, MonthBalance
from shared.clock import business_month, business_month_start, month_later
from shared.database import collection, database
from shared.ids import new_id
from tests.ledger.coins import kind_between

BOOK = (Entry, Balance, BookClosing, MonthBalance)


class PastBook:
    """Writes straight to the database what `post` and `close_month` would have left there."""

    def __init__(self):
        self.entries = []
        self.closed = []
        self.numbers = itertools.count()

    def write(self, coins, source, target, at, posted_at=None, *, currency="FUB", **more):
        """The id of an entry effective `at` and posted then, or at `posted_at`."""
        (entry_id,) = self.write_all([(coins, source, target, at, posted_at or at)], currency, more)
        return entry_id

    def write_all(self, moves, currency="FUB", more=None):
        """The ids of many entries, each (coins, source, target, effective_at, posted_at)."""
        made = [self._entry(*move, currency) | (more or {}) for move in moves]
        collection(Entry).insert_many(made)
        changes, entries = Counter(), Counter()
        for entry in made:
            for leg in entry["legs"]:
                if is_guarded(leg["account"]):
                    changes[balance_id(leg["account"], leg["currency"])] += leg["amount"]
                    entries[balance_id(leg["account"], leg["currency"])] += 1
        for name, change in changes.items():
            collection(Balance).update_one(
                {"_id": name},
                {"$inc": {"posted": Int64(change), "entries": entries[name]}},
                upsert=True,
            )
        self.entries += made
        return [entry["_id"] for entry in made]

    def _entry(self, coins, source, target, at, posted_at, currency):
        return {
            "_id": new_id(),
            "key": f"past:{next(self.numbers)}",
            "request_hash": "0" * 64,
            "kind": kind_between(source, target).value,
            "legs": [
                {"account": source, "currency": currency, "amount": Int64(-coins)},
                {"account": target, "currency": currency, "amount": Int64(coins)},
            ],
            "about": {"kind": "voucher", "id": "v1"},
            "effective_at": at,
            "posted_at": posted_at,
        }

    def close(self, month, closed_at, *, stored=True):
        """Close the month as of then, with the balances of what moved since the last closing."""
        ends_at = business_month_start(month_later(month, 1))
        since = self.closed[-1] if self.closed else "0000-00"
        if stored:
            for account, currency in sorted(
                {
                    (leg["account"], leg["currency"])
                    for entry in self.entries
                    if since < business_month(entry["effective_at"]) <= month
                    for leg in entry["legs"]
                }
            ):
                balance = self.recount(account, ends_at - timedelta(milliseconds=1), None, currency)
                collection(MonthBalance).insert_one(
                    {
                        "_id": f"{month}|{account}|{currency}",
                        "month": month,
                        "account": account,
                        "currency": currency,
                        "balance": Int64(balance),
                    }
                )
        closed = {"month": month, "closed_by": "o1", "closed_at": closed_at, "stored": stored}
        collection(BookClosing).update_one(
            {"_id": THE_BOOK},
            {"$set": {"closed_through": month}, "$push": {"months": closed}},
            upsert=True,
        )
        self.closed.append(month)

    def recount(self, account, at=None, known_at=None, currency="FUB"):
        """What the account held, by the plainest of sums."""
        return sum(
            leg["amount"]
            for entry in self.entries
            if (at is None or entry["effective_at"] <= at)
            and (known_at is None or entry["posted_at"] <= known_at)
            for leg in entry["legs"]
            if (leg["account"], leg["currency"]) == (account, currency)
        )

    def take_away(self):
        """Forget the book, here and in the database."""
        for document in BOOK:
            collection(document).delete_many({})
        self.__init__()


@contextmanager
def profiled():
    """Gives a list that is filled, at the end of the block, with what the server did in it.

    Each is the profiler's record of a command: its collection, plan, keys and documents examined.
    """
    records = []
    database().command("profile", 2)
    try:
        yield records
    finally:
        database().command("profile", 0)
        found = list(database()["system.profile"].find({"ns": {"$not": {"$regex": "profile"}}}))
        records += [record for record in found if record["op"] in ("query", "command")]
        database()["system.profile"].drop()


def examined(records, document):
    """How many documents of a collection were read."""
    namespace = f"{database().name}.{collection(document).name}"
    return sum(record.get("docsExamined", 0) for record in records if record["ns"] == namespace)
