"""Datums against an independent library: the same positions, and back again to the millimetre.

The library's own inverses promise half a metre only, so it is asked forwards: what we call the
WGS-84 of a GCJ-02 or BD-09 position must lead it back to exactly that position.
"""

import geocoordinates_ffi as golden
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.datums import DATUMS, from_wgs84, to_wgs84
from shared.geo import distance_m

PURE = True
MILLIMETRE_M = 0.001
CITIES = {
    "Fuzhou": (26.0745, 119.2965),
    "Gulou, Fuzhou": (26.0820, 119.3036),
    "Bao'an, Shenzhen": (22.5550, 113.8830),
    "Wenjiang, Chengdu": (30.6825, 103.8560),
    "Beijing": (39.9042, 116.4074),
    "Shanghai": (31.2304, 121.4737),
    "Guangzhou": (23.1291, 113.2644),
    "Urumqi": (43.8256, 87.6168),
    "Lhasa": (29.6520, 91.1721),
    "Harbin": (45.8038, 126.5350),
    "Kashgar": (39.4704, 75.9898),
    "Mohe": (52.9722, 122.5386),
    "Sanya": (18.2528, 109.5120),
    "Xiamen": (24.4798, 118.0894),
}
# Well inside the formula's box, where both apply it: what happens at its rim is no place's.
IN_CHINA = st.tuples(st.floats(3.9, 53.5), st.floats(73.7, 135.0))
PLACES = pytest.mark.parametrize("place", CITIES.values(), ids=CITIES.keys())


def by_library(place, datum):
    """(lat, lon) of a WGS-84 place in `datum`, as the library converts it."""
    given_place = golden.Wgs84(lat=place[0], lon=place[1])
    convert = {"gcj02": golden.wgs84_to_gcj02, "bd09": golden.wgs84_to_bd09}.get(datum)
    moved = convert(given_place) if convert else given_place
    return moved.lat, moved.lon


def by_us(place, datum):
    lat, lon = from_wgs84(*place, datum)
    return float(lat), float(lon)


def back(place, datum):
    lat, lon = to_wgs84(*place, datum)
    return float(lat), float(lon)


class TestAgainstTheLibrary:
    @PLACES
    @pytest.mark.parametrize("datum", DATUMS)
    def test_a_city_is_where_the_library_puts_it(self, place, datum):
        assert distance_m(by_us(place, datum), by_library(place, datum)) < MILLIMETRE_M

    @PLACES
    @pytest.mark.parametrize("datum", ["gcj02", "bd09"])
    def test_a_city_really_moves(self, place, datum):
        assert 20 < distance_m(place, by_us(place, datum)) < 2_000

    @PLACES
    @pytest.mark.parametrize("datum", DATUMS)
    def test_a_city_said_by_the_library_is_found_again(self, place, datum):
        assert distance_m(back(by_library(place, datum), datum), place) < MILLIMETRE_M

    @given(IN_CHINA, st.sampled_from(DATUMS))
    def test_any_position_in_china_is_where_the_library_puts_it(self, place, datum):
        assume(not golden.out_of_china(*place))
        assert distance_m(by_us(place, datum), by_library(place, datum)) < MILLIMETRE_M

    @given(IN_CHINA, st.sampled_from(DATUMS))
    def test_what_we_call_wgs84_leads_the_library_back(self, seen, datum):
        found = back(seen, datum)
        assume(not golden.out_of_china(*found) and not golden.out_of_china(*seen))
        assert distance_m(by_library(found, datum), seen) < MILLIMETRE_M

    @given(IN_CHINA, st.sampled_from(["gcj02", "bd09"]))
    def test_our_inverse_is_within_what_the_librarys_promises(self, seen, datum):
        refine = {
            "gcj02": lambda: golden.gcj02_to_wgs84_refined(golden.Gcj02(lat=seen[0], lon=seen[1])),
            "bd09": lambda: golden.bd09_to_wgs84_refined(golden.Bd09(lat=seen[0], lon=seen[1])),
        }[datum]
        assume(not golden.out_of_china(*seen))
        found = refine()
        assume(not golden.out_of_china(found.lat, found.lon))
        there = distance_m(back(seen, datum), (found.lat, found.lon))
        assert there <= found.max_error_m + MILLIMETRE_M


class TestRoundTrips:
    @given(IN_CHINA, st.sampled_from(DATUMS), st.sampled_from(DATUMS))
    def test_through_any_two_datums_and_back_is_under_a_millimetre(self, place, one, other):
        # As a phone of one datum and a map of another would show it.
        seen = by_us(back(by_us(place, one), one), other)
        assert distance_m(back(seen, other), place) < MILLIMETRE_M

    @pytest.mark.parametrize(
        "place",
        [(48.8583, 2.2945), (37.4220, -122.0840), (-33.8568, 151.2153), (35.6762, 139.6503)],
    )
    def test_beyond_china_both_leave_gcj02_alone(self, place):
        assert by_us(place, "gcj02") == by_library(place, "gcj02") == place
