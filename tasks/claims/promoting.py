"""The waiting list's turn: a slot that frees goes to the first who waits, in the same write."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pymongo import ReturnDocument

from notices import NoticeSettings, tell
from settings import settings
from shared.clock import real_now, stored
from shared.database import collection
from tasks.claims.lease_rules import night_end, offer_end
from tasks.participation import Participation, ParticipationState
from tasks.task import Task, TaskState

Row = dict[str, Any]
_SEEN = {"claims": 1, "title": 1}


def free_place(ended: Participation) -> Row | None:
    """Take an ended participation out of its task, slot or waiting place, and let others move up.

    The task as it is then, None where the participation had no place in it. One write: nobody
    gets between the slot that frees and the first who waits.
    """
    leaving: list[Row] = [
        {
            "$set": {
                "was_held": {"$in": [ended.id, _listed("claims.participation_id")]},
                "claims": _without("claims", [ended.id]),
                "waiting": _without("waiting", [ended.id]),
            }
        },
        {"$set": {"slots_left": {"$add": ["$slots_left", {"$cond": ["$was_held", 1, 0]}]}}},
        {"$unset": "was_held"},
    ]
    has_place = [
        {"claims.participation_id": ended.id},
        {"waiting.participation_id": ended.id},
    ]
    moment = real_now()
    return _updated(
        {"_id": ended.task_id, "$or": has_place},
        [*leaving, *_moving_up(moment, _offered_until(moment, ended))],
    )


def move_up(task: Task) -> Row | None:
    """Give free slots of an open task to who waits; None where there is nothing to give."""
    moment = real_now()
    return _updated(
        {"_id": task.id, "slots_left": {"$gt": 0}, "waiting.0": {"$exists": True}},
        _moving_up(moment, _offered_until(moment, task)),
    )


def _offered_until(moment: datetime, window: Task | Participation) -> datetime:
    """Until when a slot offered now is kept; nobody is expected to answer in the usual night."""
    usual = NoticeSettings()
    local = moment.astimezone(ZoneInfo(settings().business_time_zone))
    awake_from = night_end(local, usual.quiet_from_minute, usual.quiet_until_minute)
    return stored(offer_end(moment, window.starts_at, window.ends_at, awake_from=awake_from))


def _updated(which: Row, stages: list[Row]) -> Row | None:
    found: Row | None = collection(Task).find_one_and_update(
        which, stages, projection=_SEEN, return_document=ReturnDocument.AFTER
    )
    return found


def _moving_up(moment: datetime, offered_until: datetime) -> list[Row]:
    """Stages: as many of the waiting as there are free slots become claims to be confirmed."""
    is_open = {
        "$and": [{"$eq": ["$state", TaskState.PUBLISHED.value]}, {"$gt": ["$ends_at", moment]}]
    }
    offered = {
        "participation_id": "$$place.participation_id",
        "person_id": "$$place.person_id",
        "claimed_at": moment,
        "offered_until": offered_until,
    }
    return [
        {
            "$set": {
                "moved": {
                    "$cond": [
                        {"$and": [is_open, {"$gt": ["$slots_left", 0]}]},
                        {"$slice": [_listed("waiting"), {"$max": ["$slots_left", 1]}]},
                        [],
                    ]
                }
            }
        },
        {
            "$set": {
                "claims": {
                    "$concatArrays": [
                        _listed("claims"),
                        {"$map": {"input": "$moved", "as": "place", "in": offered}},
                    ]
                },
                "waiting": _without("waiting", "$moved.participation_id"),
                "slots_left": {"$subtract": ["$slots_left", {"$size": "$moved"}]},
            }
        },
        {"$unset": "moved"},
    ]


def _listed(path: str) -> Row:
    return {"$ifNull": [f"${path}", []]}


def _without(places: str, participation_ids: Any) -> Row:
    is_other = {"$not": {"$in": ["$$place.participation_id", participation_ids]}}
    return {"$filter": {"input": _listed(places), "as": "place", "cond": is_other}}


def note_offers(task: Row) -> None:
    """The tail of moving up: whoever was offered a slot is told, and sees until when.

    Told first: what is noted is not looked at again.
    """
    offers = {
        claim["participation_id"]: claim
        for claim in task.get("claims", ())
        if claim.get("offered_until")
    }
    if not offers:
        return
    unnoted = Participation.objects(
        id__in=list(offers), state=ParticipationState.WAITING, offered_until=None
    )
    for waiting in unnoted:
        until = offers[waiting.id]["offered_until"]
        facts = {
            "title": task["title"],
            "until_at": until,
            "task_id": waiting.task_id,
            "participation_id": waiting.id,
        }
        tell(waiting.person_id, "slot_offered", facts, key=f"offer:{waiting.id}")
        Participation.objects(id=waiting.id, state=ParticipationState.WAITING).update_one(
            set__offered_until=until
        )
