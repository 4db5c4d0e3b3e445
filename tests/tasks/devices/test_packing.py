"""Packing: what was acknowledged is in the track, whatever is killed, emptied, doubled or raced."""

import pymongo.collection
import pytest
from phones import seconds_in_track, send, walker

from shared.clock import real_now
from shared.database import collection
from shared.queue import valkey
from tasks import finish_participation, track_of
from tasks.catching_up import sweep
from tasks.devices import packing
from tasks.devices.packing import LOST_AFTER, pack_inbox_of, pack_waiting, upload_key_of
from tasks.devices.waiting import QUEUE_DRAINS_WITHIN
from tasks.devices.waiting_fix import WaitingFix
from tasks.participation import Participation, ParticipationState
from tasks.tracks.track_chunk import TrackChunk
from tasks.verification import verify_participation
from tests.racing import at_once

WRITES = ("insert_one", "insert_many", "update_one", "update_many", "delete_one", "delete_many")


class Killed(BaseException):
    """The process is gone: nothing catches this."""


class Killer:
    """Ends the work before or after its n-th write, as kill -9 would."""

    def __init__(self, monkeypatch, at, *, after):
        self.left, self.after, self.fired = at, after, False
        for name in WRITES:
            real = getattr(pymongo.collection.Collection, name)
            monkeypatch.setattr(pymongo.collection.Collection, name, self._deadly(real))

    def _deadly(self, real):
        def write(*args, **kwargs):
            self.left -= 1
            if self.left == 0 and not self.after:
                self._die()
            done = real(*args, **kwargs)
            if self.left == 0:
                self._die()
            return done

        return write

    def _die(self):
        self.fired = True
        raise Killed


@pytest.fixture
def walking(published, volunteer):
    return walker(published(), volunteer())


def left_waiting():
    return collection(WaitingFix).count_documents({"person_id": {"$exists": True}})


def test_what_waits_goes_into_the_track_and_nothing_but_its_key_stays(walking):
    send(walking, 10, 20, 30)
    assert pack_inbox_of(walking.actor.person_id) == 3
    assert seconds_in_track(walking) == [10, 20, 30]
    assert Participation.objects(id=walking.walk.id).get().points == 3
    for row in collection(WaitingFix).find():
        assert set(row) == {"_id", "forget_at"}


def test_packing_again_changes_nothing(walking):
    send(walking, 10)
    pack_inbox_of(walking.actor.person_id)
    assert pack_inbox_of(walking.actor.person_id) == 0
    assert TrackChunk.objects.count() == 1


def test_the_datum_of_the_device_is_undone(published, volunteer):
    who = walker(published(), volunteer(), datum="gcj02")
    send(who, 10, datum="gcj02")
    pack_inbox_of(who.actor.person_id)
    (chunk,) = TrackChunk.objects
    assert chunk.datum == "gcj02"
    assert track_of(who.walk.id).points.lat[0] == pytest.approx(26.0901, abs=2e-6)


def test_more_than_a_round_is_packed_to_the_end(walking, monkeypatch):
    monkeypatch.setattr(packing, "ROUND", 4)
    send(walking, *range(10))
    assert pack_inbox_of(walking.actor.person_id) == 10
    assert seconds_in_track(walking) == list(range(10))


def test_what_the_phone_calls_made_up_is_counted(walking):
    send(walking, 10, mock=True)
    pack_inbox_of(walking.actor.person_id)
    assert TrackChunk.objects.get().mocked == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_every_write_nothing_acknowledged_is_lost_or_doubled(walking, monkeypatch, after):
    acknowledged, step = [], 0
    while True:
        step += 1
        first = step * 10
        with monkeypatch.context() as patched:
            killer = Killer(patched, step, after=after)
            try:
                send(walking, first, first + 1)
                pack_inbox_of(walking.actor.person_id)
            except Killed:
                pass
        # A phone without an answer sends again, and so does one that lost the answer.
        send(walking, first, first + 1)
        acknowledged += [first, first + 1]
        valkey().flushdb()
        pack_inbox_of(walking.actor.person_id)
        assert seconds_in_track(walking) == acknowledged, f"killed at write {step}"
        assert left_waiting() == 0
        if not killer.fired:
            break
    assert step > 5


def test_a_lost_job_is_made_good_by_the_sweep(walking):
    send(walking, 10)
    valkey().flushdb()
    assert pack_waiting() == 0  # its job may still come
    collection(WaitingFix).update_many({}, {"$set": {"waits_since": real_now() - 2 * LOST_AFTER}})
    assert sweep()["pack_waiting"] == 1
    assert seconds_in_track(walking) == [10]


def test_the_verdict_counts_what_still_waited(walking):
    send(walking, 1, 2, 3)
    finish_participation(walking.walk.id, by=walking.actor)
    long_finished = real_now() - QUEUE_DRAINS_WITHIN
    Participation.objects(id=walking.walk.id).update_one(set__finish_received_at=long_finished)
    verify_participation(walking.walk.id)
    assert seconds_in_track(walking) == [1, 2, 3]
    assert left_waiting() == 0


def test_what_comes_after_the_verdict_is_let_go(walking):
    send(walking, 10)
    Participation.objects(id=walking.walk.id).update_one(set__state=ParticipationState.VERIFIED)
    assert pack_inbox_of(walking.actor.person_id) == 0
    assert left_waiting() == 0
    assert seconds_in_track(walking) == []


def test_packers_that_race_with_a_sending_phone_lose_nothing(walking):
    def one(number):
        if number % 2:
            return pack_inbox_of(walking.actor.person_id)
        return send(walking, *range(number * 10, number * 10 + 10)).kept

    at_once(16, one)
    pack_inbox_of(walking.actor.person_id)
    wanted = {s for number in range(0, 16, 2) for s in range(number * 10, number * 10 + 10)}
    assert set(seconds_in_track(walking)) == wanted
    assert left_waiting() == 0


def test_the_same_fixes_make_the_same_upload_key():
    assert upload_key_of(["b", "a"]) == upload_key_of(["a", "b"])
    assert upload_key_of(["a"]) != upload_key_of(["b"])
