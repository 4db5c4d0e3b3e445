"""What is counted of quests by the sweep: who takes part, and who had done it before it opened.

So no page of a volunteer counts other people's progress.
"""

from datetime import timedelta
from typing import Any

from honours.asking_counts import ask_for_counts
from honours.quests.quest import Quest, QuestState
from honours.quests.quest_progress import QuestProgress
from people import ids_below
from shared.clock import real_now
from shared.database import collection
from shared.sweeping import sweep_each
from tasks import verified_work

FRESH = timedelta(minutes=10)
# Withdrawals change what an ended quest counts, for some time.
AFTERWARDS = timedelta(days=7)
MOST_PER_RUN = 20


def ask_for_opened() -> int:
    """Ask for the counts of whoever did a quest's work before it was opened; how many quests."""
    opened = {"state": QuestState.OPEN.value, "is_asked": False}
    found = collection(Quest).find(opened, {"_id": 1}).limit(MOST_PER_RUN)
    return sweep_each([row["_id"] for row in found], _ask_for)


def _ask_for(quest_id: str) -> None:
    quest = Quest.objects.get(id=quest_id)
    work = verified_work(
        since=quest.from_at, until=quest.until_at, unit_ids=ids_below(quest.unit_id)
    )
    ask_for_counts(sorted({one.person_id for one in work}))
    Quest.objects(id=quest_id).update_one(set__is_asked=True)


def count_participants() -> int:
    """Count anew who takes part in open quests, every ten minutes; how many quests."""
    moment = real_now()
    stale = {
        "state": QuestState.OPEN.value,
        "until_at": {"$gt": moment - AFTERWARDS},
        "participants_at": {"$not": {"$gt": moment - FRESH}},
    }
    found = collection(Quest).find(stale, {"_id": 1}).sort("participants_at", 1)
    return sweep_each([row["_id"] for row in found.limit(MOST_PER_RUN)], _count)


def _count(quest_id: str) -> None:
    """By an index that holds all it asks for: no document of anybody's is read."""
    moment = real_now()
    complete = {"$cond": [{"$gt": ["$completed_at", None]}, 1, 0]}
    steps: list[dict[str, Any]] = [
        {"$match": {"quest_id": quest_id, "taken": {"$gt": 0}}},
        {"$group": {"_id": None, "some": {"$sum": 1}, "all": {"$sum": complete}}},
    ]
    row = next(iter(collection(QuestProgress).aggregate(steps)), {"some": 0, "all": 0})
    counted = {"participants": row["some"], "completed": row["all"], "participants_at": moment}
    collection(Quest).update_one({"_id": quest_id}, {"$set": counted})
