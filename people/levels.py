"""The level a person stands at: kept here, decided by what their verified work shows."""

from pymongo.client_session import ClientSession

from people.person import Person
from shared.database import collection


def set_level(person_id: str, level: int, *, session: ClientSession | None = None) -> bool:
    """Let the person stand at `level` from now on, up or down; False where they did already.

    Nobody asks for it: it follows from work that was verified or withdrawn, so it takes no `by`.
    """
    written = collection(Person).update_one(
        {"_id": person_id, "level": {"$ne": level}}, {"$set": {"level": level}}, session=session
    )
    return bool(written.modified_count)
