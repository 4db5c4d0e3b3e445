"""What a person was given of late by one officer alone: counted so that no large award is split."""

from datetime import timedelta

from pymongo.client_session import ClientSession

from catalog.award import Award, AwardState
from catalog.given_alone import GivenAlone
from shared.database import collection

# What one officer or another gave a person alone within so long counts together.
ALONE_WITHIN = timedelta(days=30)


def given_alone(asked: Award, session: ClientSession) -> int:
    """What the person was given in 30 days, in fen, each time by one officer alone; what stands.

    Exact for the transaction that gives them more: whoever does so beside it makes it start anew.
    """
    met = {"$inc": {"times": 1}}
    collection(GivenAlone).update_one({"_id": asked.person_id}, met, upsert=True, session=session)
    lately = {
        "person_id": asked.person_id,
        "state": AwardState.APPROVED.value,
        "asked_at": {"$gt": asked.asked_at - ALONE_WITHIN},
    }
    seen = {"cost_fen": 1, "asked_by": 1, "decided_by": 1}
    found = collection(Award).find(lately, seen, session=session)
    return sum(int(row["cost_fen"]) for row in found if row["asked_by"] == row["decided_by"])
