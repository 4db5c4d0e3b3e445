"""How a phone app's fixes come in: those of a started walk into the inbox, nothing else kept.

Positions are collected between start and finish of a claimed task only: what lies outside is
answered as well, for the phone to forget it, and written nowhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import structlog
from pymongo.errors import BulkWriteError
from redis.exceptions import RedisError

from people import Actor
from shared.clock import now, real_now
from shared.database import DUPLICATE_KEY, collection
from shared.queue import enqueue, valkey
from shared.sealing import keyed_hash
from tasks.devices.device import Device
from tasks.devices.quarantined_fix import QuarantinedFix
from tasks.devices.quarantining import MAX_ABOUT, quarantine
from tasks.devices.readings import Fix, Reading, Unusable
from tasks.devices.registering import device_of
from tasks.devices.waiting_fix import WaitingFix
from tasks.participation import Participation, ParticipationState
from tasks.task import EARLY_START
from tasks.tracks.positions import sort_out
from tasks.tracks.tracking import MAX_TRACK_POINTS, TAKEN_FROM_INBOX

# Phones that lost their clock say 1970 or 1980.
NO_CLOCK_BEFORE = datetime(2000, 1, 1, tzinfo=UTC)
JUDGED = (
    ParticipationState.IN_REVIEW.value,
    ParticipationState.VERIFIED.value,
    ParticipationState.REFUSED.value,
    ParticipationState.APPEALED.value,
)
# One job packs what came meanwhile: at a fix each 10 s, three to a chunk.
PACK_EVERY_S = 30
SEEN_EVERY = timedelta(minutes=1)
# How many of a person's last participations are looked through for a walk judged already.
LOOKED_BACK = 100

log = structlog.get_logger()


class Walk(NamedTuple):
    """A walk that fixes may belong to: from its start until it is judged."""

    participation_id: str
    task_id: str
    started_at: datetime
    ends_at: datetime
    finished_at: datetime | None
    sent: int

    def holds(self, moment: datetime) -> bool:
        """Whether it lies between start and finish, and not after the task's hours and slack."""
        last = self.ends_at + EARLY_START
        return self.started_at <= moment <= min(last, self.finished_at or last)


@dataclass(frozen=True)
class Received:
    """What became of the fixes: `kept`, `known` from before, `outside` any walk, `quarantined`.

    `walk` is the one going on, if any.
    """

    kept: int
    known: int
    outside: int
    quarantined: int
    walk: Walk | None


def receive_fixes(device: Device, readings: Iterable[Reading]) -> Received:
    """Keep a device's fixes until they are packed; answering only once a majority holds them.

    The same fix again (device, time and position) is kept once. Nothing is refused: what can never
    be used is quarantined, so that the phone need not send it for ever; so is what a verdict on its
    walk has left out.
    """
    given = list(readings)
    walks = _open_walks(device.person_id)
    fixes, unusable = _usable(device, given)
    belonging, outside = [], []
    for point in fixes:
        moment = datetime.fromisoformat(point["at"])
        walk = next((one for one in walks if one.holds(moment)), None)
        if walk is None:
            outside.append(point)
        elif walk.sent + len(fixes) > MAX_TRACK_POINTS:
            unusable.append(Unusable("track_full"))
        else:
            belonging.append(_waiting(device, walk, point))
    kept = _keep(belonging)
    too_late, known = _judged_meanwhile(device, outside)
    unusable += [Unusable("already_judged", point["at"]) for point in too_late]
    quarantine(device.id, unusable)
    if kept:
        _pack_soon(device.person_id)
    _note_seen(device)
    going_on = next((walk for walk in walks if walk.finished_at is None), None)
    return Received(
        kept,
        known + len(belonging) - kept,
        len(outside) - len(too_late) - known,
        len(unusable),
        going_on,
    )


def _open_walks(person_id: str) -> list[Walk]:
    """The person's walks that are not judged yet, the last started first."""
    found = collection(Participation).find(
        {"person_id": person_id, "state": {"$in": list(TAKEN_FROM_INBOX)}, "settled": False},
        dict.fromkeys(_OF_WALK, 1),
        sort=[("started_at", -1)],
    )
    return [_walk(row) for row in found]


_OF_WALK = ("task_id", "started_at", "ends_at", "finished_at", "sent")


def _walk(row: dict[str, Any]) -> Walk:
    return Walk(
        row["_id"],
        row["task_id"],
        row["started_at"],
        row["ends_at"],
        row.get("finished_at"),
        row["sent"],
    )


def _judged_meanwhile(
    device: Device, outside: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], int]:
    """The points of walks that are judged already, and how many more of those were kept in time."""
    judged = _judged_walks(device.person_id) if outside else []
    late = [
        point
        for point in outside
        if any(walk.holds(datetime.fromisoformat(point["at"])) for walk in judged)
    ]
    if not late:
        return [], 0
    by_key = {_key_of(device, point): point for point in late}
    for row in collection(WaitingFix).find({"_id": {"$in": list(by_key)}}, {"_id": 1}):
        del by_key[row["_id"]]
    return list(by_key.values()), len(late) - len(by_key)


def _judged_walks(person_id: str) -> list[Walk]:
    """The judged walks among the person's last participations: a bounded look, by its index.

    A phone left on sends from outside any walk all day long.
    """
    last = collection(Participation).find(
        {"person_id": person_id}, dict.fromkeys(("state", *_OF_WALK), 1), sort=[("_id", -1)]
    )
    return [
        _walk(row)
        for row in last.limit(LOOKED_BACK)
        if row["state"] in JUDGED and row.get("started_at") and row.get("finished_at")
    ]


def _usable(device: Device, readings: list[Reading]) -> tuple[list[dict[str, Any]], list[Unusable]]:
    """The points that a track can hold, and what is wrong with each other one."""
    unusable = [one for one in readings if isinstance(one, Unusable)]
    points = [one.point for one in readings if isinstance(one, Fix)]
    sorted_out = sort_out(points, device.datum, started_at=NO_CLOCK_BEFORE, received_at=now())
    wrong = {one["index"]: one["code"] for one in sorted_out.rejected}
    for index, code in wrong.items():
        unusable.append(Unusable(code, _about(points[index], code)))
    return [point for index, point in enumerate(points) if index not in wrong], unusable


def _about(point: dict[str, Any], code: str) -> str:
    """The value that a code speaks of; never the position of a point that only lies about time."""
    member = {"bad_latitude": "lat", "bad_longitude": "lon"}.get(code, "at")
    return str(point.get(member))[:MAX_ABOUT]


def _waiting(device: Device, walk: Walk, point: dict[str, Any]) -> dict[str, Any]:
    return {
        "_id": _key_of(device, point),
        "person_id": device.person_id,
        "participation_id": walk.participation_id,
        "device_id": device.id,
        "datum": device.datum,
        "point": point,
        "received_at": now(),
        "waits_since": real_now(),
    }


def _key_of(device: Device, point: dict[str, Any]) -> str:
    """The unique key of a fix: the same device, time and position are the same fix."""
    return keyed_hash(f"{device.id}|{point['at']}|{point['lat']!r}|{point['lon']!r}")


def _keep(fixes: list[dict[str, Any]]) -> int:
    """Write the fixes that are not there yet; how many those were."""
    if not fixes:
        return 0
    try:
        return len(collection(WaitingFix).insert_many(fixes, ordered=False).inserted_ids)
    except BulkWriteError as error:
        if any(one["code"] != DUPLICATE_KEY for one in error.details["writeErrors"]):
            raise
        if error.details.get("writeConcernErrors"):
            raise
        return int(error.details["nInserted"])


def quarantined_of(device_id: str, *, by: Actor) -> list[QuarantinedFix]:
    """What the caller's device sent of late that was of no use, newest first.

    Raises DeviceNotFound.
    """
    device_of(device_id, by=by)
    return list(QuarantinedFix.objects(device_id=device_id).order_by("-received_at"))


def _pack_soon(person_id: str) -> None:
    """Ask for a job, once in PACK_EVERY_S; where that is lost the sweep packs all the same."""
    try:
        if not valkey().set(f"pack-inbox:{person_id}", 1, nx=True, ex=PACK_EVERY_S):
            return
    except RedisError as error:
        log.warning("packing_left_to_sweep", error=type(error).__name__)
        return
    enqueue("tasks.jobs.pack_inbox", person_id)


def _note_seen(device: Device) -> None:
    """Let its owner see that the device works, to the minute: not a write for every fix."""
    moment = real_now()
    if device.seen_at is None or moment - device.seen_at >= SEEN_EVERY:
        Device.objects(id=device.id).update_one(set__seen_at=moment)
