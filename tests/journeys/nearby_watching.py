"""One process that follows the open tasks and asks for them, told by a test what to do.

Run as a script with the address of the test's listener; it does what it is told there, one word
after the other, and answers with plain values.
"""

import sys
import threading
import time
from datetime import UTC, datetime
from multiprocessing.connection import Client, Connection
from typing import Any

import orjson
from nearby_comparing import differences
from nearby_promises import DATABASE, MEMORY, Answer
from nearby_writing import HERE, VIEW_M
from prometheus_client import REGISTRY
from pymongo import monitoring
from pymongo.errors import AutoReconnect, PyMongoError
from pymongo.read_concern import ReadConcern

from shared.database import all_documents, connect, database, holder_name
from shared.errors import Unavailable
from tasks import Nearby, TaskNear, TasksNear, follower, tasks_near

ASKED = Nearby(*HERE, VIEW_M, 500)
# Between two questions, so that two processes, their writers and mongod share two cores.
PACE_S = 0.015
POLL_S = 0.01
NO_CLAIM = float("-inf")


class Sent(monitoring.CommandListener):
    """Notes the commands of the thread that follows."""

    def __init__(self) -> None:
        self.commands: list[tuple[float, str, str]] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if threading.current_thread().name == "nearby":
            what = event.command_name, str(event.command[event.command_name])
            self.commands.append((time.monotonic(), *what))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass


SENT = Sent()
monitoring.register(SENT)


class Reader:
    """Asks the same again and again in a thread, and notes every answer."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self._cards: dict[tuple[float, float, bytes], tuple[int, Any]] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)
        self._thread.start()

    def stop(self) -> list[Answer]:
        """Ask no more; what was answered."""
        self._stopped.set()
        self._thread.join(30)
        return self.answers

    def _run(self) -> None:
        while not self._stopped.wait(PACE_S):
            asked = time.monotonic()
            try:
                near = tasks_near(ASKED)
            except Exception as error:
                failed = time.monotonic()
                self.answers.append(Answer(asked, failed, NO_CLAIM, "", {}, name_of(error)))
            else:
                self.answers.append(self._answer(asked, near))

    def _answer(self, asked: float, near: TasksNear) -> Answer:
        answered = time.monotonic()
        tasks = {one.id: self._shown(one) for one in near.found}
        if near.as_of is None:
            return Answer(asked, answered, NO_CLAIM, DATABASE, tasks)
        age_s = (datetime.now(UTC) - near.as_of).total_seconds()
        return Answer(asked, answered, answered - age_s, MEMORY, tasks)

    def _shown(self, one: TaskNear) -> tuple[int, Any]:
        """The number of the write that is shown, and what of it; each card is read once."""
        key = (one.lat, one.lon, one.card)
        if key not in self._cards:
            card = orjson.loads(one.card)
            window = (datetime.fromisoformat(card[name]) for name in ("starts_at", "ends_at"))
            shown = (one.lat, one.lon, card["kind"], card["slots_left"])
            shown += (*(moment.timestamp() for moment in window), card["address"])
            self._cards[key] = (int(card["title"]), shown)
        return self._cards[key]


def name_of(error: Exception) -> str:
    """`away` for what the API answers by 503, else what went wrong."""
    if isinstance(error, Unavailable):
        return "away"
    is_away = isinstance(error, PyMongoError) and (
        error.timeout
        or error.has_error_label("RetryableWriteError")
        or isinstance(error, AutoReconnect)
    )
    return "away" if is_away else f"{type(error).__name__}: {error}"


class Watching:
    """What a test may ask of this process, by name."""

    def __init__(self) -> None:
        self._reader: Reader | None = None

    def begin(self) -> None:
        """Connect, make the indexes of the tasks, and follow."""
        connect()
        self.index()
        follower.start()

    def index(self) -> None:
        """Make the indexes of tasks and heartbeats, where they are gone."""
        for document in all_documents():
            if document.__name__ in ("Task", "Heartbeat"):
                document.ensure_indexes()

    def until(self, state: str, since: float, bound_s: float) -> float:
        """Wait for a state; in `memory` also until it is complete to the monotonic `since`.

        How long that took; an error where it does not come.
        """
        began = time.monotonic()
        while not (follower.state() == state and (state != "memory" or self._is_since(since))):
            if time.monotonic() > began + bound_s:
                raise TimeoutError(f"{follower.state()} for {bound_s} s, never {state}")
            time.sleep(POLL_S)
        return time.monotonic() - began

    def _is_since(self, since: float) -> bool:
        known = follower.fresh()
        if known is None:
            return False
        moment = time.monotonic()
        return moment - (datetime.now(UTC) - known[1]).total_seconds() > since

    def differences(self) -> list[str]:
        """In what the list in memory differs from the database; it must be fresh."""
        known = follower.fresh()
        return differences(known[0]) if known else [f"not fresh but {follower.state()}"]

    def read(self) -> None:
        """Begin to ask."""
        self._reader = Reader()

    def asked(self) -> tuple[int, str]:
        """How many answers there are so far, and where the last came from."""
        answers = self._reader.answers if self._reader else []
        return len(answers), (answers[-1].error or answers[-1].source) if answers else ""

    def record(self) -> list[Answer]:
        """Ask no more; every answer there was."""
        return self._reader.stop() if self._reader else []

    def reloads(self) -> int:
        """How often the tasks were loaded anew."""
        return int(REGISTRY.get_sample_value("fuxun_nearby_reloads_total") or 0)

    def state(self) -> str:
        """What the follower says of itself."""
        return follower.state()

    def following(self) -> int:
        """How many threads are alive that belong neither to this script nor to the driver."""
        others = [one.name for one in threading.enumerate() if "pymongo" not in one.name]
        return len([name for name in others if name not in ("MainThread", "reader")])

    def stop(self) -> None:
        """Follow no more."""
        follower.stop()

    def start(self) -> None:
        """Follow again."""
        follower.start()

    def known_as(self) -> str:
        """What the server knows this process by."""
        return str(database().client.options.pool_options.appname)

    def sent(self) -> list[tuple[float, str, str]]:
        """Every command that follows the tasks: when, its name, its collection."""
        return SENT.commands

    def cursors(self) -> int:
        """How many change streams the server keeps for this process: its name is in them."""
        stages: list[dict[str, Any]] = [
            {"$currentOp": {"allUsers": True, "idleCursors": True}},
            {"$match": {"cursor.originatingCommand.pipeline": {"$exists": True}}},
        ]
        admin = database().client.admin.with_options(read_concern=ReadConcern("local"))
        asked = [one["cursor"]["originatingCommand"]["pipeline"] for one in admin.aggregate(stages)]
        return sum("$changeStream" in one[0] and f"{holder_name()}:" in str(one) for one in asked)


def serve(watching: Watching, told: Connection) -> None:
    """Do what is told until told no more."""
    while True:
        try:
            name, args = told.recv()
        except EOFError:
            return
        try:
            told.send((getattr(watching, name)(*args), None))
        except Exception as error:
            told.send((None, f"{type(error).__name__}: {error}"))


if __name__ == "__main__":
    serve(Watching(), Client(sys.argv[1]))
