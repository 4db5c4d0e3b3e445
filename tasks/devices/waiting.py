"""How long a judge waits for a phone app that may still have a queue to empty."""

from datetime import datetime, timedelta

from shared.clock import real_now
from shared.database import collection
from shared.sealing import keyed_hashes
from tasks.devices.device import Device
from tasks.devices.waiting_fix import WaitingFix
from tasks.participation import Participation
from tasks.tracks.track_chunk import TrackChunk

# The apps send every 10 s and try again within a minute where the line was bad.
QUEUE_DRAINS_WITHIN = timedelta(seconds=90)


def waits_for_phone(participation: Participation) -> datetime | None:
    """Until when fixes of the walk may still come; None where no phone app sent any, or it is over.

    By the server's true clock, as `finish_received_at` is.
    """
    if participation.finish_received_at is None:
        return None
    until: datetime = participation.finish_received_at + QUEUE_DRAINS_WITHIN
    return until if until > real_now() and _phone_sent(participation) else None


def _phone_sent(participation: Participation) -> bool:
    """Whether one of the person's devices sent fixes of this walk, packed by now or waiting."""
    person_id, walk_id = participation.person_id, participation.id
    devices = [row["_id"] for row in collection(Device).find({"person_id": person_id}, {"_id": 1})]
    if not devices:
        return False
    waiting = {"person_id": person_id, "participation_id": walk_id, "device_id": {"$in": devices}}
    if collection(WaitingFix).find_one(waiting, {"_id": 1}):
        return True
    hashes = [one for device_id in devices for one in keyed_hashes(device_id)]
    packed = {"participation_id": walk_id, "device": {"$in": hashes}}
    return collection(TrackChunk).find_one(packed, {"_id": 1}) is not None
