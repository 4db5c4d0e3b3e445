"""Everybody, in steps: for nightly work that leaves nobody out."""

from people.person import Person
from shared.database import collection

STEP_MAX = 1_000


def people_after(person_id: str, *, limit: int = 200) -> list[str]:
    """The ids of the next people by id after this one ("" for the first), at most 1,000."""
    found = collection(Person).find({"_id": {"$gt": person_id}}, {"_id": 1})
    return [row["_id"] for row in found.sort("_id", 1).limit(min(limit, STEP_MAX))]
