"""How a walk's positions come in: batch by batch, in any order, each upload kept once."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import orjson
from bson import Binary
from numpy.typing import NDArray
from pymongo import WriteConcern
from pymongo.errors import DuplicateKeyError

from people import Actor
from shared.clock import now
from shared.database import collection
from shared.errors import Conflict, Refused
from shared.i18n import Text
from shared.ids import new_id
from shared.sealing import keyed_hash
from tasks.participation import Participation, ParticipationState
from tasks.taking_part import ParticipationNotFound, WrongParticipationState
from tasks.task import EARLY_START
from tasks.tracks.positions import Sorted, sort_out
from tasks.tracks.track_chunk import TrackChunk
from tasks.tracks.track_packing import TrackPoints, pack_points, unpack_points

MAX_BATCH_POINTS = 2_000
# A day at one fix a second, and some.
MAX_TRACK_POINTS = 100_000
# A position older than this does not tell where somebody is.
FRESH = timedelta(minutes=5)
TAKEN_FROM_INBOX = (ParticipationState.STARTED.value, ParticipationState.FINISHED.value)


class UploadKeyReused(Conflict):
    """Raised when an upload key comes again with other positions."""

    message = Text(
        "This upload key was already used for other positions.", "该上传编号已用于其他定位数据。"
    )


class CaptainsTrackCounts(Refused):
    """Raised when a member sends positions for whom a captain vouches."""

    message = Text(
        "Your captain's track counts for you; no other is taken.",
        "您的参与以队长的轨迹为准，无需另行上传定位。",
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
    participation_id: str,
    upload_key: str,
    datum: str,
    batch: list[Any],
    *,
    by: Actor,
    device: str | None = None,
    from_inbox: bool = False,
) -> Receipt:
    """Keep the batch's good points, report the others; the same upload again is answered alike.

    Points later than the walk's end and its quarter of an hour are rejected: a forgotten finish
    records nobody at home. `batch` holds at most MAX_BATCH_POINTS raw points in `datum`; `device`
    is the phone's own name for itself. What waited in the inbox (`from_inbox`) is taken until the
    walk is judged, anything else until it is finished. Raises ParticipationNotFound,
    CaptainsTrackCounts, WrongParticipationState, UploadKeyReused, TrackTooLong.
    """
    states = TAKEN_FROM_INBOX if from_inbox else (ParticipationState.STARTED.value,)
    found = collection(Participation).find_one(
        {"_id": participation_id, "person_id": by.person_id},
        {"state": 1, "started_at": 1, "ends_at": 1, "sent": 1, "vouched_by": 1},
    )
    if found is None:
        raise ParticipationNotFound
    if found.get("vouched_by"):
        raise CaptainsTrackCounts
    content_hash = _hash(datum, batch)
    if found["state"] not in states:
        return _earlier_receipt(participation_id, upload_key, content_hash, found["state"])
    if found["sent"] + len(batch) > MAX_TRACK_POINTS:
        raise TrackTooLong(most=MAX_TRACK_POINTS)
    received_at = now()
    sorted_out = sort_out(
        batch,
        datum,
        started_at=found["started_at"],
        received_at=received_at,
        until=found["ends_at"] + EARLY_START,
    )
    named = {"upload_key": upload_key, "content_hash": content_hash, "datum": datum}
    chunk = {"_id": new_id(), "participation_id": participation_id, "received_at": received_at}
    chunk |= named | _packed(sorted_out, device)
    counted = {"$inc": {"points": chunk["n"], "sent": len(batch)}}
    if located := _located(sorted_out.points, received_at):
        counted["$set"] = located
    return _keep(chunk, states, counted)


def _packed(sorted_out: Sorted, device: str | None) -> dict[str, Any]:
    return {
        "packed": Binary(pack_points(sorted_out.points)),
        "n": len(sorted_out.points),
        "rejected": sorted_out.rejected,
        **_rarely(sorted_out, device),
    }


def _rarely(sorted_out: Sorted, device: str | None) -> dict[str, Any]:
    """The members of a chunk that most have nothing to say in, where they have."""
    told = {
        "segment_starts": sorted_out.segment_starts,
        "mocked": sorted_out.mocked,
        "device": keyed_hash(device) if device else None,
    }
    return {name: value for name, value in told.items() if value}


def _located(points: TrackPoints, received_at: datetime) -> dict[str, Any] | None:
    """Where the phone is now, for the duty desk: of a batch sent late nobody knows that."""
    if not len(points):
        return None
    newest = int(points.t_ms.argmax())
    located_at = datetime.fromtimestamp(points.t_ms[newest] / 1000, UTC)
    if received_at - located_at > FRESH:
        return None
    lon, lat = float(points.lon[newest]), float(points.lat[newest])
    place = {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]}
    return {"location": place, "located_at": located_at}


def _keep(chunk: dict[str, Any], states: Sequence[str], counted: dict[str, Any]) -> Receipt:
    """Insert the chunk, then count it where the walk is not over: what is answered is judged."""
    try:
        collection(TrackChunk).insert_one(chunk)
    except DuplicateKeyError:
        return _earlier_receipt(
            chunk["participation_id"], chunk["upload_key"], chunk["content_hash"], states[0]
        )
    # The chunk is confirmed by a majority; whoever judges afterwards reads it. So this write only
    # has to see the walk's state as it is now, and need not be waited for: a lost count of points
    # harms nobody.
    in_memory = collection(Participation).with_options(write_concern=WriteConcern(w=1, j=False))
    written = in_memory.update_one(
        {"_id": chunk["participation_id"], "state": {"$in": list(states)}}, counted
    )
    if not written.modified_count:
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


class Chunk(NamedTuple):
    """What one upload says beside its positions: how many, when it came, its newest fix.

    `newest_at` is None where it held no good point.
    """

    points: int
    received_at: datetime
    newest_at: datetime | None
    mocked: int
    device: str | None


class Track(NamedTuple):
    """All points of a participation, WGS-84, and the datum that its phone named.

    `segment_starts` flags the points that begin a new segment; `chunks` are the uploads.
    """

    points: TrackPoints
    datum: str
    segment_starts: NDArray[np.bool_]
    chunks: tuple[Chunk, ...]


def track_of(participation_id: str) -> Track:
    """The participation's track, its chunks in the order in which they were received.

    Where its uploads named several datums, the last one's name stands for all.
    """
    rows = list(
        collection(TrackChunk).find(
            {"participation_id": participation_id}, dict.fromkeys(_READ, 1), sort=[("_id", 1)]
        )
    )
    points = unpack_points([(row["packed"], row["n"]) for row in rows])
    starts = np.zeros(len(points), np.bool_)
    chunks, first = [], 0
    for row in rows:
        own = slice(first, first + row["n"])
        starts[[first + index for index in row.get("segment_starts", ())]] = True
        chunks.append(_chunk(row, points.t_ms[own]))
        first += row["n"]
    return Track(points, rows[-1]["datum"] if rows else "wgs84", starts, tuple(chunks))


_READ = ("packed", "n", "datum", "segment_starts", "mocked", "device", "received_at")


def _chunk(row: dict[str, Any], t_ms: NDArray[np.int64]) -> Chunk:
    newest_at = datetime.fromtimestamp(t_ms.max() / 1000, UTC) if len(t_ms) else None
    return Chunk(row["n"], row["received_at"], newest_at, row.get("mocked") or 0, row.get("device"))
