"""Open tasks put straight into the collection, and followers that can be held up."""

import threading
from itertools import chain

import pytest
from near_world import Holder, open_document, until
from pymongo import monitoring

from shared.clock import real_now
from shared.database import collection
from tasks import Follower, Task, follower
from tasks.nearby import answering
from tasks.nearby import follower as follower_file

HOLDER = Holder()
monitoring.register(HOLDER)


@pytest.fixture
def scattered(town):
    """Puts open tasks at given (lat, lon)s, as published ones; their ids in order."""

    def put(places, **changes):
        documents = [open_document(town, place, **changes) for place in places]
        collection(Task).insert_many(documents)
        return [document["_id"] for document in documents]

    return put


class Followers:
    """Starts followers and ends them; holds up the thread of one as a slow network would."""

    def __init__(self):
        self.started, self.threads, self._all = [], {}, set()

    def start(self, one=None):
        """A follower that is at it, the process's own where none is given."""
        one = follower if one is None else one
        before = set(threading.enumerate())
        self.started.append(one)
        one.start()
        self.threads[id(one)] = set(threading.enumerate()) - before
        self._all |= self.threads[id(one)]
        return one

    def start_held(self, commands, *, once_answered=False):
        """The process's own follower, held before its first such command or once it is answered."""
        HOLDER.hold_new(commands, once_answered)
        self.start()
        until(HOLDER.holds.is_set, "the follower is held")

    def held(self):
        """The threads that are held."""
        return HOLDER.threads

    def threads_of(self, one=None):
        """The threads that a follower was last started with."""
        return self.threads[id(one or follower)]

    def ready(self, one=None):
        """A follower that answers."""
        one = self.start(one)
        until(lambda: one.state() == "memory", "the follower answers")
        return one

    def another(self):
        """One more, as another process has it."""
        return self.ready(Follower())

    def caught_up(self, one=None):
        """The tasks once they have all that was confirmed before this call, and to when."""
        one, moment = one or follower, real_now()
        return until(lambda: (got := one.fresh()) and got[1] > moment and got, "caught up")

    def hold(self, one=None, commands=("getMore",)):
        """Hold the follower's thread before its next such command, until `release`."""
        HOLDER.hold(self.threads[id(one or follower)], commands)
        until(HOLDER.holds.is_set, "the follower is held")

    def release(self):
        """Let whoever is held go on."""
        HOLDER.release()

    def stop(self):
        """End all of them, their threads as well."""
        self.release()
        for one in self.started:
            one.stop()
        for thread in self._all:
            thread.join(10)
            assert not thread.is_alive()


@pytest.fixture
def followers(request, monkeypatch):
    """Followers whose hearts beat faster, but in a module that sets `OWN_PACE = True`.

    And that are fresh for longer: a disk that stops for a second may not fail other tests.
    """
    if not getattr(request.module, "OWN_PACE", False):
        monkeypatch.setattr(follower_file, "FRESH_S", 2.5)
        monkeypatch.setattr(follower_file, "HEARTBEAT_S", 0.04)
        monkeypatch.setattr(follower_file, "WAIT_MS", 20)
    made = Followers()
    yield made
    made.stop()


@pytest.fixture
def following(followers):
    """The process's own follower, at work."""
    followers.ready()
    return followers


@pytest.fixture
def answered():
    """How often each source answered since, for which reason."""
    before = _answers()
    return lambda: {
        labels: count - before.get(labels, 0)
        for labels, count in _answers().items()
        if count > before.get(labels, 0)
    }


def _answers():
    samples = chain.from_iterable(metric.samples for metric in answering.ANSWERS.collect())
    return {
        (one.labels["source"], one.labels["reason"]): one.value
        for one in samples
        if one.name.endswith("_total")
    }
