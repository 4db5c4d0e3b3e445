"""What a planner may ask for: checks read from untrusted hands, each refusal with its place."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Invalid
from shared.geo import LocalFrame
from tasks.judging.areas import validated_area
from tasks.judging.checks import CHECKS, validate_checks

CENTRE = {"type": "Point", "coordinates": [119.3, 26.08]}
CIRCLE = validated_area({"shape": "circle", "geometry": CENTRE, "radius_m": 500})


def place(x) -> dict:
    """A place x metres east of the circle's centre."""
    lat, lon = LocalFrame(26.08, 119.3).to_degrees(x, 0.0)
    return {"lat": float(lat), "lon": float(lon)}


class TestValidating:
    def test_defaults_are_filled_in_and_stay(self):
        checks = validate_checks(
            [
                {"check": "checkpoints", "parameters": {"points": [place(0), place(50)]}},
                {"check": "window"},
                {"check": "plausible_speed"},
            ]
        )
        assert checks[0]["parameters"] | {"points": 2} == {
            "points": 2,
            "radius_m": 30.0,
            "dwell_s": 0.0,
            "needed": 2,
            "in_order": False,
        }
        assert checks[1]["parameters"] == {"early_s": 900.0, "late_s": None, "min_share": 0.9}
        assert checks[2]["parameters"] == {"max_fast_share": 0.15, "v_fast_mps": 4.2}
        assert validate_checks(checks) == checks

    @pytest.mark.parametrize(
        ("value", "field"),
        [
            (None, "checks"),
            ([], "checks"),
            ([{"check": "window"}] * 20, "checks"),
            (["window"], "checks.0"),
            ([{"check": "window", "why": 1}], "checks.0"),
            ([{"check": "photo"}], "checks.0.check"),
            ([{"check": []}], "checks.0.check"),
            ([{"check": "window", "parameters": 5}], "checks.0.parameters"),
            ([{"check": "window"}, {"check": "window"}], "checks.1.check"),
            ([{"check": "window", "parameters": {"x": 1}}], "checks.0.parameters.x"),
            ([{"check": "inside_time"}], "checks.0.parameters.min_s"),
        ],
    )
    def test_what_are_no_checks_is_refused_with_its_place(self, value, field):
        with pytest.raises(Invalid) as refused:
            validate_checks(value)
        assert refused.value.field == field
        assert refused.value.say("en")
        assert refused.value.say("zh-CN")

    @pytest.mark.parametrize("value", [0, -5, float("nan"), float("inf"), True, "60", [], 10**400])
    @pytest.mark.parametrize(
        ("check", "name"), [("inside_time", "min_s"), ("inside_distance", "min_m")]
    )
    def test_a_number_out_of_bounds_is_refused(self, check, name, value):
        with pytest.raises(Invalid) as refused:
            validate_checks([{"check": check, "parameters": {name: value}}])
        assert refused.value.field == f"checks.0.parameters.{name}"

    @pytest.mark.parametrize(
        ("parameters", "field"),
        [
            ({}, "points"),
            ({"points": []}, "points"),
            ({"points": [place(0)] * 51}, "points"),
            ({"points": [[119.3, 26.08]]}, "points.0"),
            ({"points": [{"lat": 26}]}, "points.0"),
            ({"points": [{"lat": 126, "lon": 119}]}, "points.0"),
            ({"points": [{"lat": None, "lon": 119}]}, "points.0"),
            ({"points": [{**place(0), "name": 5}]}, "points.0.name"),
            ({"points": [{**place(0), "name": "x" * 81}]}, "points.0.name"),
            ({"points": [place(0)], "needed": 2}, "needed"),
            ({"points": [place(0)], "needed": 0}, "needed"),
            ({"points": [place(0), place(1)], "needed": 1.5}, "needed"),
            ({"points": [place(0)], "in_order": "yes"}, "in_order"),
            ({"points": [place(0)], "radius_m": 4}, "radius_m"),
        ],
    )
    def test_bad_checkpoints_are_refused_with_their_place(self, parameters, field):
        with pytest.raises(Invalid) as refused:
            validate_checks([{"check": "checkpoints", "parameters": parameters}])
        assert refused.value.field == f"checks.0.parameters.{field}"

    @pytest.mark.parametrize(
        "check",
        [
            {"check": "route_coverage", "parameters": {"min_share": 0.5}},
            {"check": "checkpoints", "parameters": {"points": [place(600)]}},
        ],
    )
    def test_a_check_that_nobody_can_meet_in_this_area_is_refused(self, check):
        validate_checks([check])
        with pytest.raises(Invalid):
            validate_checks([check], CIRCLE)

    def test_an_area_too_large_to_cover_square_by_square_is_refused(self):
        check = {"check": "area_coverage", "parameters": {"min_share": 0.5}}
        validate_checks([check], CIRCLE)
        with pytest.raises(Invalid):
            validate_checks([check], {**CIRCLE, "radius_m": 20_000.0})

    @given(st.recursive(st.none() | st.floats() | st.text(max_size=5), st.lists, max_leaves=8))
    def test_any_json_is_refused_and_never_breaks(self, value):
        for name in CHECKS:
            for key in CHECKS[name].parameters:
                checks = [{"check": name, "parameters": {key: value}}]
                with contextlib.suppress(Invalid):
                    clean = validate_checks(checks)
                    assert validate_checks(clean) == clean
