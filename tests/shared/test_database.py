"""Leases that threads share with nobody, and `prepare`, which gives an index the time it needs."""

from contextlib import ExitStack

import mongoengine as me
import pytest
from pymongo import monitoring

from people import Person
from shared import database as floor
from shared.clock import real_now
from shared.database import (
    COMMAND_TIMEOUT_MS,
    EmbeddedDocument,
    collection,
    database,
    give_lease_back,
    lease,
    prepare,
    take_lease,
)
from shared.errors import Unavailable
from tests.racing import at_once


class IndexListener(monitoring.CommandListener):
    """Remembers how long each createIndexes may take, in milliseconds."""

    def __init__(self):
        self.allowed_ms = []

    def started(self, event):
        if event.command_name == "createIndexes":
            self.allowed_ms.append(event.command.get("maxTimeMS"))

    def succeeded(self, event):
        pass

    def failed(self, event):
        pass


# Registered before the session's client is made: clients keep the listeners of their birth.
INDEXES = IndexListener()
monitoring.register(INDEXES)


def stored(name="work"):
    return database()["leases"].find_one({"_id": name})


def test_of_threads_of_one_process_one_holds_a_lease():
    with ExitStack() as held:
        answers = at_once(8, lambda _one: held.enter_context(lease("work", seconds=60)))
        assert sum(isinstance(answer, Unavailable) for answer in answers) == 7
    assert stored() is None


def test_a_block_that_was_refused_leaves_the_other_its_lease():
    with lease("work", seconds=60):
        with pytest.raises(Unavailable), lease("work", seconds=60):
            pass
        assert stored() is not None
        assert not take_lease("work", seconds=60)
        give_lease_back("work")
        assert stored() is not None
    assert stored() is None


def test_work_prolongs_its_lease_and_hears_of_having_lost_it():
    with lease("work", seconds=60) as prolong:
        database()["leases"].update_one({"_id": "work"}, {"$set": {"until": real_now()}})
        prolong()
        assert stored()["until"] > real_now()
        database()["leases"].update_one({"_id": "work"}, {"$set": {"until": real_now()}})
        assert take_lease("work", seconds=60)
        with pytest.raises(Unavailable):
            prolong()
    assert stored()["holder"] == floor.holder_name()


def test_a_process_prolongs_and_ends_its_own_lease_from_any_thread():
    assert at_once(4, lambda _one: take_lease("work", seconds=60)) == [True] * 4
    give_lease_back("work")
    assert stored() is None


def test_prepare_gives_an_index_far_longer_than_a_command():
    INDEXES.allowed_ms.clear()
    assert "people" in prepare()
    assert INDEXES.allowed_ms
    assert all(one is None or one > 60 * COMMAND_TIMEOUT_MS for one in INDEXES.allowed_ms)
    assert stored("prepare") is None


def test_prepare_prolongs_its_lease_before_every_collection(monkeypatch):
    held = []

    def take_long(document):
        held.append(stored("prepare")["until"] > real_now())
        database()["leases"].update_one({"_id": "prepare"}, {"$set": {"until": real_now()}})
        return document._get_collection_name()

    monkeypatch.setattr(floor, "_prepare_collection", take_long)
    assert len(prepare()) > 10
    assert all(held)


def test_what_a_newer_version_embedded_is_read_past():
    class Card(EmbeddedDocument):
        number = me.IntField()

    assert Card._from_son({"number": 7, "colour": "red"}).number == 7
    person = Person(created_at=real_now()).save()
    newer = {"role": "clerk", "unit_id": "u", "since": real_now(), "rank": 3}
    collection(Person).update_one({"_id": person.id}, {"$set": {"memberships": [newer]}})
    assert Person.objects.with_id(person.id).memberships[0].role == "clerk"
