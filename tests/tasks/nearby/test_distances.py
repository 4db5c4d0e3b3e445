"""Distances by the straight line through the Earth, held against the geodesics of others."""

import numpy as np
import pytest
from geopy.distance import geodesic
from hypothesis import example, given
from hypothesis import strategies as st
from near_world import FUZHOU, GEOD, mm_between, place_at

from tasks.nearby.distances import distances_mm, earth_centred

PURE = True

lats = st.one_of(st.floats(-89, 89), st.sampled_from([0.0, 26.09, -26.09, 45.0, 89.0, -89.0]))
lons = st.one_of(st.floats(-180, 180), st.sampled_from([0.0, 119.29, -180.0, 180.0, 90.0]))
metres = st.one_of(st.floats(0, 20_000), st.sampled_from([0.0, 0.0005, 1.0, 20_000.0]))
azimuths = st.one_of(st.floats(0, 360), st.sampled_from([0.0, 45.0, 90.0, 180.0, 270.0]))


@given(lats, lons, metres, azimuths)
@example(0.0, 0.0, 20_000.0, 0.0)
@example(0.0, 0.0, 20_000.0, 90.0)
@example(89.0, 0.0, 20_000.0, 90.0)
def test_up_to_20_km_it_is_pyprojs_to_the_millimetre(lat, lon, distance_m, azimuth):
    there = place_at((lat, lon), distance_m, azimuth)
    _, _, wanted_m = GEOD.inv(lon, lat, there[1], there[0])
    assert abs(mm_between((lat, lon), there) - wanted_m * 1000) <= 1


@given(lats, lons, metres, azimuths)
def test_and_geopys(lat, lon, distance_m, azimuth):
    there = geodesic(meters=distance_m).destination((lat, lon), azimuth)
    wanted_mm = geodesic((lat, lon), (there.latitude, there.longitude)).m * 1000
    assert abs(mm_between((lat, lon), (there.latitude, there.longitude)) - wanted_mm) <= 1


@given(lats, lons, metres, azimuths)
def test_there_and_back_are_as_far(lat, lon, distance_m, azimuth):
    there = place_at((lat, lon), distance_m, azimuth)
    assert mm_between((lat, lon), there) == mm_between(there, (lat, lon))


@given(lats, lons)
def test_a_place_is_nowhere_from_itself(lat, lon):
    assert mm_between((lat, lon), (lat, lon)) == 0


def test_many_at_once_are_each_as_far_as_alone():
    rng = np.random.default_rng(7)
    places = (FUZHOU + rng.normal(0, 0.05, (500, 2))).tolist()
    there = np.array([earth_centred(*place) for place in places])
    at_once = distances_mm(earth_centred(*FUZHOU), there)
    assert at_once.shape == (500,)
    assert at_once.tolist() == [mm_between(FUZHOU, place) for place in places]


def test_it_comes_in_whole_millimetres():
    far = distances_mm(earth_centred(*FUZHOU), np.array([earth_centred(26.1, 119.3)]))
    assert np.issubdtype(far.dtype, np.integer)


def test_of_nobody_there_is_no_distance():
    assert distances_mm(earth_centred(*FUZHOU), np.empty((0, 3))).tolist() == []


@pytest.mark.parametrize(
    ("place", "metres"),
    [
        # The axes of WGS-84 (NGA.STND.0036), in metres.
        ((0.0, 0.0), (6_378_137.0, 0.0, 0.0)),
        ((0.0, 90.0), (0.0, 6_378_137.0, 0.0)),
        ((0.0, -90.0), (0.0, -6_378_137.0, 0.0)),
        ((90.0, 0.0), (0.0, 0.0, 6_356_752.314_245)),
        ((-90.0, 12.0), (0.0, 0.0, -6_356_752.314_245)),
    ],
)
def test_the_axes_are_those_of_the_ellipsoid(place, metres):
    assert earth_centred(*place) == pytest.approx(metres, abs=1e-4)
