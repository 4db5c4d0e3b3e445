"""Keeps the open tasks of MongoDB in this process's memory, and knows how fresh they are.

A thread loads them, then follows a change stream; who of the people changed is forgotten. Into the
stream it writes heartbeats of its own: one that came back proves that all a majority had before it
was begun has been applied, across elections and pauses, by this host's clocks alone.
"""

import atexit
import os
import threading
import time
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

import pymongo
import structlog
from prometheus_client import Counter, Gauge, Histogram
from pymongo.errors import OperationFailure, PyMongoError, WriteConcernError

from people import Person, forget_everybody, forget_person
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
# With nothing to tell, the stream answers twice as often as the heart beats.
WAIT_MS = 100
LOAD_TIMEOUT_S = 300
LEAST_PAUSE_S, MOST_PAUSE_S = 0.1, 1.0
STOP_TIMEOUT_S = 1.0
# For one command: a host that hangs is given up long before it is known to be dead.
STEP_TIMEOUT_S = 2.0
RESUMABLE = "ResumableChangeStreamError"

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
    """Raised on a sharded cluster, where a heartbeat proves nothing of the other shards."""


class Known(NamedTuple):
    """The tasks, complete to a moment, by both clocks: one may be set, the other may stand."""

    open_tasks: OpenTasks
    begun_s: float
    begun_at: datetime


class Follower:
    """The open tasks in this process, followed by a thread of its own from `start` to `stop`."""

    def __init__(self) -> None:
        self._thread: _Following | None = None

    def start(self) -> None:
        """Begin to follow; harmless where it does already, or where it is turned off."""
        if settings().nearby_from_memory and not self._thread:
            self._thread = _Following()
            self._thread.start()
            atexit.register(self.stop)

    def stop(self) -> None:
        """End it; a thread that waits for a database that is away is left to find out."""
        atexit.unregister(self.stop)
        thread, self._thread = self._thread, None
        if thread:
            thread.stopping.set()
            thread.join(STOP_TIMEOUT_S)

    def start_after_fork(self) -> None:
        """Follow in a child whose parent does: threads do not come along."""
        if self._thread:
            self._thread = None
            self.start()

    def fresh(self) -> tuple[OpenTasks, datetime] | None:
        """The tasks and the moment they are complete to, less than FRESH_S ago; else None."""
        known = self._thread.known if self._thread else None
        if known is None or time.monotonic() - known.begun_s >= FRESH_S:
            return None
        # A machine that slept: its monotonic clock may have stood still.
        is_recent = (real_now() - known.begun_at).total_seconds() < FRESH_S
        return (known.open_tasks, known.begun_at) if is_recent else None

    def state(self) -> str:
        """`off`, `loading`, `memory` while it answers, `stale`."""
        thread = self._thread
        if not thread or thread.is_declined:
            return "off"
        return "memory" if self.fresh() else "stale" if thread.known else "loading"


class _Following(threading.Thread):
    """One following: all that it knows is its own, so one that was left writes into no other."""

    def __init__(self) -> None:
        super().__init__(name="nearby", daemon=True)
        self.stopping = threading.Event()
        self.known: Known | None = None
        self.is_declined = False
        self._heart, self._number = f"{holder_name()}:{random_id()}", 0
        self._begun: dict[int, tuple[float, datetime]] = {}
        self._pause_s = LEAST_PAUSE_S
        # Where the stream goes on; None: nowhere, all must be loaded.
        self._from: dict[str, Any] | None = None

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                if self._from is None:
                    self._load()
                self._follow()
            except NotFollowable:
                log.warning("nearby_off", why="changes of a sharded cluster have no one order")
                self.is_declined = True
                return
            # Whatever it is: without the thread the database would have all the work for ever.
            except Exception as error:
                if not _may_resume(error):
                    self._from = None
                log.warning("nearby_interrupted", error=repr(error), loads=self._from is None)
                self._begun.clear()
                self.stopping.wait(self._pause_s)
                self._pause_s = min(2 * self._pause_s, MOST_PAUSE_S)

    def _load(self) -> None:
        """All open tasks, no older than the moment that the stream is to begin at."""
        if database().command("hello").get("msg") == "isdbgrid":
            raise NotFollowable
        with pymongo.timeout(LOAD_TIMEOUT_S), database().client.start_session() as session:
            # What a session reads is no older than what it has seen.
            database().command("ping", session=session)
            since = session.operation_time
            # Every value of `settled`: it leads the one index that knows when tasks end.
            query = {
                "settled": {"$in": [False, True]},
                "state": TaskState.PUBLISHED.value,
                "ends_at": {"$gt": real_now()},
            }
            found = collection(Task).find(query, card_fields(), batch_size=5_000, session=session)
            self._tasks = OpenTasks(filter(None, map(open_task, found)))
        # Not earlier: what is read of people from now on is no older than the stream's begin.
        forget_everybody()
        if self.known:
            RELOADS.inc()
        self._from = {"start_at_operation_time": since}

    def _follow(self) -> None:
        """Apply what the stream tells, and write a heartbeat now and then."""
        with pymongo.timeout(STEP_TIMEOUT_S):
            stream = database().watch(
                _pipeline(self._heart),
                full_document="updateLookup",
                max_await_time_ms=WAIT_MS,
                **(self._from or {}),
            )
        beaten_s = 0.0
        try:
            while not self.stopping.is_set():
                with pymongo.timeout(STEP_TIMEOUT_S):
                    if time.monotonic() - beaten_s >= HEARTBEAT_S:
                        beaten_s = time.monotonic()
                        self._beat(beaten_s)
                    if change := stream.try_next():
                        self._apply(change)
                if stream.resume_token:
                    self._from = {"resume_after": stream.resume_token}
        finally:
            with suppress(PyMongoError), pymongo.timeout(STOP_TIMEOUT_S):
                stream.close()

    def _beat(self, begun_s: float) -> None:
        """Write a heartbeat; replaced whole, for of an update the stream would look up a later."""
        self._number += 1
        self._begun[self._number] = begun_s, real_now()
        document = {"number": self._number, "at": self._begun[self._number][1]}
        collection(Heartbeat).replace_one({"_id": self._heart}, document, upsert=True)

    def _apply(self, change: dict[str, Any]) -> None:
        """One change; to apply it again changes nothing, for tasks come whole."""
        if change["operationType"] not in ("insert", "update", "replace", "delete"):
            raise HistoryLost(change["operationType"])
        document, name = change.get("fullDocument"), change["ns"]["coll"]
        if name == Person._get_collection_name():
            forget_person(change["documentKey"]["_id"])
        elif name == Heartbeat._get_collection_name():
            if document:
                self._hear(document["number"])
        elif document and (task := open_task(document)):
            self._tasks.put(task)
        else:
            self._tasks.drop(change["documentKey"]["_id"])

    def _hear(self, number: int) -> None:
        """A heartbeat came back; one from before an interruption is not counted."""
        if begun := self._begun.pop(number, None):
            self.known, self._pause_s = Known(self._tasks, *begun), LEAST_PAUSE_S
            TASKS.set(len(self._tasks))
            FRESH_AT.set(self.known.begun_at.timestamp())
            LAG.observe(time.monotonic() - self.known.begun_s)


def _pipeline(name: str) -> list[dict[str, Any]]:
    """Changes of any task or person and of the named heartbeat, no longer than they must be."""
    heartbeats = Heartbeat._get_collection_name()
    followed = {"$in": [Task._get_collection_name(), Person._get_collection_name()]}
    # Another collection may be renamed into the place of one of them.
    of_these = {"$or": [{"ns.coll": followed}, {"to.coll": followed}]}
    of_heart = {"ns.coll": heartbeats, "documentKey._id": name}
    of_all = {"operationType": {"$in": ["dropDatabase", "invalidate"]}}
    read = {"operationType", "ns", "documentKey", "fullDocument.number"}
    return [
        {"$match": {"$or": [of_these, of_heart, of_all]}},
        {"$project": dict.fromkeys(read, 1) | card_fields("fullDocument.")},
    ]


def _may_resume(error: Exception) -> bool:
    """Whether the stream may go on from where it was: nobody said that it cannot."""
    # Of a heartbeat that found no majority in time.
    if isinstance(error, WriteConcernError):
        return True
    if isinstance(error, OperationFailure):
        return error.timeout or error.has_error_label(RESUMABLE)
    return isinstance(error, PyMongoError)


follower = Follower()
os.register_at_fork(after_in_child=follower.start_after_fork)
