"""Who is counted anew and when: whoever had something settled at once, everybody every night.

Whom to count is noted in the database before anybody is counted, and struck out afterwards: an
emptied queue or a dead worker loses nobody.
"""

import time
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from honours.asking_counts import ask_for_counts
from honours.count_mark import CountMark, DueCount
from honours.counting import recount_person
from honours.levels.defining_levels import level_table
from people import people_after
from settings import settings
from shared.clock import real_now
from shared.database import collection
from shared.sweeping import sweep_each
from tasks import people_settled_between

# A verdict says when it was settled before it is committed, and hosts' clocks differ: whatever
# was settled is looked for at once, and again when nothing of that time can still be on its way.
LATE = timedelta(minutes=5)
LOOKS = (("settled", timedelta(0)), ("settled_late", LATE))
# How much of the past one run looks at; the first ever looks no further back, for the count of
# everybody is due then anyway.
WINDOW = timedelta(days=1)
MOST_PER_RUN = 1_000
STEP_S = 10.0
LOOK_AGAIN = timedelta(minutes=1)
EVERYBODY = "everybody"
# Of the business time zone: the night, when few are about.
NIGHT_HOUR = 2


def note_settled() -> int:
    """Note everybody who had something settled since the last look; how many notes."""
    return sum(_look(name, real_now() - lag) for name, lag in LOOKS)


def _look(name: str, until: datetime) -> int:
    mark = collection(CountMark).find_one({"_id": name})
    after = mark["until"] if mark else until - WINDOW
    until = min(until, after + WINDOW)
    if until <= after:
        return 0
    found = people_settled_between(after, until)
    ask_for_counts(found)
    collection(CountMark).update_one({"_id": name}, {"$max": {"until": until}}, upsert=True)
    return len(found)


def recount_noted() -> int:
    """Count those noted anew, for as long as a step lasts; how many."""
    done, until_s = 0, time.monotonic() + STEP_S
    for _ in range(MOST_PER_RUN):
        note = _take_note() if time.monotonic() < until_s else None
        if note is None:
            break
        done += sweep_each([note], _recount_note)
    return done


def _take_note() -> dict[str, Any] | None:
    moment = real_now()
    found: dict[str, Any] | None = collection(DueCount).find_one_and_update(
        {"look_again_at": {"$lte": moment}},
        {"$set": {"look_again_at": moment + LOOK_AGAIN}},
        sort=[("look_again_at", 1)],
        return_document=ReturnDocument.AFTER,
    )
    return found


def _recount_note(note: dict[str, Any]) -> None:
    recount_person(note["_id"])
    # Asked for again meanwhile, it stays.
    collection(DueCount).delete_one({"_id": note["_id"], "asked_at": note["asked_at"]})


def recount_everybody() -> int:
    """A step of the count of everybody, where one runs or is due; how many it counted.

    Due every night, and at once where the levels changed. Every step is safe to repeat.
    """
    mark = collection(CountMark).find_one({"_id": EVERYBODY}) or {}
    if mark.get("after_id") is None and not _begin(mark):
        return 0
    done, until_s = 0, time.monotonic() + STEP_S
    while time.monotonic() < until_s:
        mark = collection(CountMark).find_one({"_id": EVERYBODY}) or {}
        if mark.get("after_id") is None:
            break
        done += _step(mark)
    return done


def _begin(mark: dict[str, Any]) -> bool:
    there = real_now().astimezone(ZoneInfo(settings().business_time_zone))
    today, version = f"{there:%Y-%m-%d}", level_table().version
    is_night = mark.get("day", "") < today and (there.hour >= NIGHT_HOUR or not mark)
    if not is_night and mark.get("levels_version") == version:
        return False
    begun = {"after_id": "", "running_day": today, "running_levels": version}
    idle = {"_id": EVERYBODY, "after_id": None}
    # Where another began at the same moment, its count is this one's too.
    with suppress(DuplicateKeyError):
        collection(CountMark).update_one(idle, {"$set": begun}, upsert=True)
    return True


def _step(mark: dict[str, Any]) -> int:
    person_ids = people_after(mark["after_id"])
    seen = {"_id": EVERYBODY, "after_id": mark["after_id"]}
    if person_ids:
        done = sweep_each(person_ids, _recount)
        collection(CountMark).update_one(seen, {"$set": {"after_id": person_ids[-1]}})
        return done
    finished = {"day": mark["running_day"], "levels_version": mark["running_levels"]}
    collection(CountMark).update_one(seen, {"$set": finished, "$unset": {"after_id": ""}})
    return 0


def _recount(person_id: str) -> bool:
    return recount_person(person_id) is not None
