"""Uploads: kept once, late, doubled or out of order; bad points named; limits held."""

from datetime import timedelta

import pytest
from pymongo.collection import Collection
from pymongo.read_concern import ReadConcern

from shared.clock import now, pretending
from shared.database import collection
from tasks import (
    Participation,
    claim_task,
    finish_participation,
    start_participation,
    store_positions,
    track_of,
)
from tasks.taking_part import ParticipationNotFound, WrongParticipationState
from tasks.task import EARLY_START
from tasks.tracks import tracking
from tasks.tracks.track_chunk import TrackChunk
from tasks.tracks.tracking import TrackTooLong, UploadKeyReused
from tests.racing import at_once


@pytest.fixture
def walking(published, volunteer):
    """A started participation and whose it is."""
    actor = volunteer()
    taken = claim_task(published().id, position=None, by=actor)
    return start_participation(taken.id, by=actor), actor


def fixes(started, *seconds):
    return [
        {"at": (started.started_at + timedelta(seconds=s)).isoformat(), "lat": 26.09, "lon": 119.29}
        for s in seconds
    ]


def counted_of(started):
    """What is counted on the walk, as the primary has it: nobody waited for its followers."""
    local = collection(Participation).with_options(read_concern=ReadConcern("local"))
    return local.find_one({"_id": started.id})


def test_an_upload_is_kept_and_receipted(walking):
    started, actor = walking
    receipt = store_positions(started.id, "u1", "wgs84", fixes(started, 0, 1, 2), by=actor)
    assert (receipt.accepted, receipt.rejected, receipt.repeated) == (3, [], False)
    assert len(track_of(started.id).points) == 3
    assert counted_of(started)["points"] == 3


def test_the_same_upload_again_is_answered_from_the_stored_one(walking):
    started, actor = walking
    batch = [*fixes(started, 0, 1), {"at": "never"}]
    first = store_positions(started.id, "u1", "gcj02", batch, by=actor)
    again = store_positions(started.id, "u1", "gcj02", batch, by=actor)
    assert again.repeated
    assert (again.accepted, again.rejected) == (first.accepted, first.rejected)
    assert len(track_of(started.id).points) == 2


def test_twenty_times_the_same_upload_at_once_is_kept_once(walking):
    started, actor = walking
    batch = fixes(started, *range(30))
    answers = at_once(20, lambda _: store_positions(started.id, "u1", "wgs84", batch, by=actor))
    assert {answer.accepted for answer in answers} == {30}
    assert TrackChunk.objects.count() == 1
    assert counted_of(started)["points"] == 30


def test_the_same_key_with_other_positions_is_refused(walking):
    started, actor = walking
    store_positions(started.id, "u1", "wgs84", fixes(started, 0), by=actor)
    with pytest.raises(UploadKeyReused):
        store_positions(started.id, "u1", "wgs84", fixes(started, 1), by=actor)
    with pytest.raises(UploadKeyReused):
        store_positions(started.id, "u1", "gcj02", fixes(started, 0), by=actor)


def test_a_batch_with_nothing_good_is_receipted_too(walking):
    started, actor = walking
    receipt = store_positions(started.id, "u1", "wgs84", [1, 2], by=actor)
    assert (receipt.accepted, len(receipt.rejected)) == (0, 2)
    assert len(track_of(started.id).points) == 0


def test_batches_out_of_order_are_all_there(walking):
    started, actor = walking
    for key, seconds in (("late", (50, 51)), ("early", (0, 1)), ("middle", (30, 31))):
        store_positions(started.id, key, "wgs84", fixes(started, *seconds), by=actor)
    start_ms = round(started.started_at.timestamp() * 1000)
    found = sorted(track_of(started.id).points.t_ms - start_ms)
    assert found == [0, 1_000, 30_000, 31_000, 50_000, 51_000]


def test_nothing_is_taken_before_the_start_or_after_the_finish(published, volunteer):
    actor = volunteer()
    taken = claim_task(published().id, position=None, by=actor)
    taken.started_at = now()
    with pytest.raises(WrongParticipationState):
        store_positions(taken.id, "u1", "wgs84", fixes(taken, 0), by=actor)
    started = start_participation(taken.id, by=actor)
    store_positions(started.id, "u1", "wgs84", fixes(started, 0), by=actor)
    finish_participation(started.id, by=actor)
    with pytest.raises(WrongParticipationState):
        store_positions(started.id, "u2", "wgs84", fixes(started, 1), by=actor)
    again = store_positions(started.id, "u1", "wgs84", fixes(started, 0), by=actor)
    assert again.repeated


def test_nobody_else_uploads(walking, volunteer):
    started, _ = walking
    with pytest.raises(ParticipationNotFound):
        store_positions(started.id, "u1", "wgs84", fixes(started, 0), by=volunteer())


def test_a_track_has_an_end(walking):
    started, actor = walking
    Participation.objects(id=started.id).update_one(set__sent=99_999)
    with pytest.raises(TrackTooLong):
        store_positions(started.id, "u1", "wgs84", fixes(started, 0, 1), by=actor)


def test_bad_points_count_towards_the_end_too(walking):
    started, actor = walking
    store_positions(started.id, "u1", "wgs84", [{}] * 2_000, by=actor)
    counted = counted_of(started)
    assert (counted["points"], counted["sent"]) == (0, 2_000)


def test_an_upload_that_the_finish_overtakes_is_not_acknowledged(walking, monkeypatch):
    started, actor = walking
    sort_out = tracking.sort_out

    def finish_first(*args, **more):
        finish_participation(started.id, by=actor)
        return sort_out(*args, **more)

    monkeypatch.setattr(tracking, "sort_out", finish_first)
    with pytest.raises(WrongParticipationState):
        store_positions(started.id, "u1", "wgs84", fixes(started, 0), by=actor)
    assert TrackChunk.objects.count() == 0


def test_a_forgotten_finish_records_nobody_at_home(walking):
    started, actor = walking
    last = started.ends_at + EARLY_START
    moments = [last, last + timedelta(seconds=1), last + timedelta(hours=8)]
    batch = [{"at": at.isoformat(), "lat": 26.09, "lon": 119.29} for at in moments]
    with pretending(moments[-1]):
        receipt = store_positions(started.id, "u1", "wgs84", batch, by=actor)
    assert receipt.accepted == 1
    assert receipt.rejected == [{"index": i, "code": "after_end"} for i in (1, 2)]
    # The duty desk does not learn either where the phone is now.
    assert "location" not in counted_of(started)


def test_the_end_that_an_incident_moved_is_the_one_that_counts(walking):
    started, actor = walking
    at = started.ends_at + EARLY_START + timedelta(minutes=30)
    Participation.objects(id=started.id).update_one(set__ends_at=at)
    batch = [{"at": at.isoformat(), "lat": 26.09, "lon": 119.29}]
    with pretending(at):
        assert store_positions(started.id, "u1", "wgs84", batch, by=actor).accepted == 1


def test_an_upload_takes_three_commands(walking, monkeypatch):
    started, actor = walking
    sent = []

    def noted(name):
        real = getattr(Collection, name)

        def send(*args, **more):
            sent.append(name)
            return real(*args, **more)

        return send

    for name in ("find", "aggregate", "find_one", "insert_one", "update_one"):
        monkeypatch.setattr(Collection, name, noted(name))
    store_positions(started.id, "u1", "wgs84", fixes(started, 0), by=actor)
    # find_one asks through find: one command.
    assert sent == ["find_one", "find", "insert_one", "update_one"]
