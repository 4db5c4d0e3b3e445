"""Keeps the open tasks of MongoDB in this process's memory, and knows how fresh they are.

A thread loads them, then follows a change stream; who of the people changed is forgotten. Into the
stream it writes heartbeats of its own: one that came back proves that all a majority had before it
was begun has been applied, across elections and pauses, by this host's clocks alone.
"""

import atexit
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pymongo
import structlog
from bson.timestamp import Timestamp
from pymongo.change_stream import DatabaseChangeStream
from pymongo.errors import OperationFailure, PyMongoError, WriteConcernError

from people import Person, forget_everybody, forget_person
from settings import settings
from shared.clock import real_now
from shared.database import collection, database, holder_name
from shared.ids import random_id
from tasks.nearby.cards import card_fields, open_task
from tasks.nearby.heartbeat import Heartbeat
from tasks.nearby.metrics import FRESH_AT, LAG, RELOADS, TASKS
from tasks.nearby.open_tasks import OpenTasks
from tasks.task import Task, TaskState

# Older memory does not answer.
FRESH_S = 1.0
HEARTBEAT_S = 0.2
# With nothing to tell, the stream answers twice as often as the heart beats.
WAIT_MS = 100
# For one command: a host that hangs is given up long before it is known to be dead. A stream that
# begins far back takes longer to open, and one that takes too long is not worth resuming.
STEP_TIMEOUT_S, OPEN_TIMEOUT_S, RESUME_S = 2.0, 8.0, 20.0
LOAD_TIMEOUT_S, STOP_TIMEOUT_S = 300, 1.0
# Doubled with each failure. What the database refuses will seldom get better in a second.
LEAST_PAUSE_S, MOST_PAUSE_S, MOST_REFUSED_PAUSE_S = 0.1, 1.0, 30.0

log = structlog.get_logger()


class HistoryLost(Exception):
    """Raised when the stream cannot tell all that has changed since the load."""


class Known(NamedTuple):
    """The tasks, complete to a moment, by both clocks: one may be set, the other may stand."""

    open_tasks: OpenTasks
    begun_s: float
    begun_at: datetime


class Follower:
    """The open tasks in this process, followed by a thread of its own from `start` to `stop`.

    To be started in each process after any fork, as the connection is.
    """

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

    def fresh(self) -> tuple[OpenTasks, datetime] | None:
        """The tasks and the moment they are complete to, less than FRESH_S ago; else None."""
        thread = self._thread
        known = thread.known if thread else None
        if known is None or time.monotonic() - known.begun_s >= FRESH_S:
            return None
        # A machine that slept, whose monotonic clock may have stood still; a clock that was set.
        age_s = (real_now() - known.begun_at).total_seconds()
        return (known.open_tasks, known.begun_at) if 0 <= age_s < FRESH_S else None

    def state(self) -> str:
        """`off`, `loading`, `memory` while it answers, `stale`."""
        thread = self._thread
        if not thread:
            return "off"
        return "memory" if self.fresh() else "stale" if thread.known else "loading"


class _Following(threading.Thread):
    """One following: all that it knows is its own, so one that was left writes into no other."""

    def __init__(self) -> None:
        super().__init__(name="nearby", daemon=True)
        self.stopping = threading.Event()
        self.known: Known | None = None
        self._heart, self._number = f"{holder_name()}:{random_id()}", 0
        self._begun: dict[int, tuple[float, datetime]] = {}
        self._heard_s, self._pause_s = 0.0, LEAST_PAUSE_S
        # Where the stream goes on; empty: nowhere, all must be loaded.
        self._from: dict[str, Any] = {}

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                self._follow()
            # Whatever it is: without the thread the database would have all the work for ever.
            except Exception as error:
                self._pause_after(error)

    def _follow(self) -> None:
        """Apply what the stream tells, and write a heartbeat now and then."""
        since = self._from or {"start_at_operation_time": _operation_time()}
        with _stream_of(self._heart, since) as stream:
            if not self._from:
                # Only now that the stream is open and a heartbeat written: both may be refused.
                self._beat()
                self._load(since["start_at_operation_time"])
                self._from = since
            beaten_s = 0.0
            while not self.stopping.is_set():
                if time.monotonic() - beaten_s >= HEARTBEAT_S:
                    beaten_s = self._beat()
                with pymongo.timeout(STEP_TIMEOUT_S):
                    change = stream.try_next()
                if change:
                    self._apply(change)
                if stream.resume_token:
                    self._from = {"resume_after": stream.resume_token}

    def _load(self, since: Timestamp) -> None:
        """All open tasks, no older than where the stream began."""
        # An hour's grace for clocks: what is over is not shown anyway. Every value of `settled`:
        # it leads the one index that knows when tasks end.
        query = {
            "settled": {"$in": [False, True]},
            "state": TaskState.PUBLISHED.value,
            "ends_at": {"$gt": real_now() - timedelta(hours=1)},
        }
        with pymongo.timeout(LOAD_TIMEOUT_S), database().client.start_session() as session:
            session.advance_operation_time(since)
            found = collection(Task).find(query, card_fields(), batch_size=5_000, session=session)
            self._tasks = OpenTasks(filter(None, map(open_task, found)))
        # Not earlier: what is read of people from now on is no older than the stream's begin.
        forget_everybody()
        self._heard_s = time.monotonic()
        if self.known:
            RELOADS.inc()

    def _beat(self) -> float:
        """Write a heartbeat; replaced whole, for of an update the stream would look up a later."""
        begun_s, begun_at = time.monotonic(), real_now()
        self._number += 1
        self._begun[self._number] = begun_s, begun_at
        with pymongo.timeout(STEP_TIMEOUT_S):
            collection(Heartbeat).replace_one(
                {"_id": self._heart}, {"number": self._number, "at": begun_at}, upsert=True
            )
        return begun_s

    def _apply(self, change: dict[str, Any]) -> None:
        """One change; to apply it again changes nothing, for tasks come whole."""
        if change["operationType"] not in ("insert", "update", "replace", "delete"):
            raise HistoryLost(change["operationType"])
        document, name = change.get("fullDocument") or {}, change["ns"]["coll"]
        if name == Person._get_collection_name():
            forget_person(change["documentKey"]["_id"])
        elif name == Heartbeat._get_collection_name():
            self._hear(document.get("number"))
        elif "_id" in document and (task := open_task(document)):
            self._tasks.put(task)
        else:
            self._tasks.drop(change["documentKey"]["_id"])

    def _hear(self, number: int | None) -> None:
        """A heartbeat came back; one deleted, or from before an interruption, proves nothing."""
        if number not in self._begun:
            return
        begun_s, begun_at = self._begun.pop(number)
        self.known, self._heard_s = Known(self._tasks, begun_s, begun_at), time.monotonic()
        if self._pause_s > LEAST_PAUSE_S:
            self._pause_s = LEAST_PAUSE_S
            log.info("nearby_fresh_again")
        TASKS.labels("memory").set(len(self._tasks))
        FRESH_AT.labels("memory").set(begun_at.timestamp())
        LAG.observe(self._heard_s - begun_s)

    def _pause_after(self, error: Exception) -> None:
        may_resume = _may_resume(error)
        if not may_resume or time.monotonic() - self._heard_s > RESUME_S:
            self._from = {}
        if self._pause_s == LEAST_PAUSE_S:  # said once: it may last
            log.warning("nearby_interrupted", error=repr(error), loads=not self._from)
        self._begun.clear()
        self.stopping.wait(self._pause_s)
        self._pause_s = min(2 * self._pause_s, MOST_PAUSE_S if may_resume else MOST_REFUSED_PAUSE_S)


def _operation_time() -> Timestamp:
    """Where the database is now, as it counts its operations."""
    with pymongo.timeout(STEP_TIMEOUT_S), database().client.start_session() as session:
        database().command("ping", session=session)
        # A replica set tells it with each answer.
        return session.operation_time  # type: ignore[return-value]


@contextmanager
def _stream_of(heart: str, since: dict[str, Any]) -> Iterator[DatabaseChangeStream]:
    """The changes of any task or person and of this heartbeat, no longer than they must be."""
    followed = {"$in": [Task._get_collection_name(), Person._get_collection_name()]}
    # Another collection may be renamed into the place of one of them.
    of_these = {"$or": [{"ns.coll": followed}, {"to.coll": followed}]}
    of_heart = {"ns.coll": Heartbeat._get_collection_name(), "documentKey._id": heart}
    of_all = {"operationType": {"$in": ["dropDatabase", "invalidate"]}}
    read = {"operationType", "ns", "documentKey", "fullDocument.number"}
    pipeline = [
        {"$match": {"$or": [of_these, of_heart, of_all]}},
        {"$project": dict.fromkeys(read, 1) | card_fields("fullDocument.")},
    ]
    with pymongo.timeout(OPEN_TIMEOUT_S):
        stream = database().watch(
            pipeline, full_document="updateLookup", max_await_time_ms=WAIT_MS, **since
        )
    try:
        yield stream
    finally:
        with suppress(PyMongoError), pymongo.timeout(STOP_TIMEOUT_S):
            stream.close()


def _may_resume(error: Exception) -> bool:
    """Whether the stream may go on from where it was: nobody said that it cannot."""
    # That of a write is of a heartbeat which found no majority in time.
    if isinstance(error, OperationFailure) and not isinstance(error, WriteConcernError):
        return error.timeout or error.has_error_label("ResumableChangeStreamError")
    return isinstance(error, PyMongoError)


follower = Follower()
