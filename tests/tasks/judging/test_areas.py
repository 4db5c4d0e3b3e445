"""Areas of tasks: what is taken, what is refused, and what compiling makes of them."""

import numpy as np
import pytest

from shared.geo import BadGeometry
from tasks.judging.areas import (
    MAX_CELLS,
    BadArea,
    BadAreaSize,
    RouteTooLong,
    across_m,
    cell_numbers,
    compile_area,
    location_of,
    validated_area,
)

POINT = {"type": "Point", "coordinates": [119.295, 26.085]}
LINE = {"type": "LineString", "coordinates": [[119.29, 26.08], [119.30, 26.08]]}
RING = [[119.29, 26.08], [119.30, 26.08], [119.30, 26.09], [119.29, 26.09], [119.29, 26.08]]
# A horseshoe, whose middle is outside of it.
HORSESHOE = [[0, 0], [9, 0], [9, 9], [8, 9], [8, 1], [1, 1], [1, 9], [0, 9], [0, 0]]

CIRCLE = {"shape": "circle", "geometry": POINT, "radius_m": 200}
ROUTE = {"shape": "route", "geometry": LINE, "corridor_m": 25}
POLYGON = {"shape": "polygon", "geometry": {"type": "Polygon", "coordinates": [RING]}}


class TestValidating:
    @pytest.mark.parametrize("area", [CIRCLE, ROUTE, POLYGON])
    def test_each_shape_is_taken_and_cleaned_once(self, area):
        clean = validated_area(area)
        assert clean["shape"] == area["shape"]
        assert validated_area(clean) == clean

    @pytest.mark.parametrize(
        ("area", "field"),
        [
            (None, "area"),
            ([], "area"),
            ({}, "area.shape"),
            ({**POLYGON, "shape": "square"}, "area.shape"),
            ({**POLYGON, "shape": {}}, "area.shape"),
            ({**POLYGON, "radius_m": 50}, "area.radius_m"),
            ({**CIRCLE, "corridor_m": 50}, "area.corridor_m"),
            ({**CIRCLE, "colour": "red"}, "area.colour"),
        ],
    )
    def test_what_is_no_area_is_refused_with_its_place(self, area, field):
        with pytest.raises(BadArea) as refused:
            validated_area(area)
        assert refused.value.field == field

    @pytest.mark.parametrize("radius", [None, True, "50", 19.9, 20_001, float("nan"), 10**400])
    def test_a_circle_needs_a_sensible_radius(self, radius):
        with pytest.raises(BadAreaSize) as refused:
            validated_area({**CIRCLE, "radius_m": radius})
        assert refused.value.field == "area.radius_m"
        assert "20" in refused.value.say("zh-CN")

    @pytest.mark.parametrize("corridor", [None, 4.9, 501, float("inf")])
    def test_a_route_needs_a_sensible_corridor(self, corridor):
        with pytest.raises(BadAreaSize):
            validated_area({**ROUTE, "corridor_m": corridor})

    def test_the_geometry_must_be_the_shapes_own(self):
        with pytest.raises(BadGeometry) as refused:
            validated_area({**CIRCLE, "geometry": LINE})
        assert refused.value.field == "area.geometry.type"


class TestCompiling:
    def test_a_circle_holds_what_is_within_its_radius_and_fifteen_metres(self):
        compiled = compile_area(CIRCLE)
        x = np.array([0.0, 199.0, 213.0, 217.0])
        assert compiled.holds(x, np.zeros(4)).tolist() == [True, True, True, False]

    def test_a_route_holds_its_corridor(self):
        compiled = compile_area(ROUTE)
        y = np.array([0.0, 24.0, 39.0, 41.0, -39.0])
        assert compiled.holds(np.zeros(5), y).tolist() == [True, True, True, False, True]

    def test_not_finite_positions_are_nowhere(self):
        assert not compile_area(CIRCLE).holds(np.array([np.nan]), np.array([0.0])).any()

    def test_the_same_area_is_compiled_once_however_it_is_written(self):
        other = dict(reversed(CIRCLE.items()))
        assert compile_area(validated_area(CIRCLE)) is compile_area(validated_area(other))

    def test_a_route_is_sampled_from_end_to_end_every_twenty_metres(self):
        compiled = compile_area(ROUTE)
        samples = np.array([(p.x, p.y) for p in compiled.route_samples])
        steps = np.hypot(*np.diff(samples, axis=0).T)
        assert steps.max() <= 20.0
        assert steps.sum() == pytest.approx(compiled.line.length)

    def test_cells_are_those_whose_middle_is_inside(self):
        cells = compile_area(CIRCLE).cells
        assert len(cells) == pytest.approx(np.pi * 200**2 / 50**2, rel=0.15)
        assert cell_numbers(np.array([10.0]), np.array([-10.0]))[0] in cells
        assert cell_numbers(np.array([300.0]), np.array([0.0]))[0] not in cells

    def test_far_away_positions_have_cells_too(self):
        far = cell_numbers(np.array([1e9, -1e9]), np.array([1e9, 0.0]))
        assert not np.isin(far, compile_area(CIRCLE).cells).any()

    def test_cells_never_share_a_number(self):
        line = np.arange(-100_000, 100_000, 50.0) + 1
        along_x, along_y = cell_numbers(line, line * 0 + 1), cell_numbers(line * 0 + 1, line)
        assert len(np.unique(np.concatenate((along_x, along_y)))) == 2 * len(line) - 1
        assert len(line) ** 2 > MAX_CELLS


class TestLocating:
    @pytest.mark.parametrize("area", [CIRCLE, ROUTE, POLYGON])
    def test_the_location_is_inside_the_area(self, area):
        lon, lat = location_of(area)
        compiled = compile_area(area)
        x, y = compiled.frame.to_metres([lat], [lon])
        assert compiled.holds(x, y).all()

    def test_a_horseshoes_location_is_on_the_horseshoe(self):
        ring = [[119.3 + x / 1000, 26.0 + y / 1000] for x, y in HORSESHOE]
        area = {"shape": "polygon", "geometry": {"type": "Polygon", "coordinates": [ring]}}
        lon, lat = location_of(validated_area(area))
        compiled = compile_area(area)
        assert compiled.outline.contains(
            compiled.frame.shape_of({"type": "Point", "coordinates": [lon, lat]})
        )

    def test_a_circle_is_twice_its_radius_across(self):
        assert across_m(CIRCLE) == pytest.approx(400)


def test_a_route_longer_than_a_days_march_is_refused_before_it_costs_anything():
    zigzag = [[119.28 + 0.02 * (number % 2), 26.08 + number / 100_000] for number in range(60)]
    line = {"type": "LineString", "coordinates": zigzag}
    with pytest.raises(RouteTooLong):
        validated_area({"shape": "route", "geometry": line, "corridor_m": 5})
