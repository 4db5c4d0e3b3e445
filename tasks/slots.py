"""Where a claim lives: a slot in the task, hours in the person's agenda, a participation.

Small writes, each guarded and harmless to repeat; `claiming.py` says in which order.
"""

from datetime import datetime

from pymongo.errors import DuplicateKeyError

from shared.clock import real_now
from shared.database import collection
from tasks.agenda import Agenda
from tasks.participation import Participation, ParticipationState
from tasks.task import Task, TaskState


def push_claim(task: Task, participation_id: str, person_id: str, moment: datetime) -> bool:
    """Whether the slot was got: the one write that decides a claim."""
    claim = {
        "participation_id": participation_id,
        "person_id": person_id,
        "claimed_at": moment,
    }
    taken = collection(Task).update_one(
        {
            "_id": task.id,
            "state": TaskState.PUBLISHED.value,
            "ends_at": {"$gt": moment},
            "slots_left": {"$gt": 0},
            "claims.person_id": {"$ne": person_id},
        },
        {"$push": {"claims": claim}, "$inc": {"slots_left": -1}},
    )
    return taken.modified_count == 1


def reserve_hours(task: Task, participation_id: str, person_id: str) -> bool:
    """Whether the person's agenda took the task's hours; the guard is in the write."""
    engagement = {
        "participation_id": participation_id,
        "task_id": task.id,
        "starts_at": task.starts_at,
        "ends_at": task.ends_at,
        "reserved_at": real_now(),
        "confirmed": False,
    }
    overlap = {"starts_at": {"$lt": task.ends_at}, "ends_at": {"$gt": task.starts_at}}
    for _ in range(2):
        try:
            collection(Agenda).update_one(
                {"_id": person_id, "engagements": {"$not": {"$elemMatch": overlap}}},
                {"$push": {"engagements": engagement}},
                upsert=True,
            )
        except DuplicateKeyError:
            # Either the hours overlap, or two first claims met at the insert of the agenda;
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


def free_hours(person_id: str, participation_id: str) -> None:
    """Take a participation's hours out of the person's agenda; harmless to repeat."""
    collection(Agenda).update_one(
        {"_id": person_id},
        {"$pull": {"engagements": {"participation_id": participation_id}}},
    )


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


def complete_claim(
    task: Task, participation_id: str, person_id: str, claimed_at: datetime
) -> Participation:
    """The participation that belongs to a taken slot, made if it is not there yet."""
    first = {
        "task_id": task.id,
        "unit_id": task.unit_id,
        "person_id": person_id,
        "state": ParticipationState.CLAIMED,
        "starts_at": task.starts_at,
        "ends_at": task.ends_at,
        "coins": task.coins,
        "claimed_at": claimed_at,
        "points": 0,
        "sent": 0,
        "verdicts": [],
        "settled": False,
    }
    if task.coins_last_months is not None:
        first["coins_last_months"] = task.coins_last_months
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


def free_slot(ended: Participation) -> None:
    """The tail of a claim that ended unwalked: its slot and its hours go back, once."""
    collection(Task).update_one(
        {"_id": ended.task_id, "claims.participation_id": ended.id},
        {
            "$pull": {"claims": {"participation_id": ended.id}},
            "$inc": {"slots_left": 1},
        },
    )
    free_hours(ended.person_id, ended.id)
    Participation.objects(id=ended.id).update_one(set__settled=True)
