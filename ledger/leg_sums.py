"""Adding up what entries moved on one account: the server sums, by the index on accounts."""

from typing import Any

from pymongo.client_session import ClientSession

from ledger.entry import Entry
from shared.database import collection

# Said to the server outright: where few entries are new, it may prefer the index on the time
# alone, remember that, and then read the whole book for an account that rests.
BY_ACCOUNT = [("legs.account", 1), ("posted_at", -1), ("_id", -1)]


def touching(account: str, currency: str) -> dict[str, Any]:
    """The query that is true of entries with a leg on the account in the currency."""
    # The name stands beside $elemMatch so that the index on it can serve the order as well.
    return {
        "legs.account": account,
        "legs": {"$elemMatch": {"account": account, "currency": currency}},
    }


def amount_on(account: str, currency: str) -> dict[str, Any]:
    """The expression of what an entry moves on the account, in minor units."""
    own = {"$and": [{"$eq": ["$$this.account", account]}, {"$eq": ["$$this.currency", currency]}]}
    legs = {"$filter": {"input": "$legs", "cond": own}}
    return {"$sum": {"$map": {"input": legs, "in": "$$this.amount"}}}


def sum_of_legs(
    account: str, currency: str, which: dict[str, Any], session: ClientSession | None
) -> int:
    """The sum of the account's legs over the entries that `which` picks, in minor units."""
    steps: list[dict[str, Any]] = [
        {"$match": {**touching(account, currency), **which}},
        {"$group": {"_id": None, "total": {"$sum": amount_on(account, currency)}}},
    ]
    for group in collection(Entry).aggregate(steps, session=session, hint=dict(BY_ACCOUNT)):
        return int(group["total"])
    return 0
