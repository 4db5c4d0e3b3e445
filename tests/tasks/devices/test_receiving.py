"""The inbox: fixes of a started walk are kept once, everything else is answered and not kept."""

from datetime import timedelta

import pytest
from phones import fix, seconds_in_track, send, walker

from shared.clock import pretending
from shared.database import collection
from shared.queue import queue, valkey
from tasks import finish_participation, quarantined_of
from tasks.devices import receiving
from tasks.devices.packing import pack_inbox_of
from tasks.devices.quarantined_fix import MAX_QUARANTINED, QuarantinedFix
from tasks.devices.readings import Fix, Unusable
from tasks.devices.receiving import receive_fixes
from tasks.devices.registering import DeviceNotFound
from tasks.devices.waiting_fix import WaitingFix
from tests.racing import at_once


@pytest.fixture
def walking(published, volunteer):
    return walker(published(), volunteer())


def waiting():
    return collection(WaitingFix).count_documents({"point": {"$exists": True}})


def test_a_fix_waits_in_the_inbox_before_it_is_answered(walking):
    received = send(walking, 10, 20)
    assert (received.kept, received.known, received.outside, received.quarantined) == (2, 0, 0, 0)
    assert received.walk.participation_id == walking.walk.id
    assert waiting() == 2


def test_the_same_fix_again_is_kept_once(walking):
    assert send(walking, 10).kept == 1
    again = send(walking, 10, 20, 10)
    assert (again.kept, again.known) == (1, 2)
    assert waiting() == 2


def test_a_fix_that_was_packed_already_is_known_when_it_comes_again(walking):
    send(walking, 10)
    assert pack_inbox_of(walking.actor.person_id) == 1
    assert send(walking, 10).known == 1
    assert pack_inbox_of(walking.actor.person_id) == 0
    assert seconds_in_track(walking) == [10]


def test_twenty_times_the_same_fix_at_once_is_kept_once(walking):
    answers = at_once(20, lambda _: send(walking, 10))
    assert sum(answer.kept for answer in answers) == 1
    assert waiting() == 1


def test_what_lies_before_the_start_is_answered_and_not_kept(walking):
    assert send(walking, -5).outside == 1
    assert collection(WaitingFix).count_documents({}) == 0


def test_nothing_is_kept_of_somebody_who_is_not_walking(published, volunteer):
    who = walker(published(), volunteer())
    with pretending(who.walk.started_at):
        finish_participation(who.walk.id, by=who.actor)
    assert send(who, 10).outside == 1
    assert collection(WaitingFix).count_documents({}) == 0


def test_what_came_in_time_but_late_still_counts_until_the_verdict(walking):
    send(walking, 10)
    # The owner finished, and nobody has judged yet: no worker runs here.
    with pretending(walking.walk.started_at + timedelta(seconds=30)):
        finish_participation(walking.walk.id, by=walking.actor)
    late = send(walking, 20, 40)
    assert (late.kept, late.outside, late.walk) == (1, 1, None)
    assert pack_inbox_of(walking.actor.person_id) == 2
    assert seconds_in_track(walking) == [10, 20]


def test_what_can_never_be_used_is_quarantined_and_the_rest_is_kept(walking):
    bad = [
        Fix(fix(walking, 5).point | {"lat": 91}),
        Fix(fix(walking, 100_000_000).point),
        Unusable("encrypted"),
    ]
    received = receive_fixes(walking.device, [*bad, fix(walking, 0)])
    assert (received.kept, received.quarantined) == (1, 3)
    seen = {one.why: one.about for one in quarantined_of(walking.device.id, by=walking.actor)}
    assert seen["bad_latitude"] == "91"
    assert set(seen) == {"bad_latitude", "in_the_future", "encrypted"}


def test_the_quarantine_of_a_device_is_bounded_and_ends_by_itself(walking):
    for _ in range(3):
        receive_fixes(walking.device, [Unusable("unreadable", "x" * 500)] * 60)
    assert QuarantinedFix.objects.count() == MAX_QUARANTINED
    assert all(len(one.about) <= 100 for one in QuarantinedFix.objects)
    indexes = collection(QuarantinedFix).index_information()
    assert indexes["forgotten"]["expireAfterSeconds"] == 0
    assert collection(WaitingFix).index_information()["forgotten"]["expireAfterSeconds"] == 0


def test_the_quarantine_is_shown_to_the_owner_alone(walking, volunteer):
    with pytest.raises(DeviceNotFound):
        quarantined_of(walking.device.id, by=volunteer())


def test_a_track_that_is_full_takes_no_more(walking, monkeypatch):
    monkeypatch.setattr(receiving, "MAX_TRACK_POINTS", 1)
    assert send(walking, 1, 2).quarantined == 2
    assert waiting() == 0


def test_many_fixes_at_once_ask_for_one_job(walking):
    for second in range(5):
        send(walking, second)
    jobs = [job.func_name for job in queue().jobs]
    assert jobs.count("tasks.jobs.pack_inbox") == 1


def test_without_the_queue_the_fix_is_kept_all_the_same(walking, monkeypatch):
    monkeypatch.setattr(receiving, "valkey", lambda: _Away())
    assert send(walking, 1).kept == 1
    assert waiting() == 1


class _Away:
    def set(self, *_said, **_more):
        return valkey().execute_command("NO-SUCH-COMMAND")


def test_the_owner_sees_that_the_device_works(walking):
    assert walking.device.seen_at is None
    send(walking, 1)
    walking.device.reload()
    assert walking.device.seen_at is not None
