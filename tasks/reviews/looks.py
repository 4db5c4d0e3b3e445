"""Who of the staff looked at whose track: logged before it is shown, visible to its owner."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from people import Actor
from shared.clock import real_now
from shared.database import collection
from tasks.reviews.track_look import Seen, TrackLook


def log_look(person_id: str, participation_id: str, what: str, *, by: Actor) -> None:
    """Log one look, unless it is the owner's own. Call it before anything is shown."""
    log_looks([(person_id, participation_id)], what, by=by)


def log_looks(seen: Iterable[tuple[str, str]], what: str, *, by: Actor) -> None:
    """Log a look at each of several (person id, participation id); `what` is one of Seen.

    A screen that asks every few seconds is one look a minute.
    """
    moment, seen_as = real_now(), Seen(what).value
    rows = [
        {
            "_id": _id_of(by.person_id, participation_id, seen_as, moment),
            "person_id": person_id,
            "participation_id": participation_id,
            "by_id": by.person_id,
            "what": seen_as,
            "at": moment,
        }
        for person_id, participation_id in seen
        if person_id != by.person_id
    ]
    if rows:
        collection(TrackLook).bulk_write(
            [UpdateOne({"_id": row["_id"]}, {"$setOnInsert": row}, upsert=True) for row in rows],
            ordered=False,
        )


def _id_of(by_id: str, participation_id: str, what: str, moment: datetime) -> str:
    """The id of all looks of one minute: rising with time, as other ids do, for the pages."""
    minute_s = int(moment.timestamp()) // 60 * 60
    named = hashlib.sha256(f"{by_id}|{participation_id}|{what}".encode()).hexdigest()
    return f"{minute_s:08x}{named[:16]}"


def looks_at(person_id: str, *, before_id: str | None = None, limit: int = 20) -> list[TrackLook]:
    """The looks at a person's tracks, newest first."""
    wanted: dict[str, Any] = {"person_id": person_id}
    if before_id:
        wanted["id__lt"] = before_id
    return list(TrackLook.objects(**wanted).order_by("-id").limit(limit))
