"""Who sees a track: its owner all of it, staff a cut one, and every look is logged."""

from datetime import timedelta

import numpy as np
import pytest
from street import content, played

from shared.clock import now, pretending, real_now
from tasks import (
    Participation,
    claim_task,
    erase_track,
    looks_at,
    progress_of,
    seen_track,
    start_participation,
    store_positions,
    track_of,
)
from tasks.jobs import verify_participation
from tasks.judging.areas import compile_area
from tasks.reviews.second_look import SecondLook
from tasks.taking_part import ParticipationNotFound, WrongParticipationState
from tasks.task import EARLY_START
from tasks.tracks.cutting import MOST_HIDDEN_M, hidden_m, shown_to_others
from tasks.tracks.erasing import StillNeeded, erase_old_tracks
from tasks.tracks.track_chunk import TrackChunk
from tasks.tracks.track_packing import TrackPoints


def walked_through(area, far_m=1_500):
    """A straight way from far west through the area's middle to far east, a point each 10 m."""
    lon, lat = area["geometry"]["coordinates"]
    metres = np.arange(-far_m, far_m, 10.0)
    t_ms = (np.arange(len(metres)) * 8_000).astype(np.int64)
    lons = lon + metres / 100_000
    return TrackPoints.of(t_ms, np.full(len(metres), lat), lons)


def test_the_ways_there_and_home_are_cut():
    area = content()["area"]
    points, compiled = walked_through(area), compile_area(area)
    shown = shown_to_others(points, compiled)
    x, y = compiled.frame.to_metres(points.lat[shown], points.lon[shown])
    assert len(shown) > 60
    assert (np.hypot(x, y) < 430).all()


def test_who_starts_at_home_inside_the_area_is_hidden_too():
    area = content()["area"]
    points, compiled = walked_through(area, far_m=300), compile_area(area)
    shown = shown_to_others(points, compiled)
    x, y = compiled.frame.to_metres(points.lat, points.lon)
    from_start = np.hypot(x - x[0], y - y[0])[shown]
    from_end = np.hypot(x - x[-1], y - y[-1])[shown]
    assert len(shown)
    assert min(from_start.min(), from_end.min()) > hidden_m(compiled)


def test_in_a_small_area_a_reviewer_still_sees_the_walk():
    area = content()["area"] | {"radius_m": 60.0}
    points, compiled = walked_through(area, far_m=50), compile_area(area)
    assert hidden_m(compiled) < 30 < MOST_HIDDEN_M
    assert len(shown_to_others(points, compiled)) >= 4


def test_a_walk_that_never_came_there_shows_nothing():
    area = content()["area"]
    points = walked_through(area)
    far = TrackPoints.of(points.t_ms, points.lat + 1, points.lon)
    assert len(shown_to_others(far, compile_area(area))) == 0
    none = TrackPoints.of([], [], [])
    assert len(shown_to_others(none, compile_area(area))) == 0


@pytest.fixture
def verified(published, volunteer):
    actor = volunteer()
    done = played(published(), actor)
    verify_participation(done.id)
    return Participation.objects(id=done.id).get(), actor


def test_owner_sees_all_and_staff_a_logged_cut(verified, town, volunteer):
    found, actor = verified
    whole = seen_track(found.id, "wgs84", by=actor)
    cut = seen_track(found.id, "gcj02", by=town.officer)
    assert (whole.is_cut, cut.is_cut) == (False, True)
    assert len(cut.t_ms) < len(whole.t_ms) == len(track_of(found.id).points)
    looks = looks_at(actor.person_id)
    assert [(one.by_id, one.what) for one in looks] == [(town.officer.person_id, "track")]
    with pytest.raises(ParticipationNotFound):
        seen_track(found.id, "wgs84", by=volunteer())
    assert len(looks_at(actor.person_id)) == 1


@pytest.fixture
def walking(published, volunteer):
    actor = volunteer()
    taken = claim_task(published().id, position=None, by=actor)
    started = start_participation(taken.id, by=actor)
    batch = [
        {"at": (now() - timedelta(seconds=50 - s)).isoformat(), "lat": 26.09, "lon": 119.29}
        for s in range(0, 50, 5)
    ]
    Participation.objects(id=started.id).update_one(set__started_at=now() - timedelta(minutes=2))
    store_positions(started.id, "u1", "wgs84", batch, by=actor)
    return started, actor


def test_the_duty_desk_sees_a_walk_under_way_uncut_and_logged(walking, town):
    started, actor = walking
    live = seen_track(started.id, "wgs84", by=town.officer)
    assert (live.is_cut, len(live.t_ms)) == (False, 10)
    assert [one.what for one in looks_at(actor.person_id)] == ["live_track"]


def test_a_walk_that_nobody_finished_is_live_no_more_after_its_end(walking, town):
    started, actor = walking
    over = started.ends_at + EARLY_START
    with pretending(over - timedelta(seconds=1)):
        assert not seen_track(started.id, "wgs84", by=town.officer).is_cut
    with pretending(over):
        assert seen_track(started.id, "wgs84", by=town.officer).is_cut
        assert not seen_track(started.id, "wgs84", by=actor).is_cut
    assert {one.what for one in looks_at(actor.person_id)} == {"live_track", "track"}


def test_progress_tells_the_checks_of_a_walk_under_way(walking, town):
    started, actor = walking
    progress = progress_of(started.id, by=actor)
    inside = next(one for one in progress.checks if one.check == "inside_time")
    assert (progress.points_kept, inside.measured) == (10, 45)
    with pytest.raises(ParticipationNotFound):
        progress_of(started.id, by=town.officer)


def test_progress_is_for_walks_under_way(verified):
    found, actor = verified
    with pytest.raises(WrongParticipationState):
        progress_of(found.id, by=actor)


def test_an_owner_erases_positions_and_verdict_and_coins_stay(verified):
    found, actor = verified
    erased = erase_track(found.id, by=actor)
    again = erase_track(found.id, by=actor)
    assert erased.track_erased_at == again.track_erased_at is not None
    assert TrackChunk.objects.count() == 0
    kept = Participation.objects(id=found.id).get()
    assert (kept.state, kept.reward_entry_id, len(kept.verdicts)) == (
        "verified",
        found.reward_entry_id,
        1,
    )
    assert kept.location is None


def test_what_may_be_needed_for_a_verdict_stays(walking, verified):
    started, actor = walking
    with pytest.raises(StillNeeded):
        erase_track(started.id, by=actor)
    found, owner = verified
    Participation.objects(id=found.id).update_one(set__state="refused")
    with pytest.raises(StillNeeded):
        erase_track(found.id, by=owner)


def test_old_tracks_are_erased_by_rule_and_cut_off_ones_finished(verified):
    found, _ = verified
    assert erase_old_tracks() == 0
    Participation.objects(id=found.id).update_one(
        set__finish_received_at=real_now() - timedelta(days=91)
    )
    assert erase_old_tracks() == 1
    assert TrackChunk.objects.count() == 0
    assert erase_old_tracks() == 0


def test_a_refused_walk_is_shown_to_its_volunteer_and_to_a_second_looker_alone(verified, town):
    found, actor = verified
    Participation.objects(id=found.id).update_one(set__state="refused")
    SecondLook.objects(id=found.id).delete()  # one walk in twenty is drawn for one
    with pytest.raises(ParticipationNotFound):
        seen_track(found.id, "wgs84", by=town.officer)
    assert len(seen_track(found.id, "wgs84", by=actor).t_ms)
    waiting = {"unit_id": found.unit_id, "person_id": actor.person_id, "number": 1}
    SecondLook(id=found.id, outcome="refused", state="waiting", **waiting).save()
    assert seen_track(found.id, "wgs84", by=town.officer).is_cut
