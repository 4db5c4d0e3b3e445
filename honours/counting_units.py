"""Counting what a unit's volunteers did: by a job, at most hourly, while somebody looks."""

import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from honours.unit_figures import figures_of
from honours.unit_work import UnitWork
from people import Unit, ids_below
from settings import settings
from shared.clock import business_month, month_later, real_now
from shared.database import collection
from shared.queue import enqueue
from shared.sweeping import sweep_each
from tasks import verified_work

FRESH = timedelta(hours=1)
# A page that nobody asked for as long is counted no more, until somebody does.
ASKED_WITHIN = timedelta(days=7)
# Longer than a job may last.
TAKEN_FOR = timedelta(minutes=3)
MONTHS = 12
MOST_PER_RUN = 50
STEP_S = 10.0


def ask_for_unit(unit: Unit) -> UnitWork:
    """The unit's figures as they stand, and a word to the job where they are not fresh."""
    moment = real_now()
    asked: UnitWork | None = UnitWork.objects.with_id(unit.id)
    if asked is None or asked.asked_at < moment - FRESH:
        collection(UnitWork).update_one(
            {"_id": unit.id}, {"$max": {"asked_at": moment}}, upsert=True
        )
    found: UnitWork = asked or UnitWork(id=unit.id, asked_at=moment)
    if found.counted_at is None or found.counted_at < moment - FRESH:
        enqueue("honours.jobs.count_unit", unit.id)
    return found


def count_asked_units() -> int:
    """Count the pages that were asked for and are no longer fresh, for a step; how many."""
    until_s = time.monotonic() + STEP_S
    asked = {**_stale(real_now()), "asked_at": {"$gte": real_now() - ASKED_WITHIN}}
    found = collection(UnitWork).find(asked, {"_id": 1}).sort("counted_at", 1).limit(MOST_PER_RUN)
    unit_ids = [row["_id"] for row in found]

    def count_in_time(unit_id: str) -> bool:
        return time.monotonic() < until_s and count_unit(unit_id)

    return sweep_each(unit_ids, count_in_time)


def count_unit(unit_id: str) -> bool:
    """Count one unit's page, where it was asked for and is stale; whether it was counted."""
    moment = real_now()
    taken = {"$set": {"taken_until": moment + TAKEN_FOR}}
    if not collection(UnitWork).update_one({"_id": unit_id, **_stale(moment)}, taken).matched_count:
        return False
    work = verified_work(unit_ids=ids_below(unit_id))
    zone = ZoneInfo(settings().business_time_zone)
    figures = figures_of(work, months_until(moment), zone)
    done = {"$set": {"figures": figures, "counted_at": moment}, "$unset": {"taken_until": ""}}
    # Whoever overtook this one read later work.
    earlier = {"_id": unit_id, "counted_at": {"$not": {"$gt": moment}}}
    return bool(collection(UnitWork).update_one(earlier, done).matched_count)


def months_until(moment: datetime) -> list[str]:
    """The last twelve months, the one of the moment last, in the business time zone."""
    month = business_month(moment)
    return [month_later(month, step) for step in range(1 - MONTHS, 1)]


def _stale(moment: datetime) -> dict[str, Any]:
    return {
        "counted_at": {"$not": {"$gt": moment - FRESH}},
        "taken_until": {"$not": {"$gt": moment}},
    }
