"""The job process: `python worker.py jobs` works the queue, `python worker.py timetable` feeds it.

Both may run on as many hosts as wanted: jobs are safe to do twice, and of several timetables
one holds the lease and the others stand by.
"""

import os
import signal
import sys
import time
from contextlib import suppress
from types import FrameType
from typing import Any

import structlog
from pymongo.errors import PyMongoError
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.cron import CronScheduler
from rq.utils import import_attribute
from rq.worker_pool import WorkerPool

import catalog.jobs
import honours.jobs
import insights.jobs
import ledger.jobs
import notices.jobs
import rates.jobs
import tasks.jobs
from api.observing import set_up_logs
from settings import BadSetting, settings
from shared.database import connect, give_lease_back, take_lease
from shared.queue import QUEUE_NAME, worker_connection
from shared.sealing import MissingKeys, load_keys

# What runs by itself: the job's name and every how many seconds.
TIMETABLE = {
    "tasks.jobs.sweep": 5,
    "tasks.jobs.publish_ahead": 60,
    "notices.jobs.sweep": 15,
    "catalog.jobs.sweep": 15,
    "ledger.jobs.sweep": 30,
    "rates.jobs.sweep": 300,
    "insights.jobs.sweep": 15,
    "insights.jobs.watch_budgets": 60,
    "honours.jobs.sweep": 10,
    "honours.jobs.recount_everybody": 15,
    "honours.jobs.count_units": 60,
    "honours.jobs.keep_leagues": 60,
}
# Imported here, so that no job waits for its module and a wrong name shows at start.
JOB_MODULES = (
    tasks.jobs,
    notices.jobs,
    catalog.jobs,
    ledger.jobs,
    rates.jobs,
    insights.jobs,
    honours.jobs,
)
LEASE = "timetable"
LEASE_S = 15

log = structlog.get_logger()


class Worker(SimpleWorker):
    """A worker that runs jobs in its own process: five times the jobs of one that forks."""

    def work(self, *args: Any, **kwargs: Any) -> bool:
        """Connect to the database in this process, not in the pool's, then work."""
        connect()
        # rq's own scheduler would be one more process, and one that outlives a killed worker.
        return super().work(*args, **kwargs | {"with_scheduler": False})


def work_queue() -> None:
    """Run the pool of workers until it is told to stop."""
    pool = WorkerPool(
        [QUEUE_NAME],
        connection=worker_connection(),
        num_workers=settings().job_workers,
        worker_class=Worker,
    )
    pool.start(logging_level="WARNING")


class Timetable:
    """Enqueues what is due, while it holds the lease, until it is told to stop."""

    def __init__(self) -> None:
        self._stopping = False
        self._scheduler = CronScheduler(worker_connection(), logging_level="WARNING")
        for name, seconds in TIMETABLE.items():
            # Nothing piles up while no worker is there: a job not begun in time is dropped.
            self._scheduler.register(
                import_attribute(name), QUEUE_NAME, interval=seconds, ttl=seconds * 2, result_ttl=0
            )

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """Leave the loop at its next turn."""
        self._stopping = True

    def run(self) -> None:
        """Turn once a second; Valkey or MongoDB being away is waited out."""
        connect()
        while not self._stopping:
            try:
                if take_lease(LEASE, seconds=LEASE_S):
                    self._scheduler.enqueue_jobs()
            except (RedisError, PyMongoError, OSError) as error:
                log.warning("timetable_waits", error=type(error).__name__)
            time.sleep(1)
        # Without MongoDB it ends by itself, and stopping must not fail for that.
        with suppress(PyMongoError):
            give_lease_back(LEASE)


def run_timetable() -> None:
    """Run the timetable until it is told to stop."""
    timetable = Timetable()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, timetable.stop)
    timetable.run()


if __name__ == "__main__":
    os.environ.setdefault("TZ", "UTC")
    try:
        set_up_logs()
        load_keys()
    except (BadSetting, MissingKeys) as error:
        sys.exit(f"worker.py: {error}")
    verbs = {"jobs": work_queue, "timetable": run_timetable}
    if sys.argv[1:] not in [[verb] for verb in verbs]:
        sys.exit("usage: python worker.py jobs | timetable")
    verbs[sys.argv[1]]()
