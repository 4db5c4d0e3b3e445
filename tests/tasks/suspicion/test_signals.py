"""A walk's own signals: honest walks raise none that counts, each cheat raises its own."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import suspects
from hypothesis import given, settings
from hypothesis import strategies as st
from suspects import drawn, driven, in_time, signalled, span, walk_of, walked

from fixtures.recorded_walks import read_walk
from fixtures.walk_planning import wgs84_points
from shared.geo import LocalFrame
from tasks.judging.track_rules import clean_walk
from tasks.suspicion.copy_index import CopyIndex
from tasks.suspicion.fingerprint import fingerprint_of
from tasks.suspicion.signals import Arrival, score_of, walk_signals
from tasks.suspicion.suspicion import Suspicion, suspicion_of
from tasks.tracks.track_packing import TrackPoints

PURE = True

RECORDINGS = Path(__file__).resolve().parents[4] / "shared" / "data"
WALKS = RECORDINGS / "geolife_beijing" / "walk_segments.csv"
recorded_only = pytest.mark.skipif(
    not WALKS.is_file(), reason=f"the recorded walks are not at {RECORDINGS}"
)
SEGMENTS = range(1, 82, 2)


@cache
def recorded(segment):
    points = wgs84_points(read_walk(WALKS, segment))
    frame = LocalFrame(float(np.median(points.lat)), float(np.median(points.lon)))
    return points, clean_walk(points, frame)


@cache
def recorded_prints():
    return {
        f"w{s}": fingerprint_of(recorded(s)[1], f"w{s}", f"p{s}", frozenset([f"w{s}"]))
        for s in SEGMENTS
    }


def suspicion(points, walk, mine=None, index=None, store=None, arrivals=()):
    return suspicion_of(
        walk,
        points,
        arrivals,
        "walks",
        span(points),
        mine=mine,
        index=index or CopyIndex(),
        tracks_of=lambda ids: [store[one] for one in ids],
    )


@recorded_only
class TestHonestWalks:
    def test_no_recorded_walk_is_sent_to_review_beside_all_the_others(self):
        prints = recorded_prints()
        index, alarms = CopyIndex(prints.values()), {}
        for segment in SEGMENTS:
            points, walk = recorded(segment)
            mine = prints[f"w{segment}"]
            found = suspicion(points, walk, mine, index, prints, in_time(points))
            assert not found.wants_review, (segment, found.signals)
            for signal in found.signals:
                alarms.setdefault(signal["signal"], []).append(segment)
        # The one pair that did walk together, and is only shown.
        assert alarms == {"companions": [37, 45]}

    @pytest.mark.parametrize("every", [2, 3, 6])
    def test_sparser_phones_raise_nothing_either(self, every):
        for segment in SEGMENTS:
            points, _ = recorded(segment)
            fewer = TrackPoints(*(column[::every] for column in vars(points).values()))
            frame = LocalFrame(float(fewer.lat[0]), float(fewer.lon[0]))
            found = suspicion(fewer, clean_walk(fewer, frame), arrivals=in_time(fewer))
            assert found.signals == [], segment

    def test_a_recorded_walk_sent_in_again_by_another_is_a_copy(self):
        prints = recorded_prints()
        index = CopyIndex(prints.values())
        for segment in SEGMENTS:
            points = suspects.later(recorded(segment)[0])
            walk = clean_walk(points, LocalFrame(float(points.lat[0]), float(points.lon[0])))
            mine = fingerprint_of(walk, "copy", "copyist", frozenset(["copy"]))
            found = suspicion(points, walk, mine, index, prints)
            assert found.wants_review, segment
            assert found.signals[0]["signal"] == "copied"
            assert found.signals[0]["about"]["participation_id"] == f"w{segment}"


@pytest.mark.parametrize("seed", range(12))
def test_a_simulated_walk_raises_nothing(seed):
    assert signalled(walked(seed, duration_s=1_500)) == {}


@given(st.integers(0, 10_000), st.sampled_from(["walks", "rides", "stays", "none"]))
@settings(max_examples=25, deadline=None)
def test_no_way_of_moving_sends_an_honest_walk_to_review(seed, moves):
    points = walked(seed, duration_s=900)
    assert sum(signalled(points, moves).values()) < 50


class TestMovement:
    def test_a_drive_is_too_fast_unless_the_task_is_to_ride_as_fast(self):
        points = driven()
        assert signalled(points)["too_fast"] == 60
        assert "too_fast" not in signalled(points, fast_mps=20.0)
        assert "too_fast" not in signalled(points, "none")

    def test_a_jump_across_town_is_a_teleport(self):
        points = walked(3, duration_s=1_500)
        x, y = suspects.FRAME.to_metres(points.lat, points.lon)
        away = np.where(np.arange(len(x)) > len(x) // 2, 3_000.0, 0.0)
        assert signalled(suspects.placed(points, x + away, y))["teleport"] == 50

    def test_a_generator_walks_in_equal_steps(self):
        t = np.arange(0, 900, 5.0)
        bend = np.cumsum(np.random.default_rng(1).normal(0, 0.2, len(t)))
        x, y = np.cumsum(6.5 * np.cos(bend)), np.cumsum(6.5 * np.sin(bend))
        assert signalled(drawn(t, x, y))["constant_step"] == 60

    def test_points_along_a_ruler_are_straight_lines_also_in_a_yard(self):
        rng = np.random.default_rng(2)
        t = np.arange(0, 1_200, 5.0)
        along = np.cumsum(rng.uniform(3.0, 10.0, len(t)))
        assert signalled(drawn(t, along))["straight_lines"] == 60
        to_and_fro = 60 - np.abs(along % 120 - 60)
        found = signalled(drawn(t, 0.8 * to_and_fro, 0.6 * to_and_fro))
        assert found["straight_lines"] == 60

    def test_a_rider_may_keep_to_a_lane(self):
        t = np.arange(0, 1_200, 5.0)
        along = np.cumsum(np.random.default_rng(2).uniform(10.0, 30.0, len(t)))
        assert signalled(drawn(t, along), "rides") == {}

    def test_noise_drawn_anew_for_each_fix_is_white(self):
        t = np.arange(0, 1_500, 5.0)
        bend = np.cumsum(np.random.default_rng(4).normal(0, 0.1, len(t)))
        step = np.random.default_rng(5).uniform(4, 9, len(t))
        x, y = np.cumsum(step * np.cos(bend)), np.cumsum(step * np.sin(bend))
        assert "white_noise" not in signalled(drawn(t, x, y))
        assert signalled(suspects.blurred(drawn(t, x, y), 6.0))["white_noise"] == 50

    def test_a_phone_on_a_bench_is_stationary_for_walkers_only(self):
        bench = suspects.FRAME.to_degrees([0.0, 1.0], [0.0, 1.0])
        points = walked(1, route=list(zip(*bench, strict=True)), duration_s=1_200)
        assert signalled(points)["stationary"] == 50
        assert signalled(points, "stays") == {}
        assert "stationary" not in signalled(points, "rides")


class TestFields:
    def test_the_same_accuracy_and_altitude_all_the_way_were_filled_in(self):
        points = walked(2, duration_s=900)
        flat = np.full(len(points), 12.0)
        dead = replace(points, accuracy_m=flat / 2, altitude_m=flat)
        assert signalled(dead)["constant_fields"] == 60
        assert signalled(replace(dead, altitude_m=points.altitude_m)) == {}
        assert signalled(replace(dead, altitude_m=0 * flat)) == {}, "0 is how phones say unknown"
        assert signalled(replace(dead, accuracy_m=0 * flat)) == {}
        assert signalled(replace(dead, altitude_m=np.nan * flat)) == {}

    def test_a_position_that_does_not_move_for_long_is_shown(self):
        points = walked(2, duration_s=900)
        lat, lon = points.lat.copy(), points.lon.copy()
        lat[40:65], lon[40:65] = lat[40], lon[40]
        assert signalled(replace(points, lat=lat, lon=lon)) == {"pinned": 30}
        assert signalled(replace(points, lat=lat, lon=lon), "stays") == {}

    def test_two_phones_that_feed_one_account_are_two_sources(self):
        one, other = walked(2, duration_s=900), walked(3, duration_s=900)
        x, y = suspects.FRAME.to_metres(other.lat, other.lon)
        other = suspects.placed(other, x + 400, y)
        both = TrackPoints(
            *(
                np.concatenate(columns)
                for columns in zip(vars(one).values(), vars(other).values(), strict=True)
            )
        )
        assert signalled(both)["two_sources"] == 50


class TestArrivals:
    def test_positions_that_the_phone_calls_made_up(self):
        points = walked(2, duration_s=900)
        assert signalled(points, arrivals=in_time(points, mocked=2))["mock"] == 60
        one = [Arrival(0.0, 0.0, 180, mocked=2), *in_time(points)[1:]]
        assert signalled(points, arrivals=one) == {}

    def test_most_positions_long_after_the_finish_are_shown(self):
        points = walked(2, duration_s=900)
        _, finish_s = span(points)
        late = [replace(one, received_at_s=finish_s + 2_000) for one in in_time(points)[1:]]
        assert signalled(points, arrivals=[in_time(points)[0], *late]) == {"late_batch": 30}

    def test_a_clock_that_is_wrong_all_the_time_is_a_skew_and_a_late_network_is_none(self):
        points = walked(2, duration_s=1_800)
        for clock_s in (400.0, -90.0):
            arrivals = in_time(points, clock_s=clock_s)
            assert signalled(points, arrivals=arrivals) == {"clock_skew": 50}
        _, finish_s = span(points)
        at_once = [replace(one, received_at_s=finish_s + 900) for one in in_time(points)]
        assert signalled(points, arrivals=at_once) == {}
        one_delayed = [*in_time(points, clock_s=400.0)[:-1], in_time(points)[-1]]
        assert signalled(points, arrivals=one_delayed) == {}

    @given(st.lists(st.floats(0, 250), min_size=1, max_size=30))
    @settings(max_examples=50)
    def test_delays_alone_are_never_a_skew(self, delays):
        arrivals = [Arrival(60.0 * i + d, 60.0 * i, 12) for i, d in enumerate(delays)]
        walk = walk_of(walked(1, duration_s=60))
        found = walk_signals(walk, walked(1, duration_s=60), arrivals, "walks", (0.0, 1e10))
        assert found == []


def test_every_signal_says_what_was_seen_in_both_languages_and_the_score_is_capped():
    points = driven()
    arrivals = in_time(points, mocked=60, clock_s=400.0)
    found = walk_signals(walk_of(points), points, arrivals, "walks", span(points))
    assert {"mock", "too_fast", "clock_skew"} <= {signal.signal for signal in found}
    for signal in found:
        assert set(signal.reason) == {"en", "zh-CN"}
        assert "{" not in signal.reason["en"] + signal.reason["zh-CN"]
        assert set(signal.plain()) == {
            "signal",
            "weight",
            "measured",
            "needed",
            "reason",
            "about",
        }
    assert score_of(found) == 100
    assert Suspicion.of(found).signals[0]["weight"] == 60


def test_an_empty_track_raises_nothing():
    none = TrackPoints.of([], [], [])
    assert walk_signals(walk_of(none), none, [], "walks", (0.0, 1.0)) == []
