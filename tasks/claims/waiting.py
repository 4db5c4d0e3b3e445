"""The waiting list of a full task: joining it, confirming the slot that it offers, its sweeps."""

from datetime import datetime, timedelta

from bson import ObjectId

from people import Actor, known_person_of, person_of
from shared.clock import now, real_now
from shared.database import collection
from shared.errors import Conflict, Refused
from shared.i18n import Text
from shared.ids import new_id
from shared.sweeping import sweep_each
from tasks.claiming import (
    ByOrderOnly,
    HoursTaken,
    refuse_far_ahead,
    shown_task,
    standing,
)
from tasks.claims.promoting import move_up, note_offers
from tasks.claims.requirements import (
    NotOpen,
    refuse_from_afar,
    refuse_unfit,
    refuse_who_runs_it,
)
from tasks.participation import Participation, ParticipationState
from tasks.publishing import task_of
from tasks.slots import (
    begin_waiting,
    complete_claim,
    free_hours,
    free_slot,
    lease_of,
    reserve_hours,
    reserved_for,
    worth_to,
)
from tasks.taking_part import (
    TaskCalledOff,
    WrongParticipationState,
    give_up_participation,
    own_participation,
)
from tasks.task import MAX_WAITING, Task, TaskState

# Longer than joining may take: a place that is not there by then was cut off.
JOINING_TIME = timedelta(seconds=20)
LOOK_AGAIN = timedelta(minutes=1)
BATCH = 500


class NoWaitingList(Refused):
    """Raised when the task keeps no waiting list: its centre wants none, or it is a team's."""

    message = Text("This task has no waiting list.", "该任务不设候补。")


class NotFull(Conflict):
    """Raised when there is nothing to wait for: a slot is free."""

    message = Text("A place is free: claim it.", "仍有名额，可直接领取。")


class WaitingListFull(Conflict):
    """Raised when as many wait already as a task may keep waiting."""

    message = Text("{most} people wait already.", "候补已满 {most} 人。")


class OfferOver(Conflict):
    """Raised when an offered slot was not confirmed in time and goes to the next."""

    message = Text(
        "The offer was not confirmed in time and goes to the next.", "未在时限内确认，名额已顺延。"
    )


class NothingOffered(Conflict):
    """Raised when somebody confirms who still waits: no slot has been offered yet."""

    message = Text("No place has been offered to you yet.", "暂无名额可确认。")


def join_waiting_list(
    task_id: str, *, position: tuple[float, float] | None, by: Actor
) -> Participation:
    """A place at the end of the line for a full task; `position` as for a claim.

    Joining again answers the standing place, or the claim where one is held. Raises TaskNotFound,
    NotOpen, NotFull, NoWaitingList, WaitingListFull, ByOrderOnly, AlreadyTookPart,
    RealNameMissing, OwnUnitsTask, NotForYou, LevelTooLow, CertificateMissing, TooManyMissed,
    PositionMissing, TooFarAway, OutsideUnit.
    """
    task, person = shown_task(task_id), known_person_of(by.person_id)
    known = _place_of(task, person.id)
    if known is not None:
        return known
    refuse_who_runs_it(task, by)
    if task.by_order:
        raise ByOrderOnly
    if task.is_team or not task.has_waiting_list:
        raise NoWaitingList
    refuse_unfit(task, person, by)
    refuse_from_afar(task, position)
    refuse_far_ahead(task, person.id)
    return _stand_in_line(task, person.id)


def _place_of(task: Task, person_id: str) -> Participation | None:
    held = task.claim_of(person_id)
    if held is not None:
        found = complete_claim(task, held)
        return found if found.state == ParticipationState.WAITING else standing(found)
    for place in task.waiting:
        if place.person_id == person_id:
            return Participation.objects(id=place.participation_id).get()
    return None


def _stand_in_line(task: Task, person_id: str) -> Participation:
    """The participation first, so that every place has one, then the place, which decides."""
    participation_id, moment = new_id(), now()
    waiting = begin_waiting(task, participation_id, person_id, moment)
    if _push_place(task, participation_id, person_id):
        return waiting
    Participation.objects(id=participation_id, state=ParticipationState.WAITING).delete()
    current = task_of(task.id)
    known = _place_of(current, person_id)
    if known is not None:
        return known
    if not current.is_open_at(moment):
        raise NotOpen
    if len(current.waiting) >= MAX_WAITING:
        raise WaitingListFull(most=MAX_WAITING)
    raise NotFull


def _push_place(task: Task, participation_id: str, person_id: str) -> bool:
    moment = now()
    place = {"participation_id": participation_id, "person_id": person_id, "since": moment}
    pushed = collection(Task).update_one(
        {
            "_id": task.id,
            "state": TaskState.PUBLISHED.value,
            "ends_at": {"$gt": moment},
            "slots_left": 0,
            "claims.person_id": {"$ne": person_id},
            "waiting.person_id": {"$ne": person_id},
            f"waiting.{MAX_WAITING - 1}": {"$exists": False},
        },
        {"$push": {"waiting": place}},
    )
    return pushed.modified_count == 1


def leave_waiting_list(task_id: str, *, by: Actor) -> None:
    """Take the caller out of the task's line, an offered slot included; harmless to repeat.

    Raises TaskNotFound.
    """
    task = shown_task(task_id)
    for waiting in Participation.objects(
        task_id=task.id, person_id=by.person_id, state=ParticipationState.WAITING
    ):
        give_up_participation(waiting.id, by=by)


def confirm_offer(participation_id: str, *, by: Actor) -> Participation:
    """The slot offered from the waiting list, taken; repeating it answers the claim.

    Where the person's hours are taken meanwhile, the slot goes to the next at once. Raises
    ParticipationNotFound, NothingOffered, OfferOver, HoursTaken, TaskCalledOff,
    WrongParticipationState.
    """
    found = own_participation(participation_id, by)
    if found.state == ParticipationState.CLAIMED and found.offered_until is not None:
        return found
    if found.state != ParticipationState.WAITING:
        raise WrongParticipationState(state=found.state)
    task = task_of(found.task_id)
    if task.state == TaskState.CANCELLED:
        raise TaskCalledOff
    held = task.claim_of(found.person_id)
    if held is None or held.participation_id != found.id:
        raise NothingOffered
    if held.offered_until is None or real_now() >= held.offered_until:
        raise OfferOver
    has_hours = reserve_hours(task, found.id, found.person_id)
    if not has_hours and reserved_for(task.id, found.person_id) != found.id:
        end_waiting(found, ParticipationState.GIVEN_UP)
        raise HoursTaken
    return _take_offer(task, found, held.offered_until)


def _take_offer(task: Task, found: Participation, offered_until: datetime) -> Participation:
    """The write that decides: of a confirmation and the offer's end, one wins."""
    moment = now()
    # An order may have come while they waited.
    decided = lease_of(task, moment) | worth_to(task, person_of(found.person_id))
    taken: Participation | None = Participation.objects(
        id=found.id, state=ParticipationState.WAITING
    ).modify(
        new=True,
        set__state=ParticipationState.CLAIMED,
        set__claimed_at=moment,
        set__offered_until=offered_until,
        **{f"set__{name}": value for name, value in decided.items()},
    )
    if taken is None:
        current: Participation = Participation.objects(id=found.id).get()
        if current.state != ParticipationState.CLAIMED:
            free_hours(found.person_id, found.id)
            raise WrongParticipationState(state=current.state)
        taken = current
    collection(Task).update_one(
        {"_id": task.id, "claims.participation_id": found.id},
        {
            "$set": {"claims.$.claimed_at": taken.claimed_at},
            "$unset": {"claims.$.offered_until": ""},
        },
    )
    return taken


def end_waiting(found: Participation, state: ParticipationState) -> bool:
    """End a place in the line, or an offered slot, as `state`; True where this did it."""
    ended = Participation.objects(id=found.id, state=ParticipationState.WAITING).modify(
        new=True, set__state=state
    )
    if ended is not None:
        free_slot(ended)
    return ended is not None


def expire_offers() -> int:
    """Give slots that were offered and not confirmed in time to the next who waits."""
    over = Participation.objects(
        state=ParticipationState.WAITING, settled=False, offered_until__lte=real_now()
    ).limit(BATCH)
    return sweep_each(over, _lapse_place)


def _lapse_place(found: Participation) -> bool:
    return end_waiting(found, ParticipationState.LAPSED)


def tend_waiting() -> int:
    """Look after who waits: offers not told, slots nobody was given, lines that lead nowhere."""
    due = {"state": ParticipationState.WAITING.value, "settled": False}
    not_lately = {"look_again_at": {"$not": {"$gt": real_now()}}}
    found = Participation.objects(__raw__=due | not_lately).limit(BATCH)
    return sweep_each(found, _tend)


def _tend(found: Participation) -> bool:
    # First of all: those who wait for long, or who fail, must not stand before the others.
    Participation.objects(id=found.id).update_one(set__look_again_at=real_now() + LOOK_AGAIN)
    task: Task | None = Task.objects.with_id(found.task_id)
    if task is None or not task.is_open_at(real_now()):
        return _lapse_place(found)
    held = task.claim_of(found.person_id)
    if held is not None and held.participation_id == found.id:
        note_offers(task.to_mongo().to_dict())
        return found.offered_until is None
    if any(place.participation_id == found.id for place in task.waiting):
        moved = move_up(task)
        if moved is not None:
            note_offers(moved)
        return moved is not None
    joined_at = ObjectId(found.id).generation_time
    return joined_at < real_now() - JOINING_TIME and _lapse_place(found)
