"""The stored fingerprints: writing one, reading some, and an index of them in each process.

The index is brought up to date before each look from what changed in MongoDB since; nothing that
another process stored before the look is missed.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

import numpy as np
from bson import Binary
from pymongo import DESCENDING
from pymongo.errors import DuplicateKeyError

from shared.clock import real_now
from shared.database import collection
from tasks.suspicion.copy_index import MAX_TRACKS, CopyIndex
from tasks.suspicion.fingerprint import Fingerprint
from tasks.suspicion.track_fingerprint import TrackFingerprint
from tasks.tracks.track_packing import TrackPoints, pack_points, unpack_points

# Older walks are not looked at: what is copied is what somebody remembers.
KEPT_FOR = timedelta(days=180)
# A write carries the moment at which it began and is seen once a majority has it: a command may
# take 8 s, and after an election another server's clock counts.
SEEN_LATE = timedelta(seconds=60)
READ_AT_ONCE = 1_000
# What the index needs of each: no samples.
_INDEXED = dict.fromkeys(
    ("person_id", "company", "started_at", "ended_at", "known_at", "cells", "signature"), 1
)


def store_fingerprint(mine: Fingerprint, *, task_id: str, is_team: bool) -> None:
    """Keep the fingerprint under its participation's id; harmless to repeat.

    Where the positions were erased meanwhile, they stay so.
    """
    samples = TrackPoints.of(np.round(mine.t * 1000).astype(np.int64), mine.lat, mine.lon)
    plain = {
        "person_id": mine.person_id,
        "task_id": task_id,
        "is_team": is_team,
        "company": sorted(mine.company),
        "started_at": _moment(mine.started_s),
        "ended_at": _moment(mine.ended_s),
        "known_at": _moment(mine.known_s),
        "cells": Binary(mine.cells.astype("<i8").tobytes()),
        "packed": Binary(pack_points(samples)),
        "n": len(mine),
        "signature": Binary(mine.signature.astype("<f4").tobytes()),
    }
    # The database's clock, so that no process's own decides what others have seen.
    change: list[dict[str, Any]] = [
        {"$set": {name: {"$literal": value} for name, value in plain.items()}}
    ]
    change.append({"$set": {"stored_at": "$$NOW"}})
    unforgotten = {"_id": mine.participation_id, "forgotten_at": None}
    for _ in range(2):
        try:
            collection(TrackFingerprint).update_one(unforgotten, change, upsert=True)
        except DuplicateKeyError:
            # Erased, or inserted by another judge at the same moment: the second try tells.
            continue
        return


def forget_positions(participation_id: str) -> None:
    """Erase where a stored track went; how its pace went stays. Harmless to repeat."""
    gone = {"cells": None, "packed": None, "n": 0, "forgotten_at": "$$NOW", "stored_at": "$$NOW"}
    collection(TrackFingerprint).update_one(
        {"_id": participation_id, "forgotten_at": None}, [{"$set": gone}]
    )


class KnownTracks:
    """One process's index of the newest stored tracks, and what of them it has seen."""

    def __init__(self, *, most: int = MAX_TRACKS) -> None:
        self._most = most
        self._index = CopyIndex(most=most)
        self._seen: dict[str, datetime] = {}
        self._seen_to: datetime | None = None
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._index)

    def candidates(self, mine: Fingerprint) -> list[str]:
        """Ids of stored tracks to compare with, the likeliest first, as of this moment."""
        with self._lock:
            self._catch_up()
            return self._index.candidates(mine)

    def tracks_of(self, ids: Sequence[str]) -> list[Fingerprint]:
        """Those of the tracks that are stored, with their positions, in the order asked."""
        rows = {row["_id"]: row for row in collection(TrackFingerprint).find(_among(ids))}
        with self._lock:
            for one in ids:
                if one not in rows:
                    self._index.drop(one)
        return [_fingerprint(rows[one]) for one in ids if one in rows]

    def _catch_up(self) -> None:
        """Take in what changed since the last look, and a little before."""
        if self._seen_to is None:
            self._begin()
            return
        rows = collection(TrackFingerprint).find(
            {"stored_at": {"$gt": self._seen_to - SEEN_LATE}}, {"stored_at": 1}
        )
        changed = {row["_id"]: row["stored_at"] for row in rows}
        new = [one for one, at in changed.items() if self._seen.get(one) != at]
        for first in range(0, len(new), READ_AT_ONCE):
            ids = new[first : first + READ_AT_ONCE]
            self._index.add(
                [_fingerprint(r) for r in collection(TrackFingerprint).find(_among(ids), _INDEXED)]
            )
        self._remember(changed)

    def _begin(self) -> None:
        since = real_now() - KEPT_FOR
        newest = collection(TrackFingerprint).find(
            {"stored_at": {"$gt": since}},
            _INDEXED | {"stored_at": 1},
            sort=[("stored_at", DESCENDING)],
            limit=self._most,
        )
        rows = list(newest)[::-1]
        self._index.add([_fingerprint(row) for row in rows])
        self._seen_to = since
        self._remember({row["_id"]: row["stored_at"] for row in rows})

    def _remember(self, changed: dict[str, datetime]) -> None:
        """What of the last minute was seen; older changes are never asked for again."""
        if not changed:
            return
        self._seen_to = max(changed.values())
        late = self._seen_to - SEEN_LATE
        self._seen = {one: at for one, at in changed.items() if at > late}


def _among(ids: Iterable[str]) -> dict[str, Any]:
    return {"_id": {"$in": list(ids)}}


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _fingerprint(row: dict[str, Any]) -> Fingerprint:
    """The stored document as a fingerprint; without samples where they were not read or erased."""
    samples = unpack_points([(row["packed"], row["n"])] if row.get("packed") else [])
    return Fingerprint(
        participation_id=row["_id"],
        person_id=row["person_id"],
        company=frozenset(row["company"]),
        started_s=row["started_at"].timestamp(),
        ended_s=row["ended_at"].timestamp(),
        t=samples.t_ms / 1000.0,
        lat=samples.lat,
        lon=samples.lon,
        cells=np.frombuffer(row.get("cells") or b"", "<i8").astype(np.int64),
        signature=np.frombuffer(row["signature"], "<f4").astype(np.float32),
        known_s=row["known_at"].timestamp(),
    )
