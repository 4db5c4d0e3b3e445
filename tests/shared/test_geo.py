"""Shapes from untrusted hands, and distances held against geopy's."""

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from geopy.distance import geodesic
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape

from shared.geo import (
    BadGeometry,
    BadPosition,
    CrossesAntimeridian,
    CrossesItself,
    LocalFrame,
    NothingInside,
    PositionOutOfRange,
    RingNotClosed,
    TooLarge,
    TooManyVertices,
    bounding_circle,
    distance_m,
    line_length_m,
    validated_geometry,
)

SQUARE = [[119.29, 26.08], [119.30, 26.08], [119.30, 26.09], [119.29, 26.09], [119.29, 26.08]]
places = st.tuples(st.floats(-84, 84), st.floats(-179, 179))


def polygon(*rings) -> dict:
    return {"type": "Polygon", "coordinates": [list(ring) for ring in rings]}


def with_corner(corner) -> dict:
    return polygon([SQUARE[0], corner, *SQUARE[2:]])


def star(count: int) -> dict:
    turn = np.linspace(0, 2 * np.pi, count)
    ring = np.column_stack((119.3 + 0.01 * np.cos(turn), 26.0 + 0.01 * np.sin(turn))).tolist()
    return polygon([*ring[:-1], ring[0]])


class TestValidating:
    def test_a_good_polygon_comes_back_right_handed_and_flat(self):
        given_ring = [[*position, 12.0] for position in reversed(SQUARE)]
        clean = validated_geometry({"type": "Polygon", "coordinates": [given_ring], "bbox": []})
        assert set(clean) == {"type", "coordinates"}
        assert shapely.is_ccw(shape(clean).exterior)
        assert shape(clean).equals(shape(polygon(SQUARE)))

    def test_what_was_cleaned_once_is_clean(self):
        clean = validated_geometry(star(100))
        assert validated_geometry(clean) == clean

    @pytest.mark.parametrize("value", [None, 7, [], "x", {}, {"type": "Circle"}, {"type": ["a"]}])
    def test_what_is_no_geometry_is_refused(self, value):
        with pytest.raises(BadGeometry):
            validated_geometry(value)

    @pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, True, "119", None, 10**400])
    def test_a_number_that_is_none_is_refused_with_its_place(self, number):
        with pytest.raises(BadPosition) as refused:
            validated_geometry(with_corner([number, 26.08]), field="area.geometry")
        assert refused.value.field == "area.geometry.coordinates.0.1"

    @pytest.mark.parametrize("corner", [[], [119.3], [1, 2, 3, 4], {"lat": 1}, "ab", None])
    def test_a_position_of_another_form_is_refused(self, corner):
        with pytest.raises(BadPosition):
            validated_geometry(with_corner(corner))

    @pytest.mark.parametrize("coordinates", [None, 5, [5], [[5]], [SQUARE[0]]])
    def test_wrong_nesting_is_refused(self, coordinates):
        with pytest.raises(BadGeometry):
            validated_geometry({"type": "Polygon", "coordinates": coordinates})

    @pytest.mark.parametrize("corner", [[180.1, 26], [-181, 26], [26.08, 119.3]])
    def test_a_position_off_the_earth_is_refused(self, corner):
        with pytest.raises(PositionOutOfRange):
            validated_geometry(with_corner(corner))

    @pytest.mark.parametrize(
        ("bad", "refusal"),
        [
            (polygon(SQUARE[:-1]), RingNotClosed),
            (polygon(SQUARE[:2] + SQUARE[:1]), RingNotClosed),
            (polygon([SQUARE[i] for i in (0, 2, 1, 3, 0)]), CrossesItself),
            (polygon(SQUARE, [[120, 27], [120.01, 27], [120, 27.01], [120, 27]]), CrossesItself),
            (polygon([SQUARE[0]] * 4), NothingInside),
            (polygon([[119, 26], [119.001, 26], [119.002, 26], [119, 26]]), NothingInside),
            (polygon([]), NothingInside),
            ({"type": "Polygon", "coordinates": []}, NothingInside),
            (polygon([[179.9, 0], [-179.9, 0], [-179.9, 0.1], [179.9, 0]]), CrossesAntimeridian),
            (polygon([[119, 26], [119.6, 26], [119.6, 26.01], [119, 26]]), TooLarge),
            (star(2_002), TooManyVertices),
        ],
    )
    def test_a_shape_nobody_can_patrol_is_refused(self, bad, refusal):
        with pytest.raises(refusal) as refused:
            validated_geometry(bad)
        assert refused.value.say("en")
        assert refused.value.say("zh-CN")

    def test_two_thousand_vertices_are_allowed(self):
        assert len(validated_geometry(star(2_000))["coordinates"][0]) == 2_000

    def test_a_hundred_thousand_are_refused_without_reading_them(self):
        endless = polygon([*SQUARE[:2], *[[119.3, 26.0]] * 100_000])
        with pytest.raises(TooManyVertices):
            validated_geometry(endless)

    @pytest.mark.parametrize("line", [[], [[119, 26]], [[119, 26], [119, 26]]])
    def test_a_line_without_length_is_refused(self, line):
        with pytest.raises(NothingInside):
            validated_geometry({"type": "LineString", "coordinates": line}, ("LineString",))

    def test_points_and_multipolygons_are_read_where_they_are_wanted(self):
        point = {"type": "Point", "coordinates": [119, 26]}
        assert validated_geometry(point, ("Point",))["coordinates"] == [119.0, 26.0]
        both = {"type": "MultiPolygon", "coordinates": [[SQUARE]]}
        assert validated_geometry(both, ("Polygon", "MultiPolygon"))["type"] == "MultiPolygon"

    @given(
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3),
            lambda inner: st.lists(inner, max_size=5),
            max_leaves=30,
        ),
        st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon"]),
    )
    def test_any_json_is_read_or_refused_and_never_breaks(self, coordinates, kind):
        try:
            clean = validated_geometry({"type": kind, "coordinates": coordinates}, (kind,))
        except BadGeometry:
            return
        assert shape(clean).is_valid


class TestMeasuring:
    @given(places, places)
    def test_a_distance_is_geopys(self, a, b):
        assert distance_m(a, b) == pytest.approx(geodesic(a, b).m)

    @given(st.lists(places, min_size=2, max_size=8))
    def test_a_line_is_as_long_as_its_legs_measured_one_by_one(self, line):
        lats, lons = zip(*line, strict=True)
        legs = sum(geodesic(a, b).m for a, b in pairwise(line))
        assert line_length_m(lats, lons) == pytest.approx(legs, abs=1e-6)

    @pytest.mark.parametrize("line", [[], [(26.0, 119.0)]])
    def test_fewer_than_two_positions_have_no_length(self, line):
        assert line_length_m([p[0] for p in line], [p[1] for p in line]) == 0.0

    @given(places, st.floats(-5_000, 5_000), st.floats(-5_000, 5_000))
    def test_a_local_frame_goes_there_and_back(self, centre, x, y):
        frame = LocalFrame(*centre)
        back = frame.to_metres(*frame.to_degrees(x, y))
        assert (float(back[0]), float(back[1])) == pytest.approx((x, y), abs=1e-3)

    @given(
        st.tuples(st.floats(-55, 55), st.floats(-179, 179)),
        st.floats(-3_000, 3_000),
        st.floats(-3_000, 3_000),
    )
    def test_a_local_metre_is_a_metre_within_a_thousandth(self, centre, x, y):
        frame = LocalFrame(*centre)
        lat, lon = frame.to_degrees(x, y)
        lon = (float(lon) + 180) % 360 - 180
        assert distance_m(centre, (float(lat), lon)) == pytest.approx(
            math.hypot(x, y), rel=2e-3, abs=1e-3
        )

    def test_the_antimeridian_is_no_wall(self):
        x, _ = LocalFrame(0.0, 179.999).to_metres([0.0], [-179.999])
        assert x[0] == pytest.approx(222.6, abs=0.5)

    def test_a_bounding_circle_holds_every_corner(self):
        circle = bounding_circle(polygon(SQUARE))
        away = [distance_m((circle.lat, circle.lon), (lat, lon)) for lon, lat in SQUARE]
        assert max(away) == pytest.approx(circle.radius_m, rel=2e-3)

    def test_a_points_bounding_circle_is_itself(self):
        circle = bounding_circle({"type": "Point", "coordinates": [119.3, 26.0]})
        assert (circle.lat, circle.lon, circle.radius_m) == pytest.approx((26.0, 119.3, 0.0))
