"""What a test of the open tasks in memory directs: servers of its own, and processes that follow.

Servers are members of the embedded kind with options of their own; processes run
nearby_watching.py and do what they are told over a socket in the test's folder.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from random import Random
from typing import Any

import pymongo
from nearby_promises import Answer, Write, broken_promises
from nearby_writing import ELSEWHERE, Writer, a_task
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from children import ROOT, VENV_PYTHON, Child, mark_for, start_child, sweep
from embedded import Member, ReplicaSet, initiate, run_mongod, set_uri

SCRIPT = ROOT / "tests" / "journeys" / "nearby_watching.py"
STANDING_TASKS, SPREAD = 5_000, 0.08
BOUND_S = 20


def eventually(holds: Callable[[], Any], bound_s: float = BOUND_S) -> Any:
    """Wait until something holds, and what it then is; fails where it does not in time."""
    ends_at = time.monotonic() + bound_s
    while not (found := holds()):
        assert time.monotonic() < ends_at, "it never came to hold"
        threading.Event().wait(0.02)
    return found


# ---- servers


class OneServer(Member):
    """A replica set of one with options of its own, to be killed, halted and started again."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._options = options or ("--oplogSize", "128")
        super().__init__(folder, mark_for(folder))
        self.uri = set_uri([self.port])
        initiate([self.port])

    def start(self) -> None:
        """Start it and do not wait for it."""
        self.server = run_mongod(
            self.folder, self.port, *self._options, mark=self._mark, cache_gb=0.25
        )

    def signal(self, number: int) -> None:
        """Send the server's process a signal."""
        self.server.child.popen.send_signal(number)


@contextmanager
def halted(child: Child, until: Callable[[], Any]) -> Iterator[None]:
    """Let a process stand still until something holds, and through the block."""
    child.popen.send_signal(signal.SIGSTOP)
    try:
        until()
        yield
    finally:
        child.popen.send_signal(signal.SIGCONT)


def furnish(uri: str) -> None:
    """Many open tasks that nobody changes, far from those that change."""
    rng = Random(7)
    with pymongo.MongoClient(uri, w="majority") as client:
        tasks = client.get_default_database()["tasks"]
        names = [f"standing-{number}" for number in range(STANDING_TASKS)]
        tasks.insert_many([a_task(name, rng, ELSEWHERE, SPREAD) for name in names])


def clear(uri: str) -> None:
    """Take away what earlier tests left, but for what stands."""
    with pymongo.MongoClient(uri, w="majority") as client:
        standing = {"_id": {"$not": {"$regex": "^standing-"}}}
        client.get_default_database()["tasks"].delete_many(standing)


def end_streams(uri: str) -> None:
    """End every change stream on the server, as a restart of it would."""
    here = ReadConcern("local")
    everybody = {"allUsers": True, "idleCursors": True}
    with pymongo.MongoClient(uri) as client:
        admin = client.get_database("admin", read_concern=here)
        for found in admin.aggregate([{"$currentOp": everybody}]):
            cursor = found.get("cursor", {})
            if "$changeStream" in str(cursor.get("originatingCommand")):
                name, _, where = found["ns"].partition(".")
                ended = {"killCursors": where, "cursors": [cursor["cursorId"]]}
                client[name].command(ended)


@contextmanager
def refused(uri: str, command: str, name: str) -> Iterator[None]:
    """Let the server refuse a command to whoever goes by a name there, as for want of a right."""
    fail = {"failCommands": [command], "errorCode": 13, "appName": name}
    with pymongo.MongoClient(uri) as client:
        client.admin.command(
            {"configureFailPoint": "failCommand", "mode": "alwaysOn", "data": fail}
        )
        try:
            yield
        finally:
            client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})


def take_away(uri: str, what: str) -> tuple[float, float]:
    """Let all tasks be gone at once; when that was begun, and when a majority had it."""
    begun = time.monotonic()
    with pymongo.MongoClient(uri, w="majority") as client:
        database = client.get_default_database()
        if what == "tasks dropped":
            database["tasks"].drop()
        elif what == "tasks renamed":
            database["tasks"].rename("tasks_of_old", dropTarget=True)
        else:
            client.drop_database(database.name)
    return begun, time.monotonic()


def roll_over(uri: str, since_s: float) -> None:
    """Write until the server's history begins after that moment (seconds since 1970)."""
    filling = [{"text": "x" * 100_000}] * 10
    with pymongo.MongoClient(uri, w="majority") as client:
        history, other = client["local"]["oplog.rs"], client["other"]["fillings"]

        def is_over() -> bool:
            other.insert_many([dict(one) for one in filling])
            first = history.find_one(sort=[("$natural", 1)], projection={"ts": 1})
            return bool(first) and first["ts"].time > since_s + 1

        eventually(is_over, 40)


def ask(member: Member, command: str, value: Any = 1) -> dict[str, Any]:
    """What one member answers to a command; nothing where it refuses or does not answer."""
    address = f"mongodb://127.0.0.1:{member.port}/?directConnection=true"
    try:
        with pymongo.MongoClient(address, timeoutMS=1_000) as client:
            return dict(client.admin.command(command, value))
    except PyMongoError:
        return {}


def primary_of(members: ReplicaSet, but: Member | None = None) -> Member:
    """Wait for a primary, other than one that may still think it is."""
    others = [one for one in members.members if one is not but]

    def find() -> Member | None:
        return next((one for one in others if ask(one, "hello").get("isWritablePrimary")), None)

    found: Member = eventually(find, 30)
    return found


def chain(members: ReplicaSet) -> tuple[Member, Member]:
    """Let the third copy from the second; the primary and that second.

    Whoever copies from a primary that hangs takes half a minute to leave it, and until then no
    majority confirms anything: that would be MongoDB's pause, not ours.
    """
    first = primary_of(members)
    second, third = (one for one in members.members if one is not first)
    source = f"127.0.0.1:{second.port}"

    def is_chained() -> bool:
        ask(third, "replSetSyncFrom", source)
        return bool(ask(third, "replSetGetStatus").get("syncSourceHost") == source)

    eventually(is_chained)
    return first, second


def elect(members: ReplicaSet, second: Member, but: Member) -> None:
    """Have the second stand for election until it is the primary."""

    def is_elected() -> bool:
        ask(second, "replSetStepUp")
        return bool(ask(second, "hello").get("isWritablePrimary"))

    eventually(is_elected)
    assert primary_of(members, but) is second


def wait_for_all(members: ReplicaSet) -> None:
    """Wait until each member is in its place."""
    names = ("isWritablePrimary", "secondary")
    eventually(lambda: all(any(map(ask(one, "hello").get, names)) for one in members.members), 40)


# ---- processes that follow


class Watcher:
    """A process that follows the tasks of a database; every name it knows is a method here."""

    def __init__(self, folder: Path, name: str, uri: str) -> None:
        self.folder, self.name = folder, name
        env = {key: value for key, value in os.environ.items() if "MULTIPROC" not in key}
        env |= {"MONGODB_URI": uri, "PYTHONPATH": str(ROOT), "LOG_LEVEL": "INFO"}
        address = str(folder / f"{name}.sock")
        with Listener(address) as listener:
            self.child = start_child(
                name,
                [str(VENV_PYTHON), str(SCRIPT), address],
                mark=mark_for(folder),
                log=folder / f"{name}.log",
                env=env,
            )
            self._told = accepted(listener, self.child)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def tell(*args: Any) -> Any:
            self._told.send((name, args))
            return self._answer()

        return tell

    def _answer(self) -> Any:
        try:
            answer, error = self._told.recv()
        except EOFError:
            raise AssertionError(f"{self.name} ended: {self.child.tail()}") from None
        assert error is None, f"{self.name}: {error}\n{self.child.tail(5)}"
        return answer

    def said(self, words: str) -> int:
        """How many lines of its log have these words."""
        lines = (self.folder / f"{self.name}.log").read_text().splitlines()
        return sum(words in line for line in lines)

    def end(self) -> int:
        """Let it come to its end; its exit code."""
        self._told.close()
        return self.child.popen.wait(20)


def accepted(listener: Listener, child: Child) -> Connection:
    """The connection of the process just started, unless that one ended first."""
    found: list[Connection] = []
    waiting = threading.Thread(target=lambda: found.append(listener.accept()), daemon=True)
    waiting.start()
    eventually(lambda: found or not child.is_alive(), 40)
    assert found, child.tail()
    return found[0]


# ---- a story: two who write, some who follow


class Story:
    """Writers and watchers of one database, and what they have noted at the end."""

    def __init__(self, folder: Path, uri: str, followers: int = 1) -> None:
        self.uri, self.folder = uri, folder
        self.log: list[Write] = []
        self.writers: list[Writer] = []
        clear(uri)
        self.watchers = [Watcher(folder, f"watcher-{n}", uri) for n in range(followers)]
        self.watcher = self.watchers[0]
        for watcher in self.watchers:
            watcher.begin()
        for watcher in self.watchers:
            watcher.until("memory", 0.0, BOUND_S)
        self._rounds = 0
        for watcher in self.watchers:
            watcher.read()
        self.write()
        self.go_on()

    def write(self) -> None:
        """Two begin to write tasks of their own."""
        self._rounds += 1
        # Unlike any other's of this database, so that nobody meets a task of an earlier test.
        name = f"{self.folder.name}-{self._rounds}"
        self.writers = [Writer(self.uri, f"{name}{who}").start() for who in "ab"]

    def go_on(self, writes: int = 100, *, asked: int = 3) -> None:
        """Wait for so many writes more to be acknowledged, then for so many answers each."""
        wanted = self.acknowledged() + writes
        eventually(lambda: self.acknowledged() >= wanted, 40)
        for watcher in self.watchers if asked else ():
            enough = watcher.asked()[0] + asked
            eventually(lambda watcher=watcher, enough=enough: watcher.asked()[0] >= enough)

    def acknowledged(self) -> int:
        """How many writes a majority has."""
        return sum(writer.acknowledged() for writer in self.writers)

    def pause(self) -> None:
        """Nobody writes any more, for now."""
        for writer in self.writers:
            self.log += writer.stop()
        self.writers = []

    def lose_all(self, what: str) -> None:
        """Nobody writes any more, and then all tasks are taken away."""
        stopped, self.writers = self.writers, []
        for writer in stopped:
            self.log += writer.stop()
        moments = take_away(self.uri, what)
        for writer in stopped:
            self.log += writer.gone(*moments)

    def fresh_again(self, since: float | None = None, bound_s: float = BOUND_S) -> float:
        """Wait until every watcher answers from memory again; how long that took, at most."""
        moment = time.monotonic() if since is None else since
        return max(watcher.until("memory", moment, bound_s) for watcher in self.watchers)

    def finish(self) -> list[list[Answer]]:
        """End it, hold every list against the database, every answer against its promise.

        The answers of each watcher.
        """
        self.pause()
        self.fresh_again()
        for watcher in self.watchers:
            differences = watcher.differences()
            assert not differences, (watcher.name, differences[:5])
        records = [watcher.record() for watcher in self.watchers]
        for record in records:
            broken = broken_promises(self.log, record)
            assert not broken, broken[:5]
            errors = {one.error for one in record} - {"", "away"}
            assert not errors, errors
        return records

    def close(self) -> None:
        """End what still runs of it."""
        for writer in self.writers:
            writer.halt()
        sweep(f"{self.folder.resolve()}|")
