"""Counting what a person does in a day, so that a daily limit holds against any number of races."""

from contextlib import suppress
from datetime import timedelta

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from catalog.day_count import DayCount
from shared.clock import in_business_time, now, real_now
from shared.database import collection

# Long enough to be looked into, and to outlast any clock that is wrong.
KEPT = timedelta(days=40)


def open_count(what: str, person_id: str) -> str:
    """The id of today's count of `what` a person does, opened where it is the day's first.

    Today is the day of the business time zone. Called before the transaction that counts: there,
    a first count of two at once could not be told from one too many.
    """
    count_id = f"{what}:{person_id}:{in_business_time(now())[:10]}"
    fresh = {"count": 0, "expires_at": real_now() + KEPT}
    with suppress(DuplicateKeyError):  # somebody opened it this moment
        collection(DayCount).update_one({"_id": count_id}, {"$setOnInsert": fresh}, upsert=True)
    return count_id


def count_one(count_id: str, most: int, session: ClientSession) -> bool:
    """Count one more inside the caller's transaction; False where `most` were counted before."""
    counted = collection(DayCount).update_one(
        {"_id": count_id, "count": {"$lt": most}}, {"$inc": {"count": 1}}, session=session
    )
    return counted.modified_count == 1
