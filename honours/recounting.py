"""Counting anew whoever is noted: struck out afterwards, so that nobody is lost on the way.

An emptied queue or a dead worker costs a minute.
"""

import time
from datetime import timedelta
from typing import Any

from pymongo import ReturnDocument

from honours.count_mark import DueCount
from honours.counting import recount_person
from shared.clock import real_now
from shared.database import collection
from shared.sweeping import sweep_each

MOST_PER_RUN = 1_000
# Half the time between two sweeps: the same worker verifies and pays.
STEP_S = 5.0
LOOK_AGAIN = timedelta(minutes=1)


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
