"""The tasks near me from memory, while servers die, stand still, forget and elect: no answer is
ever older than it claims, and afterwards every row and card is the database's.
"""

import signal
import threading
import time
from collections.abc import Iterator
from itertools import pairwise

import pymongo
import pytest
from nearby_directing import (
    OneServer,
    Story,
    chain,
    elect,
    end_streams,
    eventually,
    furnish,
    halted,
    primary_of,
    refused,
    roll_over,
    wait_for_all,
)
from nearby_promises import (
    DATABASE,
    FRESH_S,
    MEMORY,
    Answer,
    Write,
    broken_promises,
    longest_gap_s,
    sources,
)

from children import mark_for, sweep
from embedded import start_replica_set

pytestmark = pytest.mark.timeout(120)

STILL_S = 4


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[OneServer]:
    """A MongoDB of these tests' own, with many tasks that nobody changes."""
    folder = tmp_path_factory.mktemp("nearby")
    try:
        made = OneServer(folder, "--oplogSize", "128", "--setParameter", "enableTestCommands=1")
        furnish(made.uri)
        yield made
    finally:
        sweep(f"{folder.resolve()}|")


@pytest.fixture
def told(tmp_path) -> Iterator:
    """Begins a story, and ends whatever is left of it."""
    begun: list[Story] = []

    def begin(uri: str, followers: int = 1) -> Story:
        begun.append(Story(tmp_path, uri, followers))
        return begun[-1]

    yield begin
    for story in begun:
        story.close()
    for folder in (tmp_path, tmp_path / "server"):
        sweep(f"{folder.resolve()}|")


@pytest.fixture
def story(server, told) -> Story:
    """One follower of the tests' own MongoDB."""
    return told(server.uri)


# ---- the check itself


def record(**changes) -> list[Answer]:
    said = {"asked": 10.0, "answered": 10.01, "as_of": 9.9, "source": MEMORY, "tasks": {}}
    return [Answer(**(said | changes))]


WRITES = [
    Write("a", 1, 1.0, 1.1, "free"),
    Write("a", 2, 5.0, 5.1, "taken"),
    Write("a", 3, 9.85, 9.95, None),
    Write("b", 1, 2.0, 2.1, "free"),
    Write("b", 2, 3.0, None, None),
    Write("c", 1, 10.5, 10.6, "free"),
]


@pytest.mark.parametrize(
    "tasks",
    [
        {"a": (2, "taken"), "b": (1, "free")},
        {"b": (1, "free")},  # a is gone: that had begun, and nobody knew it yet
        {"a": (2, "taken")},  # whether b is gone nobody was told
    ],
)
def test_an_answer_that_keeps_its_promise_is_not_complained_of(tasks):
    assert broken_promises(WRITES, record(tasks=tasks)) == []


@pytest.mark.parametrize(
    ("falsified", "said"),
    [
        ({"tasks": {"a": (1, "free"), "b": (1, "free")}}, "a shows 1 where 2 was known"),
        ({"tasks": {"a": (2, "taken")}, "as_of": 2.5}, "7.500 s old"),
        ({"tasks": {"a": (2, "free")}}, "a shows 2 as free, written as taken"),
        ({"tasks": {"a": (2, "taken")}, "as_of": 9.96}, "a shows 2 where 3 was known"),
        ({"tasks": {"c": (1, "free")}}, "c shows 1, not begun yet"),
        ({"tasks": {"d": (1, "free")}}, "d was never written"),
        ({"as_of": 5.2, "asked": 5.3, "answered": 5.4}, "a lacks 2"),
        ({"as_of": 11.0, "tasks": {"c": (1, "free")}}, "a moment to come"),
    ],
)
def test_an_answer_that_breaks_its_promise_is_found(falsified, said):
    found = broken_promises(WRITES, record(**falsified))
    assert any(said in one for one in found), found


def test_a_database_answer_claims_nothing_but_shows_only_what_was_written():
    asked = {"source": DATABASE, "as_of": float("-inf")}
    assert broken_promises(WRITES, record(tasks={"a": (1, "free")}, **asked)) == []
    assert broken_promises(WRITES, record(tasks={"a": (1, "taken")}, **asked)) != []


# ---- one server


@pytest.mark.slow
def test_the_server_is_killed_and_comes_back(server, story):
    server.kill()
    eventually(lambda: story.watcher.state() == "stale")
    threading.Event().wait(1)
    server.start()
    back_s = story.fresh_again()
    story.go_on()
    answers = story.finish()[0]
    assert story.watcher.reloads() == 0, "its token was good"
    assert story.watcher.said("nearby_interrupted") == 1, "an outage is told of once"
    assert story.watcher.said("nearby_fresh_again") == 1
    said(f"fresh {back_s:.1f} s after a killed server was started", answers)


@pytest.mark.slow
def test_the_server_is_restarted_and_followed_only_later(server, story):
    server.signal(signal.SIGTERM)
    server.server.child.popen.wait(20)
    eventually(lambda: story.watcher.state() == "stale")
    with halted(story.watcher.child, server.start):
        story.go_on(50, asked=0)  # what only a good token tells of
    back_s = story.fresh_again()
    story.go_on()
    answers = story.finish()[0]
    assert story.watcher.reloads() == 0, "its token was good"
    said(f"fresh {back_s:.1f} s after it went on", answers)


@pytest.mark.slow
def test_the_server_stands_still(server, story):
    with halted(server.server.child, lambda: eventually(lambda: story.watcher.state() == "stale")):
        threading.Event().wait(STILL_S - 1)
    back_s = story.fresh_again()
    story.go_on()
    answers = story.finish()[0]
    assert story.watcher.reloads() == 0
    said(f"fresh {back_s:.1f} s after the server went on", answers)


@pytest.mark.slow
def test_a_server_away_for_long_is_never_spoken_for_from_memory(server, story):
    server.kill()
    died = time.monotonic()
    eventually(lambda: story.watcher.asked()[1] == "away")
    began = time.monotonic()
    server.start()
    story.fresh_again()
    answers = story.finish()[0]
    meanwhile = [one for one in answers if died + FRESH_S < one.answered < began]
    assert meanwhile
    assert {one.error for one in meanwhile} == {"away"}
    said("away for long", answers)


@pytest.mark.slow
def test_what_is_taken_away_at_once_is_loaded_anew(server, story):
    for loads, what in enumerate(("tasks dropped", "tasks renamed", "database dropped"), 1):
        story.lose_all(what)
        story.watcher.index()
        furnish(server.uri)
        story.write()
        story.go_on()
        story.fresh_again()
        assert story.watcher.reloads() >= loads, what
    story.finish()


@pytest.mark.slow
def test_a_collection_renamed_into_place_is_seen(server, story):
    story.pause()
    story.watcher.record()
    with pymongo.MongoClient(server.uri, w="majority") as client:
        database = client.get_default_database()
        database["tasks"].rename("aside")
        story.fresh_again()
        assert story.watcher.differences() == []
        database["aside"].rename("tasks")
    story.fresh_again()
    assert story.watcher.differences() == []


@pytest.mark.slow
def test_two_that_follow_agree(server, told):
    story = told(server.uri, 2)
    first, second = story.watchers
    story.go_on()
    first.stop()  # the end of one is not the other's
    story.go_on(asked=0)
    second.until("memory", time.monotonic(), 20)
    first.start()
    story.finish()
    assert second.reloads() == 0


@pytest.mark.slow
@pytest.mark.parametrize("command", ["aggregate", "update"])
def test_what_is_refused_costs_two_commands_and_no_load(server, told, command):
    watcher = told(server.uri).watcher
    before, since = watcher.reloads(), time.monotonic()
    with refused(server.uri, command, watcher.known_as()):
        if command == "aggregate":
            end_streams(server.uri)

        def pings() -> list[float]:
            return [at for at, name, _ in watcher.sent() if at > since and name == "ping"]

        eventually(lambda: len(pings()) > 5)
        read = [what for at, *what in watcher.sent() if at > since and what[0] == "find"]
        begun = pings()
        assert watcher.state() == "stale"
    pauses = [later - earlier for earlier, later in pairwise(begun)]
    assert read == [], "nothing was loaded"
    assert all(pause >= 0.15 * 2**number for number, pause in enumerate(pauses)), pauses
    watcher.until("memory", time.monotonic(), 30)
    assert watcher.reloads() == before + 1
    assert watcher.said("nearby_interrupted") == watcher.said("nearby_fresh_again") == 1


@pytest.mark.slow
def test_whoever_stops_leaves_no_thread_and_no_cursor(server, story):
    assert story.watcher.cursors() == 1
    assert story.watcher.following() == 1
    story.watcher.stop()
    assert story.watcher.state() == "off"
    assert story.watcher.following() == 0
    assert story.watcher.cursors() == 0
    story.go_on(50)
    assert story.watcher.asked()[1] == DATABASE
    story.watcher.start()
    story.finish()
    assert story.watcher.cursors() == 1
    assert story.watcher.end() == 0, "a thread that follows keeps nobody from ending"


# ---- history that is gone


@pytest.mark.slow
def test_history_that_is_gone_is_not_missed_but_loaded(tmp_path, told):
    # A history of a megabyte, which a checkpoint every second lets the server cut.
    server = OneServer(tmp_path / "server", "--oplogSize", "1", "--syncdelay", "1")
    furnish(server.uri)
    story = told(server.uri)
    with halted(story.watcher.child, lambda: None):
        roll_over(server.uri, time.time())
    story.fresh_again()
    assert story.watcher.reloads() == 1, "its cursor stood where nothing is any more"
    story.go_on()
    with halted(story.watcher.child, lambda: None):
        server.kill()
        server.start()
        roll_over(server.uri, time.time())
    story.fresh_again()
    assert story.watcher.reloads() == 2, "its token is for nothing that is there any more"
    story.go_on()
    said("history lost", story.finish()[0])


# ---- three servers


@pytest.fixture
def trio(tmp_path):
    """A set of three of the test's own."""
    made = start_replica_set(tmp_path / "trio", mark=mark_for(tmp_path))
    furnish(made.uri)
    return made


@pytest.mark.slow
def test_an_election_makes_nothing_old_count_as_fresh(trio, told):
    story = told(trio.uri)
    first, second = chain(trio)
    with halted(first.server.child, lambda: elect(trio, second, but=first)):
        hung_s = story.fresh_again()
        story.go_on()
    story.go_on()
    wait_for_all(trio)
    second.kill()
    primary_of(trio, but=second)
    killed_s = story.fresh_again()
    second.start()
    story.go_on()
    answers = story.finish()[0]
    assert story.watcher.reloads() == 0
    said(f"fresh {hung_s:.1f} s after an election for a hung, {killed_s:.1f} for a dead", answers)


def said(what: str, answers: list[Answer]) -> None:
    """How it went, for whoever reads the output (-s)."""
    found = sources(answers)
    assert found[MEMORY], "nothing was answered from memory"
    print(f"{what}: {dict(found)}, {longest_gap_s(answers, MEMORY):.1f} s without memory")
