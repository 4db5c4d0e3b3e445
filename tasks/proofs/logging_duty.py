"""How a duty is closed by its log, which may be put right until the verdict and never after."""

from typing import Any

from pymongo.client_session import ClientSession

from people import Actor
from shared.clock import now
from shared.database import collection
from shared.errors import NotFound
from shared.i18n import Text
from shared.queue import enqueue
from tasks.participation import Participation, ParticipationState
from tasks.proofs.duty_log import DutyLog
from tasks.proofs.shared_work import shared_work
from tasks.proofs.under_way import bring, parameters_of
from tasks.publishing import task_of
from tasks.taking_part import finish_participation, own_participation, participation_of

_SAID = ("text", "incidents", "present")


class DutyLogNotFound(NotFound):
    """Raised when the participation has no duty log."""

    message = Text("This duty has no log yet.", "该值勤尚无日志。")


def log_duty(
    participation_id: str, *, text: str, incidents: int, present: list[dict[str, Any]], by: Actor
) -> DutyLog:
    """The duty's log; `present` is [{role, count}] and names nobody.

    Where the task asks for a log, it finishes what is still under way, and what waited for it is
    judged. The same again changes nothing; another one replaces it until the verdict. Raises
    ParticipationNotFound, WrongParticipationState.
    """
    found = own_participation(participation_id, by)
    said = {"text": text, "incidents": incidents, "present": present}
    if not _says(collection(DutyLog).find_one({"_id": found.id}), said):
        _write(found.id, said)
    _close(found.id, by)
    return _log_of(found.id)


def _write(participation_id: str, said: dict[str, Any]) -> None:
    moment = now()

    def write(session: ClientSession) -> None:
        collection(DutyLog).update_one(
            {"_id": participation_id},
            {"$set": said | {"changed_at": moment}, "$setOnInsert": {"logged_at": moment}},
            upsert=True,
            session=session,
        )

    bring(participation_id, write)


def _close(participation_id: str, by: Actor) -> None:
    """The tail of a log, done again by a repeat; where it is cut off, the sweep judges."""
    found: Participation = Participation.objects(id=participation_id).get()
    if parameters_of(task_of(found.task_id), "duty_log") is None:
        return
    if found.state == ParticipationState.STARTED:
        finish_participation(found.id, by=by)
    # Whoever worked under this one waits for this log too; a finish has asked for its own.
    for waiting_id in shared_work(found).waiting:
        enqueue("tasks.jobs.verify_participation", waiting_id)


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
