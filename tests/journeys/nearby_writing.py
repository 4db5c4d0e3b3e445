"""Whoever changes tasks while they are asked for: every change there is, each one noted.

Plain commands as the verbs send them, w=majority. A task's `version` rises by one with each and
guards it, so that a write whose answer was lost can never come late; its title shows it.
"""

import random
import threading
import time
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pymongo
from nearby_promises import Write
from pymongo.errors import PyMongoError

HERE = (26.09, 119.29)
# Far enough that nobody who asks around HERE sees it, nor within 20 km of both.
ELSEWHERE = (26.39, 119.29)
VIEW_M = 3_000
HOUR = timedelta(hours=1)
# Windows begin and end at whole hours around the start of the tests.
ZERO = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
KINDS = ("patrol", "publicity", "care_visit", "school_guard")
SLOTS = 3
TASKS_EACH = 15
PACE_S = 0.004
Raw = dict[str, Any]


def a_task(
    task_id: str, rng: random.Random, near: tuple[float, float] = HERE, spread: float = 0.01
) -> Raw:
    """A published task with free slots, as it lies in the database."""
    return {
        "_id": task_id,
        "version": 1,
        "title": "1",
        "kind": rng.choice(KINDS),
        "kind_rules": {},
        "unit_id": "street",
        "place": "鼓楼区鼓西街道",
        "place_en": "Gulou, Guxi",
        "address": "鼓西派出所",
        "area": {},
        "location": a_place(rng, near, spread),
        "starts_at": ZERO - rng.randint(1, 3) * HOUR,
        "ends_at": ZERO + rng.randint(2, 5) * HOUR,
        "slots": SLOTS,
        "slots_left": SLOTS,
        "coins": 100,
        "state": "published",
        "claims": [],
        "created_by": "officer",
        "draft_key": task_id,
        "settled": True,
    }


def a_place(rng: random.Random, near: tuple[float, float], spread: float = 0.01) -> Raw:
    lat, lon = (degrees + rng.uniform(-spread, spread) for degrees in near)
    return {"type": "Point", "coordinates": [lon, lat]}


def is_open(task: Raw, moment: datetime) -> bool:
    """Whether everybody may claim it then, said once more and plainly."""
    if task["state"] != "published" or task["slots_left"] < 1 or task.get("by_order"):
        return False
    return task["ends_at"] > moment and not (task.get("is_team") and task["claims"])


def shown(task: Raw) -> tuple[Any, ...] | None:
    """What an answer around HERE shows of it; None where it shows no such task."""
    lon, lat = task["location"]["coordinates"]
    if not is_open(task, datetime.now(UTC)) or abs(lat - HERE[0]) > 0.02:
        return None
    address = task["place"] if task.get("has_private_place") else task["address"]
    window = (task["starts_at"].timestamp(), task["ends_at"].timestamp())
    return (lat, lon, task["kind"], task["slots_left"], *window, address)


def changes_of(task: Raw, rng: random.Random) -> list[Raw]:
    """The updates that may come next, as the verbs write them."""
    if task["state"] == "draft":
        return [{"$set": {"state": "published"}}]
    if task["state"] != "published" or task["ends_at"] < ZERO:
        return []
    found: list[Raw] = [
        {"$set": {"state": "closed"}},
        {"$set": {"state": "cancelled"}},
        {"$set": {"location": a_place(rng, HERE)}},
        {"$set": {"location": a_place(rng, HERE), "has_private_place": rng.random() < 0.5}},
        {"$set": {"location": a_place(rng, ELSEWHERE)}},
        {"$set": {"starts_at": ZERO - 2 * HOUR, "ends_at": ZERO + 3 * HOUR}},
        {"$set": {"starts_at": ZERO - 4 * HOUR, "ends_at": ZERO - HOUR}},
        {"$set": {"kind": rng.choice(KINDS)}},
        {"$unset": {"by_order": ""}} if task.get("by_order") else {"$set": {"by_order": True}},
    ]
    if not task["claims"]:
        found.append({"$set": {"is_team": not task.get("is_team")}})
    if task["slots_left"]:
        claim = {"participation_id": f"p{task['version']}", "person_id": f"v{task['version']}"}
        claim |= {"claimed_at": ZERO}
        found += [{"$push": {"claims": claim}, "$inc": {"slots_left": -1}}] * 8
    if task["claims"]:
        mine = {"participation_id": rng.choice(task["claims"])["participation_id"]}
        found += [{"$pull": {"claims": mine}, "$inc": {"slots_left": 1}}] * 5
    return found


def changed(task: Raw, update: Raw) -> Raw:
    """The task as the update leaves it."""
    made = deepcopy(task) | update.get("$set", {})
    for name in update.get("$unset", {}):
        made.pop(name, None)
    for name, step in update.get("$inc", {}).items():
        made[name] += step
    if "$push" in update:
        made["claims"].append(update["$push"]["claims"])
    if "$pull" in update:
        gone = update["$pull"]["claims"]["participation_id"]
        made["claims"] = [one for one in made["claims"] if one["participation_id"] != gone]
    return made


class Writer:
    """One who changes tasks of their own without a pause, until stopped, and notes every write."""

    def __init__(self, uri: str, name: str, seed: int = 1) -> None:
        self.log: list[Write] = []
        self.error: Exception | None = None
        self._name, self._rng = name, random.Random(f"{name}{seed}")
        self._made = 0
        self._tasks: list[Raw] = []
        # Whose last write got no answer: to be put right before anything else is done to it.
        self._unsure: set[str] = set()
        self._client: pymongo.MongoClient[Raw] = pymongo.MongoClient(
            uri, tz_aware=True, w="majority", journal=True, timeoutMS=1_500
        )
        self._database = self._client.get_default_database()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> "Writer":
        """Begin to write."""
        self._thread.start()
        return self

    def halt(self) -> None:
        """Begin no write any more; harmless to repeat."""
        self._stopped.set()

    def stop(self) -> list[Write]:
        """Write no more; what was written."""
        self.halt()
        self._thread.join(30)
        assert not self._thread.is_alive()
        self._client.close()
        if self.error:
            raise self.error
        return self.log

    def gone(self, begun: float, acked: float) -> list[Write]:
        """What it means for every task of a stopped writer that all were taken away at once."""
        last: dict[str, Write] = {one.task_id: one for one in self.log}
        return [Write(one.task_id, one.number + 1, begun, acked, None) for one in last.values()]

    def acknowledged(self) -> int:
        """How many writes a majority has."""
        return sum(one.acked is not None for one in self.log[:])

    def _run(self) -> None:
        try:
            while not self._stopped.wait(PACE_S):
                self._change_something()
        except Exception as error:
            self.error = error

    def _change_something(self) -> None:
        if len(self._tasks) < TASKS_EACH:
            self._insert()
            return
        task = self._rng.choice(self._tasks)
        if task["_id"] in self._unsure or self._rng.random() < 0.05:
            self._replace(task)
        elif self._rng.random() < 0.04:
            self._delete(task)
        else:
            self._update(task)

    def _insert(self) -> None:
        self._made += 1
        task = a_task(f"{self._name}-{self._made}", self._rng)
        if self._rng.random() < 0.5:
            task["state"] = "draft"
        # One that may have come or not is left alone: a late insertion meets nobody.
        if self._noted(task, 1, lambda: self._database["tasks"].insert_one(deepcopy(task))):
            self._tasks.append(task)

    def _replace(self, task: Raw) -> None:
        number = task["version"] + 1
        fresh = a_task(task["_id"], self._rng) | {"version": number, "title": str(number)}
        older = {"_id": task["_id"], "version": {"$lt": number}}
        self._become(task, fresh, lambda: self._database["tasks"].replace_one(older, fresh))

    def _delete(self, task: Raw) -> None:
        number, known = task["version"] + 1, {"_id": task["_id"], "version": task["version"]}
        self._tasks.remove(task)
        self._noted(None, number, lambda: self._database["tasks"].delete_one(known), task["_id"])

    def _update(self, task: Raw) -> None:
        updates = changes_of(task, self._rng)
        if not updates:
            self._replace(task)
            return
        update, number = self._rng.choice(updates), task["version"] + 1
        named = {"version": number, "title": str(number)}
        update = {**update, "$set": {**update.get("$set", {}), **named}}
        known = {"_id": task["_id"], "version": task["version"]}
        fresh, tasks = changed(task, update), self._database["tasks"]
        if task["state"] == "draft":
            self._become(task, fresh, lambda: self._publish(known, update))
        else:
            self._become(task, fresh, lambda: tasks.update_one(known, update))

    def _publish(self, known: Raw, update: Raw) -> Any:
        """Published as the verb does it: in one transaction with the entry that funds it."""

        def decide(session: Any) -> Any:
            entry = {"task_id": known["_id"], "coins": 300}
            self._database["publications"].insert_one(entry, session=session)
            return self._database["tasks"].update_one(known, update, session=session)

        with self._client.start_session() as session:
            return session.with_transaction(decide)

    def _become(self, task: Raw, fresh: Raw, write: Any) -> None:
        if self._noted(fresh, fresh["version"], write):
            self._unsure.discard(task["_id"])
        else:
            self._unsure.add(task["_id"])
        task.clear()
        task.update(fresh)

    def _noted(self, task: Raw | None, number: int, write: Any, task_id: str = "") -> bool:
        """Whether a majority has it; noted with when it was begun and when that was known."""
        begun, acked = time.monotonic(), None
        try:
            result = write()
        except PyMongoError:
            pass  # it may have come or not
        else:
            count = getattr(result, "matched_count", getattr(result, "deleted_count", 1))
            assert count == 1, f"{task_id or task} was changed by somebody else"
            acked = time.monotonic()
        what = shown(task) if task else None
        self.log.append(Write(task["_id"] if task else task_id, number, begun, acked, what))
        return acked is not None
