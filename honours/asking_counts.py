"""Noting whom to count anew, in the database, so that an emptied queue loses nobody."""

from collections.abc import Sequence

from pymongo import UpdateOne

from honours.count_mark import DueCount
from shared.clock import real_now
from shared.database import collection

BATCH = 1_000


def ask_for_counts(person_ids: Sequence[str]) -> None:
    """Note that these people are to be counted anew; the next sweep does it."""
    moment = real_now()
    asked = {"asked_at": moment, "look_again_at": moment}
    for start in range(0, len(person_ids), BATCH):
        notes = [
            UpdateOne({"_id": one}, {"$set": asked}, upsert=True)
            for one in person_ids[start : start + BATCH]
        ]
        collection(DueCount).bulk_write(notes, ordered=False)
