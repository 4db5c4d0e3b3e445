"""A GPX file as a track: kept in parts, breaks kept, cut off and sent again, refused whole."""

from datetime import timedelta

import pytest
from phones import seconds_in_track, walker

from shared.clock import pretending
from tasks import track_of, upload_gpx
from tasks.devices import gpx_uploading
from tasks.devices.gpx import GpxWithoutTimes
from tasks.taking_part import ParticipationNotFound
from tasks.tracks.track_chunk import TrackChunk
from tasks.tracks.tracking import UploadKeyReused


@pytest.fixture
def walking(published, volunteer):
    return walker(published(), volunteer())


def recorded(who, *segments, lat="26.09"):
    """A file whose segments have points so many seconds after the start."""

    def point(seconds):
        at = (who.walk.started_at + timedelta(seconds=seconds)).isoformat()
        return f'<trkpt lat="{lat}" lon="119.29"><time>{at}</time></trkpt>'

    body = "".join(f"<trkseg>{''.join(map(point, one))}</trkseg>" for one in segments)
    return f"<gpx><trk>{body}</trk></gpx>".encode()


def upload(who, raw, key="u1", datum="wgs84", by=None):
    with pretending(who.walk.started_at + timedelta(hours=1)):
        return upload_gpx(who.walk.id, key, datum, raw, by=by or who.actor)


def starts(who):
    return track_of(who.walk.id).segment_starts.nonzero()[0].tolist()


def test_a_file_becomes_the_track_with_its_breaks(walking):
    receipt = upload(walking, recorded(walking, [0, 10, 20], [], [60, 70]))
    assert (receipt.accepted, receipt.rejected, receipt.repeated) == (5, [], False)
    assert seconds_in_track(walking) == [0, 10, 20, 60, 70]
    assert starts(walking) == [0, 3]


def test_the_same_file_again_is_answered_alike_and_kept_once(walking):
    raw = recorded(walking, [0, 10])
    upload(walking, raw)
    again = upload(walking, raw)
    assert (again.accepted, again.repeated) == (2, True)
    assert len(seconds_in_track(walking)) == 2
    with pytest.raises(UploadKeyReused):
        upload(walking, recorded(walking, [0, 11]))


def test_a_long_file_is_kept_in_parts_and_goes_on_where_it_was_cut_off(walking, monkeypatch):
    monkeypatch.setattr(gpx_uploading, "MAX_BATCH_POINTS", 4)
    raw = recorded(walking, range(0, 50, 10), range(60, 100, 10))
    real, calls = gpx_uploading.store_positions, []

    def cut_off(*args, **more):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*args, **more)

    monkeypatch.setattr(gpx_uploading, "store_positions", cut_off)
    with pytest.raises(KeyboardInterrupt):
        upload(walking, raw)
    receipt = upload(walking, raw)
    assert (receipt.accepted, receipt.repeated) == (9, False)
    assert seconds_in_track(walking) == [0, 10, 20, 30, 40, 60, 70, 80, 90]
    assert starts(walking) == [0, 5]
    assert TrackChunk.objects.count() == 3


def test_a_break_on_points_that_are_not_kept_moves_on_even_into_the_next_part(walking, monkeypatch):
    monkeypatch.setattr(gpx_uploading, "MAX_BATCH_POINTS", 3)
    # The second segment begins with a point in the future, the last of the first part.
    receipt = upload(walking, recorded(walking, [0, 10], [90_000, 60, 70]))
    assert receipt.rejected == [{"index": 2, "code": "in_the_future"}]
    assert starts(walking) == [0, 2]


def test_the_places_of_bad_points_are_those_in_the_file(walking, monkeypatch):
    monkeypatch.setattr(gpx_uploading, "MAX_BATCH_POINTS", 2)
    receipt = upload(walking, recorded(walking, [0, -900, 20, 30, -900]))
    assert [one["index"] for one in receipt.rejected] == [1, 4]
    assert {one["code"] for one in receipt.rejected} == {"before_start"}


def test_a_file_in_another_datum_is_stored_where_it_really_was(walking):
    upload(walking, recorded(walking, [0]), datum="gcj02")
    assert 0.001 < abs(track_of(walking.walk.id).points.lat[0] - 26.09) < 0.01


def test_a_file_that_is_refused_leaves_nothing_behind(walking):
    raw = b'<gpx><trk><trkseg><trkpt lat="1" lon="2"/></trkseg></trk></gpx>'
    with pytest.raises(GpxWithoutTimes):
        upload(walking, raw)
    assert TrackChunk.objects.count() == 0


def test_nobody_uploads_into_somebody_elses_walk(walking, volunteer):
    with pytest.raises(ParticipationNotFound):
        upload(walking, recorded(walking, [0]), by=volunteer())
