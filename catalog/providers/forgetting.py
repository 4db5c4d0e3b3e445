"""Forgetting: the phone of a delivery that ended long ago is no longer needed, not even sealed."""

from datetime import timedelta

from catalog.providers.delivery import TopUpDelivery
from shared.clock import real_now
from shared.database import collection

# Longer than a person or a provider takes to ask about a delivery.
KEPT_AFTER_END = timedelta(days=90)
MOST_PER_RUN = 500


def forget_phones() -> int:
    """Erase the sealed phones of deliveries that ended 90 days ago or earlier; how many."""
    long_ago = {
        "recipient_sealed": {"$exists": True},
        "ended_at": {"$lte": real_now() - KEPT_AFTER_END},
    }
    found = collection(TopUpDelivery).find(long_ago, {"_id": 1}).limit(MOST_PER_RUN)
    ids = [row["_id"] for row in found]
    if not ids:
        return 0
    erased = collection(TopUpDelivery).update_many(
        {"_id": {"$in": ids}}, {"$unset": {"recipient_sealed": ""}}
    )
    return int(erased.modified_count)
