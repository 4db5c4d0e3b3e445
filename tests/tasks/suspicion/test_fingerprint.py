"""Fingerprints: smoothed, sampled by way, cells by place, a pace that survives moving about."""

import numpy as np
import pytest
import suspects
from hypothesis import given, settings
from hypothesis import strategies as st
from suspects import blurred, drawn, print_of, turned, walked

from tasks.suspicion.fingerprint import MAX_SAMPLES, city_cells

PURE = True


def test_samples_lie_ten_metres_apart_in_the_order_of_time():
    found = print_of(drawn(np.arange(0, 600, 5.0), np.arange(0, 600, 5.0) * 1.3))
    x, y = suspects.FRAME.to_metres(found.lat, found.lon)
    assert np.hypot(np.diff(x), np.diff(y)) == pytest.approx(10.0, abs=0.3)
    assert (np.diff(found.t) > 0).all()
    assert 75 <= len(found) <= 79


def test_a_gap_is_not_walked():
    t = np.concatenate((np.arange(0, 300, 5.0), np.arange(3_000, 3_300, 5.0)))
    x = np.concatenate((np.arange(60) * 6.0, 5_000 + np.arange(60) * 6.0))
    found = print_of(drawn(t, x))
    assert len(found) < 80
    assert len(found.cells) < 25


def test_smoothing_takes_most_of_a_copyists_noise_away():
    source = walked(1)
    a, b = print_of(source), print_of(blurred(source, 10.0))
    moments = np.linspace(a.started_s, a.ended_s, 200)
    x, y = (np.interp(moments, a.t, v) for v in suspects.FRAME.to_metres(a.lat, a.lon))
    u, v = (np.interp(moments, b.t, w) for w in suspects.FRAME.to_metres(b.lat, b.lon))
    assert np.median(np.hypot(x - u, y - v)) < 7.0


@given(st.integers(0, 300), st.floats(0, 360), st.floats(0.5, 2.0))
@settings(max_examples=25, deadline=None)
def test_the_pace_survives_moving_turning_mirroring_and_scaling(seed, degrees, scale):
    source = walked(seed)
    a, b = print_of(source), print_of(turned(source, degrees, scale))
    assert float(a.signature @ b.signature) > 0.85


def test_a_stay_has_no_pace_and_a_longest_track_is_cut():
    assert not print_of(drawn(np.arange(0, 60, 5.0), np.zeros(12))).has_pace
    far = drawn(np.arange(0, 30_000, 10.0), np.arange(3_000) * 20.0)
    assert len(print_of(far)) == MAX_SAMPLES


@given(st.floats(-85, 85), st.floats(-179.9, 179.9))
def test_the_same_place_is_always_in_the_same_cell_and_far_ones_are_not(lat, lon):
    here = city_cells(np.array([lat]), np.array([lon]))
    assert here.tolist() == city_cells(np.array([lat, lat]), np.array([lon, lon])).tolist()
    assert here[0] != city_cells(np.array([lat + 0.001]), np.array([lon]))[0]
