"""How a walk's positions come in: batch by batch, in any order, each upload kept once."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from bson import Binary
from pymongo.errors import DuplicateKeyError

from people import Actor
from shared.clock import now
from shared.database import collection
from shared.errors import Conflict, Refused
from shared.i18n import Text
from shared.ids import new_id
from tasks.participation import Participation, ParticipationState
from tasks.taking_part import ParticipationNotFound, WrongParticipationState
from tasks.tracks.positions import sort_out
from tasks.tracks.track_chunk import TrackChunk
from tasks.tracks.track_packing import TrackPoints, pack_points, unpack_points

MAX_BATCH_POINTS = 2_000
# A day at one fix a second, and some.
MAX_TRACK_POINTS = 100_000


class UploadKeyReused(Conflict):
    """Raised when an upload key comes again with other positions."""

    message = Text(
        "This upload key was already used for other positions.", "该上传编号已用于其他定位数据。"
    )


class TrackTooLong(Refused):
    """Raised when a participation would hold more points than a day of one a second."""

    message = Text("A track may hold {most} points.", "一条轨迹最多 {most} 个点。")


@dataclass(frozen=True)
class Receipt:
    """What became of an upload: points `accepted`, and `rejected` as [{index, code}]."""

    upload_key: str
    accepted: int
    rejected: list[dict[str, Any]]
    received_at: datetime
    repeated: bool


def store_positions(
    participation_id: str, upload_key: str, datum: str, batch: list[Any], *, by: Actor
) -> Receipt:
    """Keep the batch's good points, report the others; the same upload again is answered alike.

    `batch` holds at most MAX_BATCH_POINTS raw points in `datum`. Raises ParticipationNotFound,
    WrongParticipationState, UploadKeyReused, TrackTooLong.
    """
    found = collection(Participation).find_one(
        {"_id": participation_id, "person_id": by.person_id},
        {"state": 1, "started_at": 1, "sent": 1},
    )
    if found is None:
        raise ParticipationNotFound
    content_hash = _hash(datum, batch)
    if found["state"] != ParticipationState.STARTED.value:
        return _earlier_receipt(participation_id, upload_key, content_hash, found["state"])
    if found["sent"] + len(batch) > MAX_TRACK_POINTS:
        raise TrackTooLong(most=MAX_TRACK_POINTS)
    received_at = now()
    sorted_out = sort_out(batch, datum, started_at=found["started_at"], received_at=received_at)
    chunk = {
        "_id": new_id(),
        "participation_id": participation_id,
        "upload_key": upload_key,
        "content_hash": content_hash,
        "datum": datum,
        "packed": Binary(pack_points(sorted_out.points)),
        "n": len(sorted_out.points),
        "rejected": sorted_out.rejected,
        "received_at": received_at,
    }
    return _keep(chunk, len(batch))


def _keep(chunk: dict[str, Any], sent: int) -> Receipt:
    """Insert the chunk, then count it where the walk still runs: what is answered is judged."""
    state = ParticipationState.STARTED.value
    try:
        collection(TrackChunk).insert_one(chunk)
    except DuplicateKeyError:
        return _earlier_receipt(
            chunk["participation_id"], chunk["upload_key"], chunk["content_hash"], state
        )
    counted = collection(Participation).update_one(
        {"_id": chunk["participation_id"], "state": state},
        {"$inc": {"points": chunk["n"], "sent": sent}},
    )
    if not counted.modified_count:
        # Finished meanwhile, perhaps judged: taken back, so that nobody believes it counted.
        collection(TrackChunk).delete_one({"_id": chunk["_id"]})
        raise WrongParticipationState(state=ParticipationState.FINISHED.value)
    return _receipt(chunk, repeated=False)


def _earlier_receipt(
    participation_id: str, upload_key: str, content_hash: str, state: str
) -> Receipt:
    chunk = collection(TrackChunk).find_one(
        {"participation_id": participation_id, "upload_key": upload_key}
    )
    if chunk is None:
        raise WrongParticipationState(state=state)
    if chunk["content_hash"] != content_hash:
        raise UploadKeyReused
    return _receipt(chunk, repeated=True)


def _receipt(chunk: dict[str, Any], *, repeated: bool) -> Receipt:
    return Receipt(
        chunk["upload_key"], chunk["n"], chunk["rejected"], chunk["received_at"], repeated
    )


def _hash(datum: str, batch: list[Any]) -> str:
    plain = orjson.dumps([datum, batch], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(plain).hexdigest()


class Track(NamedTuple):
    """All points of a participation, WGS-84, and the datum that its phone named."""

    points: TrackPoints
    datum: str


def track_of(participation_id: str) -> Track:
    """The participation's track, its chunks in the order in which they were received.

    Where its uploads named several datums, the last one's name stands for all.
    """
    chunks = list(
        collection(TrackChunk).find(
            {"participation_id": participation_id},
            {"packed": 1, "n": 1, "datum": 1},
            sort=[("_id", 1)],
        )
    )
    points = unpack_points([(chunk["packed"], chunk["n"]) for chunk in chunks])
    return Track(points, chunks[-1]["datum"] if chunks else "wgs84")
