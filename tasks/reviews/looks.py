"""Who of the staff looked at whose track: logged before it is shown, visible to its owner."""

from collections.abc import Iterable
from typing import Any

from people import Actor
from shared.clock import real_now
from shared.database import collection
from shared.ids import new_id
from tasks.reviews.track_look import Seen, TrackLook


def log_look(person_id: str, participation_id: str, what: str, *, by: Actor) -> None:
    """Log one look, unless it is the owner's own. Call it before anything is shown."""
    log_looks([(person_id, participation_id)], what, by=by)


def log_looks(seen: Iterable[tuple[str, str]], what: str, *, by: Actor) -> None:
    """Log a look at each of several (person id, participation id); `what` is one of Seen."""
    rows = [
        {
            "_id": new_id(),
            "person_id": person_id,
            "participation_id": participation_id,
            "by_id": by.person_id,
            "what": Seen(what).value,
            "at": real_now(),
        }
        for person_id, participation_id in seen
        if person_id != by.person_id
    ]
    if rows:
        collection(TrackLook).insert_many(rows)


def looks_at(person_id: str, *, before_id: str | None = None, limit: int = 20) -> list[TrackLook]:
    """The looks at a person's tracks, newest first."""
    wanted: dict[str, Any] = {"person_id": person_id}
    if before_id:
        wanted["id__lt"] = before_id
    return list(TrackLook.objects(**wanted).order_by("-id").limit(limit))
