"""The count of everybody: every night, and at once where the levels changed; a step at a time."""

import time
from contextlib import suppress
from typing import Any
from zoneinfo import ZoneInfo

from pymongo.errors import DuplicateKeyError

from honours.certificates.doubting_certificates import doubt_certificates
from honours.count_mark import CountMark
from honours.counting import recount_person
from honours.levels.defining_levels import level_table
from honours.service import Service
from people import people_after
from settings import settings
from shared.clock import real_now
from shared.database import collection
from shared.sweeping import sweep_each

EVERYBODY = "everybody"
# Of the business time zone: the night, when few are about.
NIGHT_HOUR = 2
# A fifth of the time between two steps: verdicts and payments wait for the same worker.
STEP_S = 3.0
AT_ONCE = 20


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
    person_ids = people_after(mark["after_id"], limit=AT_ONCE)
    seen = {"_id": EVERYBODY, "after_id": mark["after_id"]}
    if person_ids:
        done = sweep_each(person_ids, _recount)
        collection(CountMark).update_one(seen, {"$set": {"after_id": person_ids[-1]}})
        return done
    finished = {"day": mark["running_day"], "levels_version": mark["running_levels"]}
    collection(CountMark).update_one(seen, {"$set": finished, "$unset": {"after_id": ""}})
    return 0


def _recount(person_id: str) -> bool:
    before: Service | None = Service.objects.with_id(person_id)
    after = recount_person(person_id)
    if after is None:
        return False
    # What no look saw, no certificate was doubted for either.
    if before is not None and (before.count, before.seconds) != (after.count, after.seconds):
        doubt_certificates([person_id])
    return True
