"""What a phone app sent and nobody can use is noted for its owner: why, and never where."""

from collections.abc import Sequence

from pymongo import ReplaceOne, ReturnDocument

from shared.clock import real_now
from shared.database import collection
from tasks.devices.device import Device
from tasks.devices.quarantined_fix import KEPT_FOR, MAX_QUARANTINED, QuarantinedFix
from tasks.devices.readings import Unusable

MAX_ABOUT = 100


def quarantine(device_id: str, unusable: Sequence[Unusable]) -> None:
    """Note what was of no use, the newest of each device in a ring of MAX_QUARANTINED."""
    noted = unusable[-MAX_QUARANTINED:]
    if not noted:
        return
    counted = collection(Device).find_one_and_update(
        {"_id": device_id},
        {"$inc": {"quarantined": len(noted)}},
        {"quarantined": 1},
        return_document=ReturnDocument.AFTER,
    )
    if counted is None:
        return  # revoked meanwhile
    moment = real_now()
    first = counted["quarantined"] - len(noted)
    rows = [
        {
            "_id": f"{device_id}:{(first + index) % MAX_QUARANTINED}",
            "device_id": device_id,
            "why": one.why,
            "about": one.about[:MAX_ABOUT],
            "received_at": moment,
            "forget_at": moment + KEPT_FOR,
        }
        for index, one in enumerate(noted)
    ]
    collection(QuarantinedFix).bulk_write(
        [ReplaceOne({"_id": row["_id"]}, row, upsert=True) for row in rows]
    )
