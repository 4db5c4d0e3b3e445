"""Tasks near a position: from memory while that is fresh, else asked of MongoDB."""

from shared.clock import pretended, real_now
from tasks.nearby.database_search import search_database
from tasks.nearby.follower import follower
from tasks.nearby.metrics import AGE, ANSWERS
from tasks.nearby.open_tasks import covers
from tasks.nearby.question import Nearby, TasksNear, milliseconds


def tasks_near(asked: Nearby) -> TasksNear:
    """At most `limit` open tasks, ordered by distance, then id, and how fresh the answer is.

    Memory less than a second old answers for the present; any other moment is MongoDB's.
    """
    if pretended() is not None:
        return _from_database(asked, "demo_clock")
    if not covers(asked):
        return _from_database(asked, "place")
    fresh = follower.fresh()
    if fresh is None:
        return _from_database(asked, follower.state())
    (open_tasks, as_of), moment = fresh, real_now()
    ANSWERS.labels("memory", "").inc()
    AGE.observe((moment - as_of).total_seconds())
    return TasksNear(open_tasks.near(asked, milliseconds(moment)), as_of)


def _from_database(asked: Nearby, reason: str) -> TasksNear:
    # Fresh again since it was asked for.
    ANSWERS.labels("database", "stale" if reason == "memory" else reason).inc()
    return TasksNear(search_database(asked), None)
