"""The inbox: fixes of a started walk are kept once, everything else is answered and not kept."""

from datetime import timedelta

import pytest
from phones import fix, seconds_in_track, send, walker

from shared.clock import pretending, real_now
from shared.database import collection
from shared.queue import queue, valkey
from tasks import Participation, finish_participation, quarantined_of
from tasks.devices import receiving
from tasks.devices.packing import pack_inbox_of
from tasks.devices.quarantined_fix import MAX_QUARANTINED, QuarantinedFix
from tasks.devices.readings import UNUSABLE, Fix, Unusable
from tasks.devices.receiving import receive_fixes
from tasks.devices.registering import DeviceNotFound
from tasks.devices.waiting import QUEUE_DRAINS_WITHIN
from tasks.devices.waiting_fix import WaitingFix
from tasks.task import EARLY_START
from tasks.verification import verify_participation
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


def test_a_forgotten_finish_sends_nobodys_evening(walking):
    last = walking.walk.ends_at + EARLY_START
    moments = [last, last + timedelta(seconds=10), last + timedelta(hours=6)]
    at_home = [Fix(fix(walking, 0).point | {"at": at.isoformat()}) for at in moments]
    with pretending(moments[-1]):
        received = receive_fixes(walking.device, at_home)
    assert (received.kept, received.outside) == (1, 2)
    assert waiting() == 1


def test_what_comes_after_the_verdict_is_shown_to_its_owner_without_the_place(walking):
    send(walking, 10, 20)
    with pretending(walking.walk.started_at + timedelta(seconds=30)):
        finish_participation(walking.walk.id, by=walking.actor)
    long_finished = real_now() - QUEUE_DRAINS_WITHIN
    Participation.objects(id=walking.walk.id).update_one(set__finish_received_at=long_finished)
    verify_participation(walking.walk.id)
    late = send(walking, 10, 15, 40)
    # 10 was there in time, 15 comes too late, at 40 nobody walked any more.
    assert (late.kept, late.known, late.quarantined, late.outside) == (0, 1, 1, 1)
    seen = quarantined_of(walking.device.id, by=walking.actor)
    (noted,) = seen
    assert (noted.why, noted.about) == ("already_judged", fix(walking, 15).point["at"])
    assert "119.2" not in str(noted.to_mongo())
    assert "already_judged" in UNUSABLE


def test_what_a_verdict_overtakes_in_the_inbox_is_shown_too(walking):
    send(walking, 10)
    Participation.objects(id=walking.walk.id).update_one(set__state="verified")
    assert pack_inbox_of(walking.actor.person_id) == 0
    (noted,) = quarantined_of(walking.device.id, by=walking.actor)
    assert (noted.why, noted.about) == ("already_judged", fix(walking, 10).point["at"])


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
