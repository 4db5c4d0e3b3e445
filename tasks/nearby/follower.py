"""Keeps the open tasks of MongoDB in this process's memory, and knows how fresh they are.

A thread loads them, then follows a change stream. Into that stream it writes heartbeats of its
own: one that came back proves that all a majority had before it was begun has been applied, across
elections and pauses, by this host's clocks alone.
"""

import atexit
import os
import threading
import time
from datetime import datetime
from typing import Any, NamedTuple

import pymongo
import structlog
from prometheus_client import Counter, Gauge, Histogram
from pymongo import WriteConcern
from pymongo.errors import OperationFailure, PyMongoError

from settings import settings
from shared.clock import real_now
from shared.database import collection, database, holder_name
from shared.ids import random_id
from tasks.nearby.cards import card_fields, open_task
from tasks.nearby.heartbeat import Heartbeat
from tasks.nearby.open_tasks import OpenTasks
from tasks.task import Task, TaskState

# Older memory does not answer.
FRESH_S = 1.0
HEARTBEAT_S = 0.2
# With nothing to tell, the stream answers twice as often as hearts beat.
WAIT_MS = 100
LOAD_TIMEOUT_S = 300
LEAST_PAUSE_S, MOST_PAUSE_S = 0.1, 1.0
STOP_TIMEOUT_S = 1.0

TASKS = Gauge("fuxun_nearby_tasks", "Open tasks in memory.", multiprocess_mode="livemin")
FRESH_AT = Gauge(
    "fuxun_nearby_fresh_at_seconds", "Memory is complete to then.", multiprocess_mode="livemin"
)
LAG = Histogram("fuxun_nearby_lag_seconds", "From a heartbeat's begin to its return.")
RELOADS = Counter("fuxun_nearby_reloads_total", "Loads after the first: history was lost.")

log = structlog.get_logger()


class HistoryLost(Exception):
    """Raised when the stream cannot tell all that has changed since the load."""


class NotFollowable(Exception):
    """Raised on a sharded cluster: there a heartbeat proves nothing of the other shards."""


class _Known(NamedTuple):
    """The tasks, complete to a moment, by both clocks: one may be set, the other may stand."""

    open_tasks: OpenTasks
    begun_s: float
    begun_at: datetime


class Follower:
    """The open tasks in this process, followed by a thread of its own from `start` to `stop`."""

    def __init__(self) -> None:
        self._known: _Known | None = None
        self._thread: threading.Thread | None = None
        self._pid = 0

    def start(self) -> None:
        """Begin to follow; harmless in a process that does, or where it is turned off."""
        if not settings().nearby_from_memory or (self._thread and self._pid == os.getpid()):
            return
        self._pid, self._known, self._stopping = os.getpid(), None, threading.Event()
        self._name, self._number = f"{holder_name()}:{random_id()}", 0
        self._begun: dict[int, tuple[float, datetime]] = {}
        self._from: dict[str, Any] | None = None
        self._pause_s = LEAST_PAUSE_S
        self._thread = threading.Thread(target=self._run, name="nearby", daemon=True)
        self._thread.start()
        atexit.register(self.stop)

    def stop(self) -> None:
        """End it; a thread that waits for a database that is away is left to find out."""
        atexit.unregister(self.stop)
        if self._thread and self._pid == os.getpid():
            self._stopping.set()
            self._thread.join(STOP_TIMEOUT_S)
        self._thread = self._known = None

    def fresh(self) -> tuple[OpenTasks, datetime] | None:
        """The tasks and the moment they are complete to, less than FRESH_S ago; else None."""
        if self._thread and self._pid != os.getpid():  # after a fork, which leaves threads behind
            self.start()
        known = self._known
        if known is None or time.monotonic() - known.begun_s >= FRESH_S:
            return None
        # A machine that slept: its monotonic clock may have stood still.
        is_recent = (real_now() - known.begun_at).total_seconds() < FRESH_S
        return (known.open_tasks, known.begun_at) if is_recent else None

    def state(self) -> str:
        """`off`, `loading`, `memory` while it answers, `stale`."""
        if not self._thread:
            return "off"
        return "memory" if self.fresh() else "stale" if self._known else "loading"

    def _run(self) -> None:
        stopping = self._stopping
        while not stopping.is_set():
            try:
                if self._from is None:
                    self._load()
                self._follow(stopping)
            except NotFollowable:
                log.warning("nearby_off", why="a sharded cluster has no one change stream in order")
                self._thread = None
                return
            # Whatever it was: a thread that ended would leave the database all the work for ever.
            except Exception as error:
                if not _may_resume(error):
                    self._from = None
                self._begun.clear()
                log.warning("nearby_interrupted", error=repr(error), reloads=self._from is None)
                stopping.wait(self._pause_s)
                self._pause_s = min(2 * self._pause_s, MOST_PAUSE_S)

    def _load(self) -> None:
        """All open tasks, at least as they were at the moment that the stream is to begin at."""
        if database().command("hello").get("msg") == "isdbgrid":
            raise NotFollowable
        with pymongo.timeout(LOAD_TIMEOUT_S), database().client.start_session() as session:
            # In one session what is read is no older than what was seen before.
            database().command("ping", session=session)
            began_at = session.operation_time
            # Every value of `settled`: it leads the one index that also knows when tasks end.
            query = {
                "settled": {"$in": [False, True]},
                "state": TaskState.PUBLISHED.value,
                "ends_at": {"$gt": real_now()},
            }
            found = collection(Task).find(query, card_fields(), session=session)
            self._tasks = OpenTasks(filter(None, map(open_task, found.batch_size(5_000))))
        if self._known:
            RELOADS.inc()
        self._from = {"start_at_operation_time": began_at}

    def _follow(self, stopping: threading.Event) -> None:
        watched = database().watch(
            _pipeline(self._name),
            full_document="updateLookup",
            max_await_time_ms=WAIT_MS,
            **(self._from or {}),
        )
        beaten_s = 0.0
        with watched as stream:
            while not stopping.is_set():
                if time.monotonic() - beaten_s >= HEARTBEAT_S:
                    beaten_s = time.monotonic()
                    self._beat(beaten_s)
                if change := stream.try_next():
                    self._apply(change)
                if stream.resume_token:
                    self._from = {"resume_after": stream.resume_token}

    def _beat(self, begun_s: float) -> None:
        """Write a heartbeat and do not wait: whether a majority has it, its return will say."""
        self._number += 1
        self._begun[self._number] = begun_s, real_now()
        heartbeats = collection(Heartbeat).with_options(write_concern=WriteConcern("majority"))
        document = {"number": self._number, "at": self._begun[self._number][1]}
        # Replaced whole: of an update the stream would look the newest up, not this one.
        heartbeats.replace_one({"_id": self._name}, document, upsert=True)

    def _apply(self, change: dict[str, Any]) -> None:
        """One change; to apply it again changes nothing, for tasks come whole."""
        if change["operationType"] not in ("insert", "update", "replace", "delete"):
            raise HistoryLost(change["operationType"])
        if change["ns"]["coll"] == Heartbeat._get_collection_name():
            self._heard(change["fullDocument"]["number"])
            return
        document = change.get("fullDocument")
        task = open_task(document) if document else None
        if task:
            self._tasks.put(task)
        else:
            self._tasks.drop(change["documentKey"]["_id"])

    def _heard(self, number: int) -> None:
        begun = self._begun.pop(number, None)
        if begun is None:  # begun before an interruption
            return
        begun_s, begun_at = begun
        self._known, self._pause_s = _Known(self._tasks, begun_s, begun_at), LEAST_PAUSE_S
        TASKS.set(len(self._tasks))
        FRESH_AT.set(begun_at.timestamp())
        LAG.observe(time.monotonic() - begun_s)


def _pipeline(name: str) -> list[dict[str, Any]]:
    """Changes of any task and of the named heartbeat, as short as they can be."""
    tasks, heartbeats = Task._get_collection_name(), Heartbeat._get_collection_name()
    fields = card_fields("fullDocument.") | {"fullDocument.number": 1}
    return [
        {
            "$match": {
                "$or": [
                    {"ns.coll": tasks},
                    {
                        "ns.coll": heartbeats,
                        "documentKey._id": name,
                        "operationType": {"$ne": "delete"},
                    },
                    {"operationType": {"$in": ["dropDatabase", "invalidate"]}},
                ]
            }
        },
        {"$project": {"operationType": 1, "ns": 1, "documentKey": 1} | fields},
    ]


def _may_resume(error: Exception) -> bool:
    """Whether the stream can go on from where it was: nobody said that it cannot."""
    if isinstance(error, OperationFailure):
        return error.has_error_label("ResumableChangeStreamError")
    return isinstance(error, PyMongoError)


follower = Follower()
