"""Cleaning a track: what is dropped and why, what is broken, what is too fast."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.geo import LocalFrame
from tasks.judging.track_rules import clean_walk
from tasks.tracks.track_packing import TrackPoints

FRAME = LocalFrame(26.08, 119.3)
T0 = 1_700_000_000.0


def track(t, x, y=None, accuracy=None) -> TrackPoints:
    """Fixes at seconds t after T0 and metres (x, y) of the frame."""
    t, x = np.asarray(t, float), np.asarray(x, float)
    lat, lon = FRAME.to_degrees(x, np.zeros_like(x) if y is None else np.asarray(y, float))
    accuracies = None if accuracy is None else list(accuracy)
    return TrackPoints.of(np.round((T0 + t) * 1000).astype(np.int64), lat, lon, accuracies)


def steady(seconds=600.0, every=5.0, speed=1.3) -> tuple[np.ndarray, np.ndarray]:
    t = np.arange(0, seconds + 1, every)
    return t, t * speed


def cleaned(t, x, **more):
    return clean_walk(track(t, x, **more), FRAME)


class TestBadFixes:
    def test_each_bad_fix_is_dropped_for_its_reason(self):
        points = TrackPoints.of(
            [int((T0 + s) * 1000) for s in (0, 5, 10, 15, 20, 25, 30, 99)],
            [26.08, np.nan, 95.0, 0.0, 26.08, 26.08, 26.08, 26.08],
            [119.3, 119.3, 119.3, 0.0, 119.3, 119.3, 119.3, 119.3],
            [5, 5, 5, 5, 100.1, 0, None, 5],
        )
        walk = clean_walk(points, FRAME, (T0, T0 + 40))
        assert walk.given == 8
        assert len(walk) == 3
        assert walk.dropped == {
            "not_finite": 1,
            "out_of_range": 1,
            "null_island": 1,
            "poor_accuracy": 1,
            "outside_claim": 1,
        }

    def test_a_second_around_the_claim_is_forgiven(self):
        walk = clean_walk(track([0, 5, 10], [0, 6, 12]), FRAME, (T0 + 0.9, T0 + 9.1))
        assert len(walk) == 3

    def test_of_one_time_the_most_accurate_fix_stays_and_unknown_is_worst(self):
        walk = cleaned([5, 0, 5, 5], [7, 0, 6, 8], accuracy=[0, 5, 20, None])
        assert walk.x == pytest.approx([0, 6], abs=1e-3)
        assert walk.dropped == {"same_time": 2}

    def test_all_at_one_time_leaves_one(self):
        assert len(cleaned([3] * 10, range(10))) == 1

    @pytest.mark.parametrize("count", [0, 1, 2])
    def test_hardly_any_fixes_are_no_crash(self, count):
        walk = cleaned(np.arange(count), np.arange(count))
        assert len(walk) == count
        assert walk.distance_m == 0.0

    def test_the_order_of_arrival_does_not_matter(self):
        t, x = steady()
        mixed = np.random.default_rng(1).permutation(len(t))
        one, other = cleaned(t, x), cleaned(t[mixed], x[mixed])
        assert np.array_equal(one.x, other.x)
        assert one.distance_m == other.distance_m


class TestSpikes:
    def test_a_spike_is_dropped_and_the_walk_goes_on(self):
        t, x = steady()
        x[50:53] += 400
        walk = cleaned(t, x)
        assert walk.dropped == {"spike": 3}
        assert not walk.broken.any()
        assert walk.fast(4.2).sum() == 0

    def test_the_last_good_point_never_advances_past_a_rejected_one(self):
        t, x = steady()
        # Each of these is near the one before it, and all are far from the walk.
        x[50:56] += 400 + np.arange(6) * 20
        assert cleaned(t, x).dropped == {"spike": 6}

    def test_a_jump_that_never_comes_back_is_kept_as_evidence(self):
        t, x = steady()
        x[60:] += 1_000
        walk = cleaned(t, x)
        assert walk.dropped == {}
        assert walk.teleport.sum() == 1
        assert walk.broken[59]

    def test_a_vehicle_is_no_row_of_spikes_or_teleports(self):
        walk = cleaned(*steady(speed=40.0))
        assert "spike" not in walk.dropped
        assert len(walk) >= 0.89 * walk.given
        assert not walk.teleport.any()
        assert walk.fast(4.2).all()

    def test_a_cold_start_and_a_lost_end_are_cut_off(self):
        t, x = steady()
        x[:3] += 586
        x[-2:] -= 700
        walk = cleaned(t, x)
        assert walk.dropped["cold_start"] == 5
        assert not walk.teleport.any()

    def test_a_flood_of_fixes_in_one_second_is_no_flood_of_work(self):
        count = 20_000
        x = np.where(np.arange(count) % 2, 0.0, 5_000.0) + np.arange(count) * 500.0
        assert len(cleaned(np.arange(count) / 1000, x)) > 0


class TestBreaks:
    def test_five_minutes_without_a_fix_break_the_walk(self):
        t, x = steady()
        t[60:] += 301
        walk = cleaned(t, x)
        assert np.flatnonzero(walk.broken).tolist() == [59]
        assert not walk.short[59]

    def test_two_minutes_are_bridged_if_they_can_be_walked(self):
        t, x = steady()
        t[60:] += 120
        assert cleaned(t, x).bridged[59]
        x[60:] += 420
        assert not cleaned(t, x).bridged[59]

    def test_a_break_on_a_dropped_point_moves_to_the_next_kept_one(self):
        t, x = steady()
        x[60] += 400
        starts = np.zeros(len(t), bool)
        starts[60] = True
        walk = clean_walk(track(t, x), FRAME, segment_starts=starts)
        assert walk.dropped == {"spike": 1}
        assert np.flatnonzero(walk.broken).tolist() == [59]

    def test_the_break_of_a_point_that_goes_moves_to_the_next_that_stays(self):
        t, x = steady()
        starts = np.arange(len(t)) == 50
        bad = {
            "spike": {"x": np.where(starts, x + 900, x), "t": t},
            "same_time": {"x": x, "t": np.where(starts, t[49], t)},
            "poor_accuracy": {"x": x, "t": t, "accuracy": np.where(starts, 400.0, 5.0)},
        }
        for reason, fixes in bad.items():
            walk = clean_walk(track(**fixes), FRAME, segment_starts=starts)
            assert walk.dropped == {reason: 1}
            (broken,) = np.flatnonzero(walk.broken)
            assert (walk.t[broken], walk.t[broken + 1]) == (T0 + t[49], T0 + t[51]), reason

    def test_the_metres_over_a_break_are_nobodys(self):
        t, x = steady()
        far = np.where(t > 300, x + 4_000, x)
        walk = clean_walk(track(t, far), FRAME, segment_starts=t == 305)
        assert walk.distance_m == pytest.approx(x[-1] - 1.3 * 5, abs=16)

    def test_the_first_segments_start_breaks_nothing(self):
        t, x = steady()
        starts = np.zeros(len(t), bool)
        starts[0] = True
        assert not clean_walk(track(t, x), FRAME, segment_starts=starts).broken.any()

    def test_thinning_begins_anew_after_a_break_and_skips_it(self):
        t, x = steady()
        t[60:] += 400
        x[60:] += 300
        walk = cleaned(t, x)
        assert 60 in walk.thin
        assert walk.distance_m == pytest.approx(600 * 1.3 - 6.5, abs=40)


class TestSpeeds:
    def test_a_walker_is_not_fast_and_a_bicycle_is(self):
        assert not cleaned(*steady()).fast(4.2).any()
        assert cleaned(*steady(speed=6.0)).fast(4.2).all()
        assert not cleaned(*steady(speed=6.0)).fast(8.0).any()

    def test_riding_to_and_fro_in_a_yard_is_fast(self):
        t = np.arange(0, 600, 5.0)
        at = 6.0 * t % 200
        walk = cleaned(t, np.where(at < 100, at, 200 - at))
        assert walk.fast(4.2).mean() > 0.8

    def test_two_minutes_on_a_bus_are_two_fast_minutes(self):
        t, x = steady(1_200)
        x += np.clip(t - 600, 0, 120) * 8
        fast_s = cleaned(t, x).leg_s[cleaned(t, x).fast(4.2)].sum()
        assert 110 <= fast_s <= 200

    def test_a_phone_on_a_bench_hardly_walks(self):
        rng = np.random.default_rng(3)
        t = np.arange(0, 1_800, 5.0)
        noise = np.zeros((2, len(t)))
        for k in range(1, len(t)):
            noise[:, k] = 0.85 * noise[:, k - 1] + rng.normal(0, 2.0, 2)
        walk = cleaned(t, noise[0], y=noise[1])
        assert walk.leg_m.sum() > 900
        assert walk.distance_m < 500

    def test_the_thinned_line_has_no_short_legs(self):
        walk = cleaned(*steady())
        assert np.diff(walk.x[walk.thin]).min() >= 15.0


fixes = st.lists(
    st.tuples(
        st.integers(0, 4_000),
        st.floats(-2_000, 2_000),
        st.floats(-2_000, 2_000),
        st.none() | st.floats(0, 200),
    ),
    max_size=60,
)


class TestAnyTrack:
    @settings(max_examples=200)
    @given(fixes, st.lists(st.booleans(), min_size=60, max_size=60))
    def test_what_is_kept_and_dropped_is_what_was_given(self, rows, flags):
        t, x, y, accuracy = zip(*rows, strict=True) if rows else ((), (), (), ())
        points = track(t, x, y=y, accuracy=accuracy)
        starts = np.array(flags[: len(rows)], bool)
        walk = clean_walk(points, FRAME, (T0 + 100, T0 + 3_900), starts)
        assert len(walk) + sum(walk.dropped.values()) == len(points) == walk.given
        assert (np.diff(walk.t) > 0).all()
        assert np.isfinite(walk.speed_mps).all()
        assert not (walk.short & walk.bridged).any()
        assert 0.0 <= walk.distance_m <= walk.leg_m.sum() * 1.01 + 1e-6
        assert not walk.t.flags.writeable
