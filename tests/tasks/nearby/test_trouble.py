"""A follower in trouble: what is refused, lies too far back, or happened to the clock."""

import threading
import time
from datetime import timedelta
from itertools import pairwise

import pytest
from near_following import ASKED, RING, end_streams, ids_in_memory, reloads
from near_world import FUZHOU, until
from pymongo import monitoring

from shared.clock import real_now
from shared.database import collection, database
from tasks import Task, follower, tasks_near
from tasks.nearby import answering
from tasks.nearby import follower as follower_file
from tasks.nearby.heartbeat import Heartbeat

# So many changes of others that a stream needs some tenths of a second to get past them.
ASIDE = 120_000


class Sent(monitoring.CommandListener):
    """Notes the commands of all that follow, in order."""

    def __init__(self):
        self.commands = []

    def started(self, event):
        if threading.current_thread().name == "nearby":
            self.commands.append((time.monotonic(), event.command_name))

    def succeeded(self, event):
        pass

    def failed(self, event):
        pass


SENT = Sent()
monitoring.register(SENT)


class Said:
    """A log that keeps what is said, in order."""

    def __init__(self):
        self.words = []

    def info(self, word, **_more):
        self.words.append(word)

    warning = info


@pytest.fixture
def said(monkeypatch):
    """What the follower says from now on."""
    log = Said()
    monkeypatch.setattr(follower_file, "log", log)
    return log.words


@pytest.fixture
def sent():
    """The commands that are sent from now on by whoever follows."""
    SENT.commands.clear()
    return SENT.commands


@pytest.fixture
def refuses():
    """Lets MongoDB refuse every heartbeat, or take them again."""

    def turn(on):
        rule = {"never": {"$exists": True}} if on else {}
        name = Heartbeat._get_collection_name()
        database().command("collMod", name, validator=rule)

    before = database().command("listCollections", filter={"name": "heartbeats"})
    options = before["cursor"]["firstBatch"][0]["options"]
    yield turn
    database().command("collMod", "heartbeats", validator=options.get("validator", {}))


@pytest.fixture
def hasty(monkeypatch):
    """A follower pauses for less at first."""
    monkeypatch.setattr(follower_file, "LEAST_PAUSE_S", 0.02)
    return 0.02


def tries(sent):
    """When it began anew, each time."""
    return [at for at, name in sent if name == "ping"]


def reads(sent):
    return [name for _, name in sent if name == "find"]


def test_a_refused_heartbeat_costs_no_load_and_pauses_grow(
    scattered, hasty, followers, refuses, sent, said
):
    ids = scattered(RING)
    followers.ready()
    before = reloads()
    sent.clear()
    refuses(True)
    begun = until(lambda: len(tries(sent)) == 6 and tries(sent), "it tries now and then")
    pauses = [later - earlier for earlier, later in pairwise(begun)]
    assert all(pause >= 2 * hasty * 2**number for number, pause in enumerate(pauses)), pauses
    until(lambda: follower.state() == "stale", "stale")
    assert tasks_near(ASKED).as_of is None
    assert (reads(sent), reloads()) == ([], before)
    refuses(False)
    until(lambda: follower.state() == "memory", "fresh again")
    assert ids_in_memory(followers) == ids
    assert reloads() == before + 1
    assert said == ["nearby_interrupted", "nearby_fresh_again"]


def test_nor_does_one_that_is_refused_from_the_beginning(town, hasty, followers, refuses, sent):
    refuses(True)
    followers.start()
    until(lambda: len(tries(sent)) == 5, "it tries now and then")
    assert (reads(sent), follower.state()) == ([], "loading")
    refuses(False)
    until(lambda: follower.state() == "memory", "loaded")


def test_a_token_too_far_back_is_given_up_and_all_is_loaded(
    scattered, following, monkeypatch, said
):
    ids = scattered(RING)
    following.caught_up()
    before = reloads()
    following.hold(commands=("update",))  # between two looks at the stream
    try:
        write_aside()
        end_streams()
        more = scattered([FUZHOU])
        with monkeypatch.context() as short:
            short.setattr(follower_file, "STEP_TIMEOUT_S", 0.05)
            short.setattr(follower_file, "OPEN_TIMEOUT_S", 0.05)
            short.setattr(follower_file, "RESUME_S", 1.0)
            following.release()
            until(lambda: reloads() > before, "given up")
        until(lambda: follower.state() == "memory", "fresh again")
        assert set(ids_in_memory(following)) == {*ids, *more}
        assert reloads() == before + 1
        assert said == ["nearby_interrupted", "nearby_fresh_again"]
    finally:
        database().drop_collection("aside")


def write_aside():
    """Changes that nobody follows, and that a stream must read past nevertheless."""
    for first in range(0, ASIDE, 30_000):
        rows = [{"_id": number} for number in range(first, first + 30_000)]
        database()["aside"].insert_many(rows, ordered=False)


@pytest.mark.parametrize("set_by", [-timedelta(hours=1), -timedelta(seconds=0.5)])
def test_after_the_clock_was_set_back_no_answer_is_of_the_future(
    scattered, following, monkeypatch, set_by
):
    ids = scattered(RING)
    following.caught_up()

    def earlier():
        return real_now() + set_by

    def is_from_memory():
        near = tasks_near(ASKED)
        assert near.as_of is None or near.as_of <= earlier()
        return near.as_of is not None

    following.hold()
    for file in (follower_file, answering):
        monkeypatch.setattr(file, "real_now", earlier)
    for _ in range(5):
        is_from_memory()
    following.release()
    until(is_from_memory, "answered from memory again")
    collection(Task).delete_one({"_id": ids[0]})
    until(lambda: ids[0] not in [one.id for one in tasks_near(ASKED).found], "seen")
