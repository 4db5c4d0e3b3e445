"""Proof is taken from the start of a participation until its verdict, and never slips past it."""

from collections.abc import Callable
from typing import Any

from pymongo.client_session import ClientSession

from shared.database import collection, in_transaction
from tasks.participation import Participation, ParticipationState
from tasks.taking_part import WrongParticipationState
from tasks.task import Task

UNDER_WAY = (ParticipationState.STARTED, ParticipationState.FINISHED)


def must_be_under_way(found: Participation) -> None:
    """Raises WrongParticipationState unless it is started and not yet judged."""
    if found.state not in UNDER_WAY:
        raise WrongParticipationState(state=found.state)


def bring(participation_id: str, write: Callable[[ClientSession], None]) -> None:
    """Run `write(session)`, which adds a piece of proof, in one transaction with its count.

    The count lies in the participation, so a verdict comes wholly before or wholly after, and
    of two pieces brought at once the second sees the first. What `write` raises, this raises.
    Raises WrongParticipationState.
    """

    def decide(session: ClientSession) -> None:
        counted = collection(Participation).update_one(
            {"_id": participation_id, "state": {"$in": [state.value for state in UNDER_WAY]}},
            {"$inc": {"proofs": 1}},
            session=session,
        )
        if not counted.matched_count:
            current: Participation = Participation.objects(id=participation_id).only("state").get()
            raise WrongParticipationState(state=current.state)
        write(session)

    in_transaction(decide)


def parameters_of(task: Task, check: str) -> dict[str, Any] | None:
    """The parameters of the task's check of this name; None where it asks for no such."""
    for asked in task.checks:
        if asked["check"] == check:
            return dict(asked.get("parameters") or {})
    return None
