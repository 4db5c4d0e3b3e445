"""The organiser watch of a unit: its decided work of some months, held against the patterns."""

from datetime import datetime, timedelta
from typing import Any

from people import Actor, Role, unit_of
from shared.clock import real_now
from shared.database import collection
from tasks.participation import Participation, ParticipationState
from tasks.paying import FINAL
from tasks.reviews.organiser_watch import Conspicuous, Looked, Work, conspicuous
from tasks.reviews.second_look import SecondLook, SecondLookState
from tasks.task import Task

# The newest so many decide: a page for an auditor, not a yearly report.
MAX_WALKS = 20_000
LONGEST = timedelta(days=366)


def watch_organisers(
    unit_id: str, *, since: datetime | None = None, by: Actor
) -> list[Conspicuous]:
    """What is conspicuous in a unit's decided work since then (90 days ago, if not said).

    Raises NotAllowed, UnitNotFound.
    """
    by.must_hold(Role.AUDITOR, at=unit_of(unit_id))
    since = max(since or real_now() - timedelta(days=90), real_now() - LONGEST)
    wanted = {
        "unit_id": unit_id,
        "state": {"$in": [state.value for state in FINAL]},
        "claimed_at": {"$gte": since},
    }
    fields = ("person_id", "task_id", "coins", "back_filled_by", "verdicts.reviewer_id", "state")
    rows = list(
        collection(Participation)
        .find(wanted, dict.fromkeys(fields, 1), sort=[("_id", -1)])
        .limit(MAX_WALKS)
    )
    publishers = _publishers({row["task_id"] for row in rows})
    return conspicuous((_work(row, publishers) for row in rows), _looked(unit_id, since))


def _publishers(task_ids: set[str]) -> dict[str, str]:
    found = collection(Task).find({"_id": {"$in": list(task_ids)}}, {"published_by": 1})
    return {row["_id"]: row.get("published_by") or "" for row in found}


def _work(row: dict[str, Any], publishers: dict[str, str]) -> Work:
    last = row["verdicts"][-1] if row.get("verdicts") else {}
    return Work(
        person_id=row["person_id"],
        published_by=publishers.get(row["task_id"], ""),
        reviewer_id=last.get("reviewer_id"),
        verified=row["state"] == ParticipationState.VERIFIED,
        coins=row["coins"],
        back_filled_by=row.get("back_filled_by"),
    )


def _looked(unit_id: str, since: datetime) -> list[Looked]:
    decided = SecondLook.objects(
        unit_id=unit_id,
        state__ne=SecondLookState.WAITING,
        reviewer_id__ne=None,
        looked_at__gte=since,
    )
    return [
        Looked(look.reviewer_id, look.state == SecondLookState.AGREED)
        for look in decided.order_by("-id").limit(MAX_WALKS)
    ]
