"""What a captain's finish means for the members without a phone of their own: they finish too."""

from shared.clock import real_now
from shared.queue import enqueue
from shared.sweeping import sweep_each
from tasks.participation import Participation, ParticipationState
from tasks.slots import free_hours, stop_walking


def finish_companions(captain: Participation) -> int:
    """Finish, when the captain did, whom the captain vouches for; how many. Harmless to repeat."""
    walking = Participation.objects(vouched_by=captain.id, state=ParticipationState.STARTED)
    return sum(_finish(member, captain) for member in walking)


def _finish(member: Participation, captain: Participation) -> bool:
    finished = Participation.objects(id=member.id, state=ParticipationState.STARTED).modify(
        set__state=ParticipationState.FINISHED,
        set__finished_at=max(captain.finished_at, member.started_at),
        set__finish_received_at=real_now(),
    )
    stop_walking(member.person_id, member.id)
    free_hours(member.person_id, member.id)
    if finished is not None:
        enqueue("tasks.jobs.verify_participation", member.id)
    return finished is not None


def finish_left_companions() -> int:
    """Finish members whose captain has finished and whose own finish was cut off; how many."""
    captain_ids = Participation.objects(
        vouched_by__ne=None, state=ParticipationState.STARTED, settled=False
    ).distinct("vouched_by")
    gone = Participation.objects(id__in=captain_ids, finished_at__ne=None)
    return sweep_each(gone, _finish_all)


def _finish_all(captain: Participation) -> bool:
    return finish_companions(captain) > 0
