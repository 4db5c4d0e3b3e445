"""How a duty is closed by its log, which may be put right until the verdict and never after."""

from typing import Any

from pymongo.client_session import ClientSession

from people import Actor
from shared.clock import now
from shared.database import collection
from shared.errors import NotFound
from shared.i18n import Text
from tasks.proofs.duty_log import DutyLog
from tasks.proofs.under_way import bring
from tasks.taking_part import own_participation, participation_of

_SAID = ("text", "incidents", "present")


class DutyLogNotFound(NotFound):
    """Raised when the participation has no duty log."""

    message = Text("This duty has no log yet.", "该值勤尚无日志。")


def log_duty(
    participation_id: str, *, text: str, incidents: int, present: list[dict[str, Any]], by: Actor
) -> DutyLog:
    """The duty's log, which closes it; `present` is [{role, count}] and names nobody.

    The same again changes nothing; another one replaces it until the verdict. Raises
    ParticipationNotFound, WrongParticipationState.
    """
    found = own_participation(participation_id, by)
    said = {"text": text, "incidents": incidents, "present": present}
    if _says(collection(DutyLog).find_one({"_id": found.id}), said):
        return _log_of(found.id)
    moment = now()

    def write(session: ClientSession) -> None:
        collection(DutyLog).update_one(
            {"_id": found.id},
            {"$set": said | {"changed_at": moment}, "$setOnInsert": {"logged_at": moment}},
            upsert=True,
            session=session,
        )

    bring(found.id, write)
    return _log_of(found.id)


def _says(held: dict[str, Any] | None, said: dict[str, Any]) -> bool:
    return held is not None and all(held[name] == said[name] for name in _SAID)


def duty_log_of(participation_id: str, *, by: Actor) -> DutyLog:
    """The log, for whom the participation is told to.

    Raises ParticipationNotFound, DutyLogNotFound.
    """
    return _log_of(participation_of(participation_id, by=by).id)


def _log_of(participation_id: str) -> DutyLog:
    found: DutyLog | None = DutyLog.objects.with_id(participation_id)
    if found is None:
        raise DutyLogNotFound
    return found
