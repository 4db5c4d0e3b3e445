"""How often something was tried of late, counted in MongoDB so that it outlives the queue."""

from datetime import datetime, timedelta

from limits import RateLimitItem, parse_many
from pymongo.errors import DuplicateKeyError

from people.attempts import Attempts
from shared.clock import real_now
from shared.database import collection
from shared.errors import TooMany


def count_attempt(key: str, limits: str) -> datetime:
    """Count one try under `key`, unless one of `limits` ("5 per hour; 20 per day") is used up.

    One guarded write decides, so tries that race are counted exactly. The moment that was
    counted. Raises TooMany.
    """
    items = parse_many(limits)
    # A lost race for the first try, or an expired document, shows at the second look.
    for _ in range(3):
        moment = real_now()
        if _counted(key, items, moment):
            return moment
        found = collection(Attempts).find_one({"_id": key})
        wait_s = _wait_s(found["times"], items) if found else 0
        if wait_s:
            raise TooMany(retry_after_s=wait_s)
    raise TooMany(retry_after_s=1)


def _counted(key: str, items: list[RateLimitItem], moment: datetime) -> bool:
    """Put this moment first, where every limit leaves room for it."""
    guards = []
    for item in items:
        # The amount-th newest try decides whether this one would be too many.
        place = f"times.{item.amount - 1}"
        window_start = moment - timedelta(seconds=item.get_expiry())
        guards.append({"$or": [{place: {"$exists": False}}, {place: {"$lte": window_start}}]})
    kept = max(item.amount for item in items)
    forget_at = moment + timedelta(seconds=max(item.get_expiry() for item in items))
    try:
        collection(Attempts).update_one(
            {"_id": key, "$and": guards},
            {
                "$push": {"times": {"$each": [moment], "$position": 0, "$slice": kept}},
                "$set": {"forget_at": forget_at},
            },
            upsert=True,
        )
    except DuplicateKeyError:
        return False
    return True


def _wait_s(times: list, items: list[RateLimitItem]) -> int:
    """Whole seconds until every limit leaves room again; 0 where it does now."""
    moment, wait_s = real_now(), 0.0
    for item in items:
        if len(times) >= item.amount:
            free_at = times[item.amount - 1] + timedelta(seconds=item.get_expiry())
            wait_s = max(wait_s, (free_at - moment).total_seconds())
    return int(wait_s) + 1 if wait_s > 0 else 0


def take_attempt_back(key: str, moment: datetime) -> None:
    """Count the try of this moment under `key` no more."""
    collection(Attempts).update_one({"_id": key}, {"$pull": {"times": moment}})


def forget_attempts(key: str) -> None:
    """Start the count under `key` anew, after a success."""
    collection(Attempts).delete_one({"_id": key})
