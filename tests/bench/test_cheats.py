"""The made-up cheats: each kind is what it says, and the same by its seed."""

import numpy as np
import pytest
from walked import some_walks

from bench.cheats import copies, drawn, phones
from bench.cheats.kinds import CHEATS, cheat
from bench.cheats.submission import OFF_LINE_S, recorded_trace, submitted, wandering
from bench.parts.received import received
from shared.geo import LocalFrame

PURE = True
WALKS = some_walks()
COPIES = ("copy_half_m", "copy_2_m", "copy_5_m", "copy_10_m")


def columns(submission):
    points = submission.points()
    return [points.t_ms, points.lat, points.lon, points.accuracy_m, points.altitude_m]


def are_equal(one, other):
    pairs = zip(columns(one), columns(other), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def by_time(points):
    return np.argsort(points.t_ms, kind="stable")


def off_m(submission):
    """How far each fix is from that of the walk it copies, in order of time."""
    points, source = submission.points(), WALKS[submission.around]
    frame, order = LocalFrame(float(source.lat[0]), float(source.lon[0])), by_time(points)
    x, y = frame.to_metres(points.lat[order], points.lon[order])
    u, v = frame.to_metres(source.lat, source.lon)
    return np.hypot(x - u, y - v)


def test_there_are_twenty_four_kinds_each_named_by_something():
    assert len(CHEATS) == 24
    assert all(kind.named_by for kind in CHEATS.values())


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_is_the_same_by_its_seed_and_no_other(name):
    one, again = cheat(name, 1, 7, WALKS), cheat(name, 1, 7, WALKS)
    assert are_equal(one, again)
    assert one.mocked() == again.mocked()
    assert [u.received_at_s for u in one.uploads] == [u.received_at_s for u in again.uploads]
    other = cheat(name, 1, 8, WALKS)
    moments = [u.received_at_s for u in one.uploads] != [u.received_at_s for u in other.uploads]
    assert moments or not are_equal(one, other)


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_is_not_what_an_honest_walker_of_the_same_walk_sends(name):
    one = cheat(name, 0, 3, WALKS)
    honest = WALKS[one.around]
    same_points = len(one.points()) == len(honest) and all(
        np.array_equal(np.sort(a), np.sort(b))
        for a, b in zip(columns(one)[:3], (honest.t_ms, honest.lat, honest.lon), strict=True)
    )
    delay_s = min(u.received_at_s - u.trace.t[-1] for u in one.uploads)
    constant = len(np.unique(one.points().accuracy_m)) == 1
    assert not same_points or one.mocked() or constant or not 0 < delay_s < 7


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_comes_in_within_its_claim_and_in_order_of_arrival(name):
    one = cheat(name, 2, 5, WALKS)
    t = one.points().t_ms / 1000
    assert one.started_at_s < t.min() < t.max() < one.finished_at_s
    received_s = [upload.received_at_s for upload in one.uploads]
    assert received_s == sorted(received_s)
    assert one.unseen <= set(WALKS)


@pytest.mark.parametrize(("name", "axis_m"), [*zip(COPIES, (0.5, 2.0, 5.0, 10.0), strict=True)])
def test_a_blurred_copy_is_as_far_off_as_it_says(name, axis_m):
    one = cheat(name, 0, 1, WALKS)
    assert float(np.sqrt((off_m(one) ** 2).mean() / 2)) == pytest.approx(axis_m, rel=0.15)
    assert abs(one.points().t_ms.min() - WALKS[one.around].t_ms[0]) > 12 * 3_600_000


def test_a_replay_is_exact_and_a_reversed_copy_ends_where_its_source_began():
    rng = np.random.default_rng(1)
    replay = copies.replayed(rng, WALKS, "s1", 0)
    assert off_m(replay).max() == 0.0
    turned = copies.reversed_copy(rng, WALKS, "s1", 0).points()
    last = by_time(turned)[-1]
    assert abs(turned.lat[last] - WALKS["s1"].lat[0]) < 5e-5


def test_a_moved_copy_is_elsewhere_and_a_gap_is_one():
    rng = np.random.default_rng(2)
    moved = copies.moved(rng, WALKS, "s0", 0)
    assert np.median(off_m(moved)) > 400
    t = np.sort(phones.gap(rng, WALKS, "s0", 0).points().t_ms) / 1000
    whole_s = (WALKS["s0"].t_ms[-1] - WALKS["s0"].t_ms[0]) / 1000
    assert np.diff(t).max() > 0.55 * whole_s


def test_a_ride_is_fast_and_a_bench_goes_nowhere():
    rng = np.random.default_rng(3)
    frame = LocalFrame(26.09, 119.29)
    ride, bench = (make(rng, WALKS, "s0", 0).points() for make in (drawn.driven, drawn.on_a_bench))
    order = by_time(ride)
    x, y = frame.to_metres(ride.lat[order], ride.lon[order])
    assert np.percentile(np.hypot(np.diff(x), np.diff(y)), 75) > 5 * 6.0
    u, v = frame.to_metres(bench.lat, bench.lon)
    assert np.percentile(np.hypot(u - np.median(u), v - np.median(v)), 90) < 25


def test_two_phones_of_one_account_are_in_two_places_at_once():
    points = phones.two_phones_one_account(np.random.default_rng(4), WALKS, "s2", 0).points()
    _, counts = np.unique(points.t_ms, return_counts=True)
    assert (counts > 1).sum() > 0.5 * len(WALKS["s2"])


def test_a_late_batch_and_a_wrong_clock_arrive_when_they_should_not():
    rng = np.random.default_rng(5)
    late = phones.late_batch(rng, WALKS, "s0", 0)
    assert all(u.received_at_s > late.finish_received_at_s + 1_800 for u in late.uploads)
    behind, ahead = (phones.clock_skew(rng, WALKS, "s0", number) for number in (0, 2))
    assert min(u.received_at_s - u.trace.t[-1] for u in behind.uploads) > 300
    assert min(u.received_at_s - u.trace.t[-1] for u in ahead.uploads) < -60


def test_what_an_honest_phone_sends_is_what_the_verdict_reads():
    rng = np.random.default_rng(6)
    sent = submitted(rng, [recorded_trace(rng, WALKS["s0"])], "s0")
    assert all(0 < u.received_at_s - u.trace.t[-1] <= OFF_LINE_S[1] + 6 for u in sent.uploads)
    for datum in ("wgs84", "gcj02", "bd09"):
        got = received(sent, datum, datum)
        assert not got.rejected
        assert sum(arrival.points for arrival in got.arrivals) == len(WALKS["s0"])
        order = by_time(got.points)
        assert np.abs(got.points.lat[order] - WALKS["s0"].lat).max() < 1.2e-6
        assert np.abs(got.points.lon[order] - WALKS["s0"].lon).max() < 1.2e-6


def test_a_wrong_label_moves_the_walk():
    rng = np.random.default_rng(7)
    sent = submitted(rng, [recorded_trace(rng, WALKS["s0"])], "s0")
    got = received(sent, "gcj02", "wgs84").points
    frame = LocalFrame(float(WALKS["s0"].lat[0]), float(WALKS["s0"].lon[0]))
    x, y = frame.to_metres(np.median(got.lat), np.median(got.lon))
    u, v = frame.to_metres(np.median(WALKS["s0"].lat), np.median(WALKS["s0"].lon))
    assert 300 < np.hypot(x - u, y - v) < 700


def test_wandering_is_standard_and_lasts():
    values = wandering(np.random.default_rng(8), np.arange(0.0, 40_000.0, 5.0), 30.0)
    assert abs(values.mean()) < 0.2
    assert values.std() == pytest.approx(1.0, rel=0.1)
    assert np.corrcoef(values[:-1], values[1:])[0, 1] == pytest.approx(np.exp(-5 / 30), abs=0.05)


def test_without_a_walk_long_enough_nothing_is_made():
    with pytest.raises(LookupError, match="teleport"):
        cheat("teleport", 0, 1, {})
