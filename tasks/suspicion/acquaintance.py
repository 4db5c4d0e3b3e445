"""What is kept between accounts: who went along with whom, which phone sent for how many.

Every write is keyed by what it says, so that a walk judged twice counts once.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from pymongo.errors import DuplicateKeyError

from shared.database import collection
from tasks.suspicion.account_signals import repeated_companions, shared_device
from tasks.suspicion.companionship import Companionship
from tasks.suspicion.device_use import DeviceUse
from tasks.suspicion.fingerprint import Fingerprint
from tasks.suspicion.signal import Signal

TOGETHER_WITHIN = timedelta(days=180)
MAX_WALKS = 100
DEVICE_WITHIN = timedelta(days=30)
# Nobody changes phones more often within one walk.
MAX_DEVICES = 10


def note_companions(mine: Fingerprint, companions: Sequence[Fingerprint]) -> Signal | None:
    """Note who went along; the signal of the pair that did so most often, if it did three times."""
    most, who = 0, None
    for other in companions:
        walks = _walked_together(mine, other)
        if walks > most:
            most, who = walks, other
    if who is None:
        return None
    about = {"participation_id": who.participation_id, "person_id": who.person_id}
    return repeated_companions(most, about)


def _walked_together(mine: Fingerprint, other: Fingerprint) -> int:
    """How often the two had gone along by this walk, which is noted once."""
    pair = ":".join(sorted((mine.person_id, other.person_id)))
    key = ":".join(sorted((mine.participation_id, other.participation_id)))
    known_at = datetime.fromtimestamp(max(mine.known_s, other.known_s), UTC)
    walk = {"key": key, "at": known_at}
    fresh = {"_id": pair, "walks.key": {"$ne": key}}
    noted = {
        "$push": {"walks": {"$each": [walk], "$sort": {"at": 1}, "$slice": -MAX_WALKS}},
        "$max": {"last_at": known_at},
    }
    for _ in range(2):
        try:
            collection(Companionship).update_one(fresh, noted, upsert=True)
            break
        except DuplicateKeyError:
            # Noted before, or the pair's first walk is being noted: the second try tells.
            continue
    row = collection(Companionship).find_one({"_id": pair}) or {"walks": []}
    # Up to this walk only, so that an earlier one judged again is not made worse by later ones.
    at = next((one["at"] for one in row["walks"] if one["key"] == key), known_at)
    since = at - TOGETHER_WITHIN
    return sum(since < one["at"] <= at for one in row["walks"])


def note_devices(person_id: str, devices: Iterable[str], at: datetime) -> Signal | None:
    """Note the phones of a walk that ended at `at`; the signal of the one with most accounts."""
    accounts = 0
    for device in sorted(set(devices))[:MAX_DEVICES]:
        use = {"_id": f"{device}:{person_id}"}
        known = {"device": device, "person_id": person_id}
        change = {"$setOnInsert": known, "$min": {"first_at": at}, "$max": {"last_at": at}}
        try:
            collection(DeviceUse).update_one(use, change, upsert=True)
        except DuplicateKeyError:  # two walks of one person, judged at the same moment
            collection(DeviceUse).update_one(use, change)
        within = {"last_at": {"$gt": at - DEVICE_WITHIN}, "first_at": {"$lte": at}}
        accounts = max(accounts, collection(DeviceUse).count_documents({"device": device} | within))
    return shared_device(accounts, DEVICE_WITHIN.days)
