"""Tasks near a position: from memory while that is fresh, else asked of MongoDB."""

from prometheus_client import Counter, Histogram

from shared.clock import pretended, real_now
from tasks.nearby.database_search import search_database
from tasks.nearby.follower import follower
from tasks.nearby.open_tasks import covers
from tasks.nearby.question import Nearby, TasksNear, milliseconds

ANSWERS = Counter("fuxun_nearby_answers_total", "Pages of tasks nearby.", ["source", "reason"])
AGE = Histogram(
    "fuxun_nearby_age_seconds",
    "Age of the memory that answered.",
    buckets=(0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0),
)


def tasks_near(asked: Nearby) -> TasksNear:
    """At most `limit` open tasks, ordered by distance, then id, and how fresh the answer is.

    Memory less than a second old answers for the present; any other moment is MongoDB's.
    """
    state, fresh = follower.state(), follower.fresh()
    if pretended() is not None:
        reason = "demo_clock"
    elif not covers(asked):
        reason = "place"
    else:
        reason = "" if fresh else state
    if not fresh or reason:
        ANSWERS.labels("database", reason).inc()
        return TasksNear(search_database(asked), None)
    open_tasks, as_of = fresh
    moment = real_now()
    ANSWERS.labels("memory", reason).inc()
    AGE.observe((moment - as_of).total_seconds())
    return TasksNear(open_tasks.near(asked, milliseconds(moment)), as_of)
