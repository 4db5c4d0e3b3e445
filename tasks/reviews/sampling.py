"""Which decided walks are looked at a second time: a share drawn by their ids, known to nobody."""

from settings import settings
from shared.database import collection
from shared.sealing import keyed_hash
from tasks.participation import Participation
from tasks.reviews.second_look import SecondLook, SecondLookState

WHOLE = 10_000


def is_in_sample(participation_id: str, percent: float) -> bool:
    """Whether the draw takes this one: by a keyed hash, so that nobody can tell beforehand."""
    digest = keyed_hash(f"second-look:{participation_id}").rpartition(".")[2]
    return int(digest[:8], 16) % WHOLE < percent * WHOLE / 100


def take_sample(decided: Participation) -> None:
    """Put a decided walk on the list of second looks where the draw takes it; once."""
    verdict = decided.verdicts[-1]
    if not is_in_sample(decided.id, settings().second_look_percent):
        return
    first = {
        "unit_id": decided.unit_id,
        "person_id": decided.person_id,
        "number": verdict.number,
        "outcome": verdict.outcome,
        "reviewer_id": verdict.reviewer_id,
        "state": SecondLookState.WAITING.value,
    }
    collection(SecondLook).update_one({"_id": decided.id}, {"$setOnInsert": first}, upsert=True)
