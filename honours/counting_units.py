"""Counting what a unit's volunteers did: by a job, at most daily, where somebody looked."""

import time
from datetime import datetime, timedelta
from typing import Any

from pymongo.errors import PyMongoError
from rq.timeouts import BaseTimeoutException

from honours.unit_figures import Tree, WorkSum, figures_of
from honours.unit_work import UnitWork
from people import Unit, ids_below, units_of
from settings import settings
from shared.clock import business_month, month_later, real_now
from shared.database import collection
from shared.queue import enqueue
from shared.sweeping import sweep_each
from tasks import sums_at

# Daily: from hour to hour a quiet unit's figures would tell what one volunteer did.
FRESH = timedelta(days=1)
# Longer than a job may last.
TAKEN_FOR = timedelta(minutes=3)
# One that takes too long to count is not begun again before.
PUT_OFF_FOR = timedelta(days=1)
MONTHS = 12
MOST_PER_RUN = 50
STEP_S = 5.0


def ask_for_unit(unit: Unit) -> UnitWork:
    """The unit's figures as they stand; the first look at stale ones asks a job to count anew."""
    moment = real_now()
    found: UnitWork = UnitWork.objects.with_id(unit.id) or UnitWork(id=unit.id)
    counted_at = found.counted_at
    is_stale = counted_at is None or counted_at < moment - FRESH
    is_asked = found.asked_at is not None and (counted_at is None or found.asked_at > counted_at)
    if is_stale and not is_asked:
        asked = {"$max": {"asked_at": moment}}
        collection(UnitWork).update_one({"_id": unit.id}, asked, upsert=True)
        enqueue("honours.jobs.count_unit", unit.id)
    return found


def count_asked_units() -> int:
    """Count the stale pages that somebody looked at since the last count, for a step; how many."""
    until_s = time.monotonic() + STEP_S
    found = collection(UnitWork).find(_due(real_now()), {"_id": 1}).sort("asked_at", 1)
    unit_ids = [row["_id"] for row in found.limit(MOST_PER_RUN)]

    def count_in_time(unit_id: str) -> bool:
        return time.monotonic() < until_s and count_unit(unit_id)

    return sweep_each(unit_ids, count_in_time)


def count_unit(unit_id: str) -> bool:
    """Count one unit's page, where it was asked for and is stale; whether it was counted."""
    moment = real_now()
    taken = {"$set": {"taken_until": moment + TAKEN_FOR}}
    due = {"_id": unit_id, **_due(moment)}
    if not collection(UnitWork).update_one(due, taken).matched_count:
        return False
    try:
        figures = _counted(unit_id, months_until(moment))
    except (BaseTimeoutException, PyMongoError):
        put_off = {"$set": {"taken_until": moment + PUT_OFF_FOR}}
        collection(UnitWork).update_one({"_id": unit_id}, put_off)
        raise
    done = {"$set": {"figures": figures, "counted_at": moment}, "$unset": {"taken_until": ""}}
    # Whoever overtook this one read later work.
    earlier = {"_id": unit_id, "counted_at": {"$not": {"$gt": moment}}}
    return bool(collection(UnitWork).update_one(earlier, done).matched_count)


def _counted(unit_id: str, months: list[str]) -> dict[str, Any]:
    below = units_of(ids_below(unit_id))
    above = {one.id: one.lineage[-2] if one.id != unit_id else None for one in below.values()}
    sums = sums_at(list(below), months, settings().business_time_zone)
    return figures_of((WorkSum(*one) for one in sums), months, Tree(above))


def months_until(moment: datetime) -> list[str]:
    """The last twelve months, the one of the moment last, in the business time zone."""
    month = business_month(moment)
    return [month_later(month, step) for step in range(1 - MONTHS, 1)]


def _due(moment: datetime) -> dict[str, Any]:
    return {
        "asked_at": {"$type": "date"},
        "$expr": {"$gt": ["$asked_at", "$counted_at"]},
        "counted_at": {"$not": {"$gt": moment - FRESH}},
        "taken_until": {"$not": {"$gt": moment}},
    }
