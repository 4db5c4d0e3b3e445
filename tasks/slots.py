"""Where a claim lives: a slot in the task, hours in the person's agenda, a participation.

Small writes, each guarded and harmless to repeat; `claiming.py` says in which order.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pymongo.errors import DuplicateKeyError

from notices import tell
from people import Person, person_of
from rates import falls_on_duty
from settings import settings
from shared.clock import now, pretended, real_now
from shared.database import collection
from tasks.agenda import CLAIM_AHEAD, MARKS_COUNT_FOR, MARKS_THAT_COUNT, Agenda
from tasks.claims.lease_rules import free_end, lease_end
from tasks.claims.promoting import free_place, note_offers
from tasks.orders.order import Order, OrderState
from tasks.participation import Participation, ParticipationState
from tasks.task import Claim, Task, TaskState


def push_claim(task: Task, claim: Claim, **guard: Any) -> bool:
    """Whether the slot was got: the one write that decides a claim.

    `guard` is what else must hold of the task just then, as members of the write's filter.
    """
    taken = collection(Task).update_one(
        {
            "_id": task.id,
            "state": TaskState.PUBLISHED.value,
            "ends_at": {"$gt": claim.claimed_at},
            "slots_left": {"$gt": 0},
            "claims.person_id": {"$ne": claim.person_id},
            # A slot that frees goes to the first who waits: nobody comes in between.
            "waiting.0": {"$exists": False},
            **guard,
        },
        {"$push": {"claims": claim.to_mongo().to_dict()}, "$inc": {"slots_left": -1}},
    )
    return taken.modified_count == 1


def reserve_hours(
    task: Task, participation_id: str, person_id: str, *, marks_count: bool = False
) -> bool:
    """Whether the person's agenda took the task's hours; the guard is in the write.

    Where `marks_count`, too many missed claims keep hours that are far ahead out of it.
    """
    engagement = {
        "participation_id": participation_id,
        "task_id": task.id,
        "starts_at": task.starts_at,
        "ends_at": task.ends_at,
        "reserved_at": real_now(),
        "confirmed": False,
    }
    overlap = {"starts_at": {"$lt": task.ends_at}, "ends_at": {"$gt": task.starts_at}}
    free: dict[str, Any] = {"_id": person_id, "engagements": {"$not": {"$elemMatch": overlap}}}
    if marks_count and task.starts_at > now() + CLAIM_AHEAD:
        free["$nor"] = [
            {
                f"missed.{MARKS_THAT_COUNT - 1}": {"$exists": True},
                "missed.0.at": {"$gt": now() - MARKS_COUNT_FOR},
            }
        ]
    for _ in range(2):
        try:
            collection(Agenda).update_one(free, {"$push": {"engagements": engagement}}, upsert=True)
        except DuplicateKeyError:
            # Either the hours are not free, or two first claims met at the insert of the agenda;
            # the second try tells, for now the agenda is there.
            continue
        return True
    return False


def reserved_for(task_id: str, person_id: str) -> str | None:
    """The participation id under which these hours are promised to this very task, if any."""
    agenda = Agenda.objects(person_id=person_id).first()
    for engagement in agenda.engagements if agenda else ():
        if engagement.task_id == task_id:
            return str(engagement.participation_id)
    return None


def marked_until(person_id: str) -> datetime | None:
    """Until when the person's missed claims keep them from claiming far ahead, if they do."""
    agenda = Agenda.objects(person_id=person_id).only("missed").first()
    marks = list(agenda.missed) if agenda else []
    if len(marks) < MARKS_THAT_COUNT:
        return None
    until: datetime = marks[0].at + MARKS_COUNT_FOR
    return until if until > now() else None


def free_hours(person_id: str, participation_id: str) -> None:
    """Take a participation's hours out of the person's agenda; harmless to repeat."""
    collection(Agenda).update_one(
        {"_id": person_id},
        {"$pull": {"engagements": {"participation_id": participation_id}}},
    )


def has_hours(person_id: str, participation_id: str) -> bool:
    """Whether the person's agenda holds hours under this participation."""
    held = {"_id": person_id, "engagements.participation_id": participation_id}
    return collection(Agenda).find_one(held, {"_id": 1}) is not None


def move_hours_end(person_id: str, participation_id: str, ends_at: datetime) -> bool:
    """Whether the hours of a participation now end then: not where the person's next ones begin."""
    others = {
        "participation_id": {"$ne": participation_id},
        "starts_at": {"$lt": ends_at},
        "ends_at": {"$gt": real_now()},
    }
    moved = collection(Agenda).update_one(
        {
            "_id": person_id,
            "engagements.participation_id": participation_id,
            "$nor": [{"engagements": {"$elemMatch": others}}],
        },
        {"$set": {"engagements.$[mine].ends_at": ends_at}},
        array_filters=[{"mine.participation_id": participation_id}],
    )
    return moved.matched_count == 1


def begin_walking(person_id: str, participation_id: str) -> bool:
    """Whether the person is free to walk this, or walks it already; the guard is in the write."""
    begun = collection(Agenda).update_one(
        {"_id": person_id, "walking": {"$in": [None, participation_id]}},
        {"$set": {"walking": participation_id}},
    )
    return begun.matched_count == 1


def walked_by(person_id: str) -> str | None:
    """The participation that the person is noted as walking now."""
    agenda = Agenda.objects.with_id(person_id)
    return agenda.walking if agenda else None


def stop_walking(person_id: str, participation_id: str) -> None:
    """Let the person walk another task, where this is the one being walked."""
    collection(Agenda).update_one(
        {"_id": person_id, "walking": participation_id}, {"$unset": {"walking": ""}}
    )


def complete_claim(task: Task, claim: Claim, person: Person | None = None) -> Participation:
    """The participation that belongs to a taken slot, made if it is not there yet.

    `person` is the claimer, where they were read already.
    """
    is_ordered = claim.order_id is not None
    person = person or person_of(claim.person_id)
    first = _from_task(task, person, claim.claimed_at, is_ordered) | {
        "state": ParticipationState.CLAIMED,
        **lease_of(task, claim.claimed_at),
    }
    for name in ("order_id", "crew_role", "team_of", "vouched_by"):
        if claim[name] is not None:
            first[name] = claim[name]
    if claim.team_of or claim.vouched_by:  # claimed on the spot, by who walks already
        first |= {"state": ParticipationState.STARTED, "started_at": claim.claimed_at}
    return _made(claim.participation_id, first)


def lease_of(task: Task, claimed_at: datetime) -> dict[str, datetime]:
    """Until when a claim of then holds its slot, and may be given up without a mark.

    In the demo a walk of the past is replayed: a lease that is over by the true clock, which the
    sweep follows, then lasts to the window's end.
    """
    held_until = lease_end(claimed_at, task.starts_at, task.ends_at, task.hold_minutes)
    if pretended() is not None and held_until <= real_now():
        held_until = task.ends_at
    return {
        "held_until": held_until,
        "free_until": free_end(claimed_at, task.starts_at, task.free_until_minutes),
    }


def begin_waiting(
    task: Task, participation_id: str, person_id: str, moment: datetime
) -> Participation:
    """The participation of somebody about to stand on the task's waiting list."""
    first = _from_task(task, person_of(person_id), moment, is_ordered=False)
    first["state"] = ParticipationState.WAITING
    return _made(participation_id, first)


def worth_to(task: Task, person: Person, *, is_ordered: bool = False) -> dict[str, Any]:
    """The most the task pays this person, and whether it is duty, as a participation keeps it."""
    on_duty = _is_duty(task, person, is_ordered)
    return {"coins": 0 if on_duty else task.coins, "on_duty": on_duty}


def answer_order(task: Task, found: Participation, order_id: str) -> Participation:
    """A claim that stood before its order was accepted, now the order's, with what that pays."""
    worth = worth_to(task, person_of(found.person_id), is_ordered=True)
    answering: Participation | None = Participation.objects(
        id=found.id, state=ParticipationState.CLAIMED, order_id=None
    ).modify(
        new=True,
        set__order_id=order_id,
        **{f"set__{name}": value for name, value in worth.items()},
    )
    return answering or found


def _from_task(task: Task, person: Person, moment: datetime, is_ordered: bool) -> dict[str, Any]:
    first = {
        "task_id": task.id,
        "unit_id": task.unit_id,
        "person_id": person.id,
        "starts_at": task.starts_at,
        "ends_at": task.ends_at,
        "kind": task.kind,
        **worth_to(task, person, is_ordered=is_ordered),
        "claimed_at": moment,
        "points": 0,
        "sent": 0,
        "verdicts": [],
        "settled": False,
    }
    if task.coins_last_months is not None:
        first["coins_last_months"] = task.coins_last_months
    return first


def _is_duty(task: Task, person: Person, is_ordered: bool) -> bool:
    """Whether the hours are paid to the person as duty, and so earn no coins."""
    roles = task.duty.get("roles", ())
    if not any(held.role in roles for held in person.memberships):
        return False
    zone = ZoneInfo(settings().business_time_zone)
    is_ordered = is_ordered or _is_asked(task.id, person.id)
    return falls_on_duty(task.duty, task.starts_at, task.ends_at, is_ordered=is_ordered, zone=zone)


def _is_asked(task_id: str, person_id: str) -> bool:
    """Whether an order of the task waits for this person's answer, or has it."""
    stands = [OrderState.ASKED, OrderState.ACCEPTED]
    asked = Order.objects(asked_id=person_id, state__in=stands, task_id=task_id)
    return asked.first() is not None


def _made(participation_id: str, first: dict[str, Any]) -> Participation:
    made: Participation = Participation.objects(id=participation_id).modify(
        upsert=True, new=True, **{f"set_on_insert__{name}": value for name, value in first.items()}
    )
    return made


def end_unwalked(participation_id: str, state: ParticipationState) -> None:
    """End a claim that was not started as `state`, its slot and hours given back; once."""
    ended = Participation.objects(id=participation_id, state=ParticipationState.CLAIMED).modify(
        new=True, set__state=state
    )
    if ended is not None:
        free_slot(ended)


def lapse_claim(found: Participation, moment: datetime) -> bool:
    """End a claim whose lease was over by `moment` without a start, with a mark; once."""
    due = {
        "$or": [{"held_until": {"$lte": moment}}, {"held_until": None, "ends_at": {"$lte": moment}}]
    }
    ended = Participation.objects(
        __raw__={"_id": found.id, "state": ParticipationState.CLAIMED.value, **due}
    ).modify(new=True, set__state=ParticipationState.LAPSED, set__missed=True)
    if ended is None:
        return False
    free_slot(ended)
    return True


def free_slot(ended: Participation) -> None:
    """The tail of what ended unwalked: its slot, its place in the line, its hours go back, once.

    The slot goes to the first who waits. What was missed is noted in the person's agenda.
    """
    task = free_place(ended)
    if task is not None:
        note_offers(task)
    free_hours(ended.person_id, ended.id)
    if ended.missed:
        _mark(ended)
    _tell_of_end(ended)
    Participation.objects(id=ended.id).update_one(set__settled=True)


def _tell_of_end(ended: Participation) -> None:
    """Tell who did not end it themselves: it lapsed, or its task was called off."""
    task = Task.objects.only("title", "starts_at", "state").with_id(ended.task_id)
    facts = {"title": task.title, "starts_at": task.starts_at, "participation_id": ended.id}
    if ended.missed and ended.state == ParticipationState.LAPSED:
        tell(ended.person_id, "claim_lapsed", facts, key=f"lapse:{ended.id}")
        return
    # What lapses without a mark waited in the line.
    waited_in_vain = ended.state == ParticipationState.LAPSED
    is_off = waited_in_vain and task.state == TaskState.CANCELLED
    if is_off or ended.state == ParticipationState.WITHDRAWN:
        tell(ended.person_id, "task_called_off", facts, key=f"called-off:{ended.id}")
    elif waited_in_vain and ended.offered_until is not None:
        facts["until_at"] = ended.offered_until
        tell(ended.person_id, "offer_lapsed", facts, key=f"offer-lapse:{ended.id}")


def _mark(ended: Participation) -> None:
    mark = {"participation_id": ended.id, "at": ended.starts_at}
    newest = {"$each": [mark], "$sort": {"at": 1}, "$slice": -MARKS_THAT_COUNT}
    collection(Agenda).update_one(
        {"_id": ended.person_id, "missed.participation_id": {"$ne": ended.id}},
        {"$push": {"missed": newest}},
    )
