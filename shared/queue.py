"""Background jobs by name: `enqueue("tasks.jobs.verify_participation", id)`.

The queue is a hint, not a record: what must be done stands in MongoDB, and each room's sweep
finds it again. So an emptied, slow or absent Valkey costs time, never work.
"""

from functools import lru_cache
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue

from settings import settings

QUEUE_NAME = "fuxun"
JOB_TIMEOUT_S = 120

log = structlog.get_logger()


@lru_cache(maxsize=1)
def valkey() -> Redis:
    """This process's client of Valkey for short commands: it gives up after a second."""
    return Redis.from_url(settings().redis_url, socket_connect_timeout=1, socket_timeout=2)


def worker_connection() -> Redis:
    """A client of Valkey for a worker, which waits on it for long."""
    return Redis.from_url(settings().redis_url, socket_connect_timeout=5)


def queue(connection: Redis | None = None) -> Queue:
    """The queue that all jobs go through."""
    return Queue(QUEUE_NAME, connection=connection or valkey(), default_timeout=JOB_TIMEOUT_S)


def enqueue(job_name: str, *arguments: Any) -> bool:
    """Ask a worker to run `job_name(*arguments)` soon; False where Valkey did not take it.

    Never raises for a Valkey that is away: the sweep of the room will do the work.
    """
    try:
        # Failed jobs are found again by the sweeps, so they need not be kept for long.
        queue().enqueue_call(job_name, args=arguments, result_ttl=0, failure_ttl=3600, ttl=3600)
    except RedisError as error:
        log.warning("job_not_enqueued", job=job_name, error=type(error).__name__)
        return False
    return True
