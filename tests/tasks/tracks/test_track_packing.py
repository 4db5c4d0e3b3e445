"""Packed tracks: what goes in comes out, and bytes that are no track are refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.tracks.track_packing import (
    CorruptTrack,
    TrackPoints,
    UnpackablePoints,
    pack_points,
    unpack_points,
)

fix = st.tuples(
    st.integers(0, 2**52),
    st.integers(-90_000_000, 90_000_000),
    st.integers(-180_000_000, 180_000_000),
    st.none() | st.integers(0, 1_000_000),
    st.none() | st.integers(-12_000, 100_000),
)
walks = st.lists(st.lists(fix, max_size=12), max_size=6)


def columns(fixes) -> TrackPoints:
    """Fixes in packed units (ms, 1e-6 degree, dm, m) as columns."""
    return TrackPoints.of(
        [f[0] for f in fixes],
        [f[1] / 1e6 for f in fixes],
        [f[2] / 1e6 for f in fixes],
        [None if f[3] is None else f[3] / 10 for f in fixes],
        [f[4] for f in fixes],
    )


def assert_same(one: TrackPoints, other: TrackPoints) -> None:
    for name in vars(one):
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True), name


def one_point(**values) -> TrackPoints:
    fields = {"t_ms": 1, "lat": 26.0, "lon": 119.0, "accuracy_m": 5.0, "altitude_m": 9.0}
    return TrackPoints.of(*([value] for value in {**fields, **values}.values()))


class TestPacking:
    @given(walks)
    def test_any_chunks_come_back_as_one_track(self, chunks):
        packed = [(pack_points(columns(fixes)), len(fixes)) for fixes in chunks]
        everything = columns([f for fixes in chunks for f in fixes])
        assert_same(unpack_points(packed), everything)

    def test_missing_is_not_zero(self):
        fixes = [(1, 0, 0, None, None), (2, 0, 0, 0, 0), (3, 0, 0, None, None)]
        back = unpack_points([(pack_points(columns(fixes)), 3)])
        assert np.isnan(back.accuracy_m).tolist() == [True, False, True]
        assert np.isnan(back.altitude_m).tolist() == [True, False, True]
        assert back.accuracy_m[1] == back.altitude_m[1] == 0.0

    def test_a_negative_accuracy_means_unknown(self):
        packed = pack_points(one_point(accuracy_m=-1.0))
        assert np.isnan(unpack_points([(packed, 1)]).accuracy_m[0])

    def test_positions_are_kept_to_a_tenth_of_a_metre(self):
        back = unpack_points([(pack_points(one_point(lat=26.12345678)), 1)])
        assert back.lat[0] == 26.123457

    def test_a_minute_of_walking_takes_about_six_bytes_a_point(self):
        rng = np.random.default_rng(1)
        t = 1_700_000_000_000 + 5_000 * np.arange(60)
        lat, lon = 26.0 + np.cumsum(rng.normal(0, 3e-5, (2, 60)), axis=1)
        points = TrackPoints(t, lat, lon, rng.uniform(5, 9, 60), rng.uniform(10, 12, 60))
        assert len(pack_points(points)) < 7 * 60

    @pytest.mark.parametrize(
        "wrong",
        [
            {"t_ms": -1},
            {"t_ms": 2**53},
            {"lat": 90.1},
            {"lat": float("nan")},
            {"lon": float("inf")},
            {"accuracy_m": float("inf")},
            {"accuracy_m": 2e6},
            {"altitude_m": float("inf")},
            {"altitude_m": -20_000.0},
        ],
    )
    def test_a_point_that_cannot_be_kept_is_refused(self, wrong):
        with pytest.raises(UnpackablePoints):
            pack_points(one_point(**wrong))


class TestUnpacking:
    GOOD = pack_points(columns([(1_000, 26_000_000, 119_000_000, 50, 9)] * 3))

    def test_nothing_makes_an_empty_track(self):
        assert len(unpack_points([])) == len(unpack_points([(b"", 0)])) == 0

    @pytest.mark.parametrize(
        "chunks",
        [
            [(GOOD, 2)],
            [(GOOD, 4)],
            [(GOOD, 0)],
            [(GOOD, -3)],
            [(b"", 3)],
            [(GOOD[:-1], 3)],
            [(GOOD + b"\x80", 3)],
            [(GOOD + b"\x01", 3)],
            # Two chunks that are right together and wrong each.
            [(GOOD[:-1], 3), (GOOD[-1:] + GOOD, 3)],
            [(b"\x80" * 10 + b"\x01" + b"\x00" * 4, 1)],
            # A latitude of 91 degrees, a time before 1970.
            [(b"\x00\x80\xd8\xe5\x56\x00\x00\x00", 1)],
            [(b"\x01\x00\x00\x00\x00", 1)],
        ],
    )
    def test_bytes_that_are_no_track_are_refused(self, chunks):
        with pytest.raises(CorruptTrack):
            unpack_points(chunks)

    @given(st.binary(max_size=60), st.integers(-1, 12))
    def test_any_bytes_are_read_or_refused_and_never_break(self, data, size):
        try:
            points = unpack_points([(data, size)])
        except CorruptTrack:
            return
        assert len(points) == size
        assert (np.abs(points.lat) <= 90).all()
