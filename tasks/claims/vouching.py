"""A captain vouches for members without a smartphone: their cards are read, again and again."""

from datetime import timedelta
from typing import Any

from people import Actor, Person, Role, actor_for, known_person_of, person_with_card
from shared.clock import now
from shared.database import collection
from shared.errors import Conflict, NotAllowed, Refused
from shared.i18n import Text
from tasks.claiming import ByOrderOnly, TaskFull, standing
from tasks.claims.on_the_spot import join_on_the_spot, refuse_elsewhere, start_claimed
from tasks.claims.requirements import holds_one_here, refuse_unfit, refuse_who_runs_it
from tasks.participation import Participation, ParticipationState
from tasks.publishing import task_of
from tasks.slots import complete_claim
from tasks.taking_part import WrongParticipationState, own_participation
from tasks.task import Claim, Task

MAX_COMPANIONS = 5
# A card that is read twice in a minute was met once.
BETWEEN_MEETINGS = timedelta(minutes=1)


class OwnCard(Refused):
    """Raised when a captain reads the own card."""

    message = Text("This is your own card.", "这是您本人的卡片。")


class NotCaptainHere(NotAllowed):
    """Raised when somebody vouches who is captain neither above, at nor below the task's unit."""

    message = Text(
        "Only a captain of {place}, or of a part of it, vouches here.",
        "仅限{place}及其下辖区域的队长担保。",
    )


class TooManyCompanions(Refused):
    """Raised when a captain vouches for as many members as may be."""

    message = Text("You may vouch for {most} members.", "最多可为 {most} 名队员作证。")


class WalksByPhone(Conflict):
    """Raised when the member walks this task with a phone of their own, or with somebody else."""

    message = Text(
        "This member walks the task with a phone of their own, or with another captain.",
        "该队员已使用本人手机或由其他队长带领参与该任务。",
    )


def vouch_for(
    participation_id: str, card: str, *, position: tuple[float, float], by: Actor
) -> Participation:
    """The participation of the member whose card the captain reads; `position` is the captain's.

    The first time it claims and starts the task for the member, each time it notes a meeting;
    a minute must lie between two. Raises ParticipationNotFound, WrongParticipationState,
    NotCaptainHere, UnknownCard, OwnCard, WalksByPhone, TooManyCompanions, NotThere, NotOpen,
    TaskFull, HoursTaken, AlreadyWalking, AlreadyTookPart, RealNameMissing, OwnUnitsTask,
    ByOrderOnly, NotForYou, LevelTooLow, CertificateMissing.
    """
    captain = own_participation(participation_id, by)
    task = task_of(captain.task_id)
    if not holds_one_here(by, task, Role.CAPTAIN):
        raise NotCaptainHere(place=task.place)
    if captain.state != ParticipationState.STARTED:
        raise WrongParticipationState(state=captain.state)
    member = known_person_of(person_with_card(card).id)
    if member.id == captain.person_id:
        raise OwnCard
    joined = _joined(task, captain, member, position)
    if joined.state != ParticipationState.STARTED:
        raise WrongParticipationState(state=joined.state)
    return _met(joined, position)


def _joined(
    task: Task, captain: Participation, member: Person, position: tuple[float, float]
) -> Participation:
    held = task.claim_of(member.id)
    if held is None:
        return _newly_joined(task, captain, member, position)
    if held.vouched_by is None:
        _refuse_phone(complete_claim(task, held))
        refuse_elsewhere(task, position)
        held = _vouched(task, held, captain)
    if held.vouched_by != captain.id:
        raise WalksByPhone
    found = standing(complete_claim(task, held))
    return start_claimed(found, vouched_by=captain.id)


def _newly_joined(
    task: Task, captain: Participation, member: Person, position: tuple[float, float]
) -> Participation:
    by = actor_for(member.id)
    refuse_who_runs_it(task, by)
    refuse_elsewhere(task, position)
    if task.by_order:
        raise ByOrderOnly
    refuse_unfit(task, member, by)
    try:
        joined = join_on_the_spot(task, member.id, guard=_has_room(captain), vouched_by=captain.id)
    except TaskFull:
        if task_of(task.id).slots_left:  # then it was the captain's five
            raise TooManyCompanions(most=MAX_COMPANIONS) from None
        raise
    if joined.vouched_by != captain.id:
        raise WalksByPhone
    return joined


def _refuse_phone(found: Participation) -> None:
    if standing(found).state != ParticipationState.CLAIMED:
        raise WalksByPhone


def _vouched(task: Task, held: Claim, captain: Participation) -> Claim:
    """The member's own claim, now under the captain's word; the task's write decides."""
    unvouched = {"participation_id": held.participation_id, "vouched_by": None}
    collection(Task).update_one(
        {"_id": task.id, "claims": {"$elemMatch": unvouched}, **_has_room(captain)},
        {"$set": {"claims.$.vouched_by": captain.id}},
    )
    current: Claim | None = task_of(task.id).claim_of(held.person_id)
    if current is None or current.vouched_by is None:
        raise TooManyCompanions(most=MAX_COMPANIONS)
    return current


def _has_room(captain: Participation) -> dict[str, Any]:
    """The guard that keeps a captain to five, as a member of the task's write."""
    is_theirs = {"$eq": ["$$claim.vouched_by", captain.id]}
    claims = {"$ifNull": ["$claims", []]}
    vouched = {"$size": {"$filter": {"input": claims, "as": "claim", "cond": is_theirs}}}
    return {"$expr": {"$lt": [vouched, MAX_COMPANIONS]}}


def _met(member: Participation, position: tuple[float, float]) -> Participation:
    moment, (lat, lon) = now(), position
    collection(Participation).update_one(
        {
            "_id": member.id,
            "state": ParticipationState.STARTED.value,
            "meetings.at": {"$not": {"$gt": moment - BETWEEN_MEETINGS}},
        },
        {"$push": {"meetings": {"at": moment, "lat": lat, "lon": lon}}},
    )
    noted: Participation = Participation.objects(id=member.id).get()
    return noted
