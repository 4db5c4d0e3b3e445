"""Words in time: before a claim starts or its lease ends, and when a volunteer is not heard of.

Passes of the sweep. Each tells under a key and then marks the participation, so that being cut
off in between tells nobody twice, and what was told is not found again.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from math import ceil
from typing import Any

from notices import tell, tell_officers
from people import person_of
from shared.clock import real_now
from shared.sweeping import sweep_each
from tasks.participation import Participation, ParticipationState
from tasks.task import Task

# How long before the start; who claimed later than that knows.
REMIND_MINUTES = (60, 15)
# The lease's last minutes: time to start, or to ask for more.
LEASE_WARNING = timedelta(minutes=10)
# A phone silent for so many minutes raises the centre. Phones that lie still send less, and where
# nobody has to move there may be no signal: only the overrun counts then.
SILENT_MINUTES = {"walks": 20, "rides": 20, "stays": 40}
LEAST_SILENT = timedelta(minutes=min(SILENT_MINUTES.values()))
# Started, and not finished so long after the window.
OVERRUN = timedelta(minutes=30)
# Later than that the sweep finishes the walk itself, and nobody is out there any more.
WATCHED_FOR = timedelta(hours=12)
LOOK_AGAIN = timedelta(minutes=1)
BATCH = 500
SOMEBODY = {"en": "A volunteer", "zh-CN": "一位志愿者"}


def remind_before_start() -> int:
    """Remind of claims that start within the hour, and again within a quarter of it."""
    moment, told = real_now(), 0
    for minutes in sorted(REMIND_MINUTES):
        before = {"$gt": moment, "$lte": moment + timedelta(minutes=minutes)}
        wanted = {
            "state": ParticipationState.CLAIMED.value,
            "settled": False,
            "starts_at": before,
            "$or": [{"reminded_minutes": None}, {"reminded_minutes": {"$gt": minutes}}],
        }
        told += _each(wanted, _reminding(minutes, moment))
    return told


def _reminding(minutes: int, moment: datetime) -> Callable[[Participation], bool]:
    def remind(found: Participation) -> bool:
        ahead = timedelta(minutes=minutes)
        is_news = found.starts_at - found.claimed_at > ahead
        task = _task_of(found)
        if is_news:
            facts = _facts(found, task) | {
                "address": task.address,
                "starts_at": found.starts_at,
                "minutes": ceil((found.starts_at - moment).total_seconds() / 60),
            }
            key = f"{found.id}:{minutes}"
            tell(found.person_id, "reminder_before_start", facts, key=key)
        Participation.objects(id=found.id).update_one(set__reminded_minutes=minutes)
        return is_news

    return remind


def warn_of_leases() -> int:
    """Tell who holds a slot that it goes in a few minutes; an extended lease is told anew."""
    moment = real_now()
    wanted = {
        "state": ParticipationState.CLAIMED.value,
        "held_until": {"$gt": moment, "$lte": moment + LEASE_WARNING},
        "$expr": {"$ne": ["$lease_told_until", "$held_until"]},
    }
    return _each(wanted, _warn_of_lease)


def _warn_of_lease(found: Participation) -> bool:
    until = found.held_until
    is_news = until - found.claimed_at > LEASE_WARNING
    if is_news:
        facts = _facts(found, _task_of(found)) | {"held_until": until}
        tell(found.person_id, "lease_ends_soon", facts, key=f"{found.id}:{until.isoformat()}")
    Participation.objects(id=found.id).update_one(set__lease_told_until=until)
    return is_news


def raise_silent() -> int:
    """Tell the centre, and the volunteer, of phones out there that fell silent: once a silence."""
    before = real_now() - LEAST_SILENT
    wanted = _out_there() | {
        # A member without a smartphone is heard of by the captain's.
        "vouched_by": None,
        "$or": [
            {"located_at": {"$lt": before}},
            {"located_at": None, "started_at": {"$lt": before}},
        ],
        "$expr": {"$ne": ["$silence_told_from", {"$ifNull": ["$located_at", "$started_at"]}]},
    }
    return _each(wanted, _raise_silent)


def _raise_silent(found: Participation) -> bool:
    task, since_at = _task_of(found), found.located_at or found.started_at
    minutes = SILENT_MINUTES.get(task.kind_rules.get("moves", "walks"))
    if minutes is not None:
        if since_at > real_now() - timedelta(minutes=minutes):
            return False
        _raise(found, task, since_at, key=f"{found.id}:{since_at.isoformat()}")
    Participation.objects(id=found.id).update_one(set__silence_told_from=since_at)
    return minutes is not None


def raise_overrun() -> int:
    """Tell the centre, and the volunteer, of walks not finished half an hour after their end."""
    wanted = _out_there() | {"overrun_told": None}
    wanted["ends_at"] = wanted["ends_at"] | {"$lt": real_now() - OVERRUN}
    return _each(wanted, _raise_overrun)


def _raise_overrun(found: Participation) -> None:
    _raise(found, _task_of(found), found.ends_at, key=f"{found.id}:overrun")
    Participation.objects(id=found.id).update_one(set__overrun_told=True)


def _out_there() -> dict[str, Any]:
    return {
        "state": ParticipationState.STARTED.value,
        "settled": False,
        "ends_at": {"$gt": real_now() - WATCHED_FOR},
    }


def _raise(found: Participation, task: Task, since_at: datetime, *, key: str) -> None:
    facts = _facts(found, task) | {"since_at": since_at}
    tell(found.person_id, "check_in_asked", facts, key=key)
    who = person_of(found.person_id).nickname or SOMEBODY
    seen = {"who": who, "place": task.place, "person_id": found.person_id}
    tell_officers(task.unit_id, "check_in_overdue", facts | seen, key=key)


def _facts(found: Participation, task: Task) -> dict[str, Any]:
    return {"title": task.title, "task_id": task.id, "participation_id": found.id}


def _task_of(found: Participation) -> Task:
    task: Task = Task.objects.get(id=found.task_id)
    return task


def _each(wanted: dict[str, Any], act: Callable[[Participation], object]) -> int:
    """Do `act` to each participation like `wanted`; one that fails waits a minute."""
    due = {"look_again_at": {"$not": {"$gt": real_now()}}}

    @wraps(act)
    def acted(found: Participation) -> object:
        try:
            return act(found)
        except Exception:
            again = real_now() + LOOK_AGAIN
            Participation.objects(id=found.id).update_one(set__look_again_at=again)
            raise

    return sweep_each(Participation.objects(__raw__=wanted | due).limit(BATCH), acted)
