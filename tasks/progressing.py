"""How a walk under way stands: what the checks measure of all that has arrived so far."""

from people import Actor
from shared.clock import now
from tasks.judging.checks import Judgement
from tasks.participation import Participation, ParticipationState
from tasks.publishing import task_of
from tasks.taking_part import ParticipationNotFound, WrongParticipationState
from tasks.task import EARLY_START
from tasks.verification import judged_now


def progress_of(participation_id: str, *, by: Actor) -> Judgement:
    """The caller's walk, held against its task's checks as if it were finished now.

    Raises ParticipationNotFound, and WrongParticipationState where it is not under way.
    """
    found: Participation | None = Participation.objects(
        id=participation_id, person_id=by.person_id
    ).first()
    if found is None:
        raise ParticipationNotFound
    if found.state != ParticipationState.STARTED:
        raise WrongParticipationState(state=found.state)
    since = max(found.started_at, found.starts_at - EARLY_START)
    return judged_now(found, task_of(found.task_id), (since, max(since, now()))).judgement
