"""Real recorded walks held against the tasks planners draw: honest ones pass, vehicles do not.

The recordings lie beside the project and are not part of it; without them these tests skip.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, Point

from fixtures.recorded_walks import RecordedWalk, read_walk
from fixtures.walk_planning import plan_task_around, wgs84_points
from shared.datums import DATUMS, from_wgs84, to_wgs84
from shared.geo import LocalFrame, line_length_m
from tasks.judging.areas import across_m, validated_area
from tasks.judging.checks import Judgement, judge, validate_checks
from tasks.judging.track_rules import clean_walk

RECORDINGS = Path(__file__).resolve().parents[4] / "shared" / "data"
GEOLIFE, GPX = RECORDINGS / "geolife_beijing", RECORDINGS / "gpx_edge"
pytestmark = pytest.mark.skipif(
    not GEOLIFE.is_dir(), reason=f"the recorded walks are not at {RECORDINGS}"
)
SEGMENTS = range(1, 82, 2)
QUICK = (1, 15, 17, 21, 37, 47, 67)
VARIANTS = ("hull", "corridor", "circle", "checkpoints", "in_order", "cells")
SPEED = {"check": "plausible_speed"}
DATUM_NAMES = {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09"}


@cache
def recorded(segment: int) -> RecordedWalk:
    return read_walk(GEOLIFE / "walk_segments.csv", segment)


def judged(walk: RecordedWalk, task: dict, sent_as: str = "wgs84", label: str = "wgs84"):
    """The judgement of a walk whose phone works in `sent_as` and says it is `label`."""
    points = wgs84_points(walk)
    raw = from_wgs84(points.lat, points.lon, sent_as)
    lat, lon = to_wgs84(*raw, label)
    points = replace(points, lat=np.round(lat, 6), lon=np.round(lon, 6))
    window = (points.t_ms.min() / 1000 - 60, points.t_ms.max() / 1000 + 60)
    return judge(task["area"], task["checks"], window, window, points, label)


def failing(judgement: Judgement) -> list[str]:
    return [result.check for result in judgement.checks if not result.passed]


@cache
def variant(segment: int, kind: str) -> dict:
    """A task drawn around the walk by other means than its own rules, asking for 70 % of it."""
    points = wgs84_points(recorded(segment))
    frame = LocalFrame(float(np.median(points.lat)), float(np.median(points.lon)))
    walk = clean_walk(points, frame)
    line = LineString(np.column_stack((_median(walk.x), _median(walk.y)))).simplify(10)
    length_m = line_length_m(*frame.to_degrees(*line.coords.xy))
    area, extra = _drawn(kind, line, frame)
    checks = [
        {"check": "inside_time", "parameters": {"min_s": 0.7 * walk.duration_s}},
        {"check": "inside_distance", "parameters": {"min_m": 0.7 * length_m}},
        {"check": "window"},
        SPEED,
    ]
    area = validated_area(area)
    return {"area": area, "checks": validate_checks(checks + extra, area)}


def _drawn(kind: str, line: LineString, frame: LocalFrame) -> tuple[dict, list[dict]]:
    if kind == "corridor":
        route = {"shape": "route", "geometry": frame.geometry_of(line), "corridor_m": 25}
        return route, [{"check": "route_coverage", "parameters": {"min_share": 0.8}}]
    if kind == "circle":
        centre = frame.geometry_of(shapely.minimum_bounding_circle(line).centroid)
        radius_m = shapely.minimum_bounding_radius(line) + 20
        return {"shape": "circle", "geometry": centre, "radius_m": radius_m}, []
    if kind == "cells":
        hull = line.buffer(30, quad_segs=4)
        hull = shapely.Polygon(hull.exterior)
        covered = {"check": "area_coverage", "parameters": {"min_share": 0.3}}
        return {"shape": "polygon", "geometry": frame.geometry_of(hull)}, [covered]
    hull = line.convex_hull.buffer(30, quad_segs=4)
    area = {"shape": "polygon", "geometry": frame.geometry_of(hull)}
    if kind == "hull":
        return area, []
    places = shapely.line_interpolate_point(line, np.linspace(0.06, 0.94, 8), normalized=True)
    degrees = [frame.to_degrees(place.x, place.y) for place in places]
    points = [{"lat": float(lat), "lon": float(lon)} for lat, lon in degrees]
    parameters = {"points": points, "needed": 7, "dwell_s": 10, "in_order": kind == "in_order"}
    return area, [{"check": "checkpoints", "parameters": parameters}]


def _median(values: np.ndarray) -> np.ndarray:
    padded = np.pad(values, 4, mode="edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, 9), axis=1)


class TestHonestWalks:
    @pytest.mark.parametrize("segment", QUICK)
    def test_a_walk_passes_the_task_planned_around_it_in_every_datum(self, segment):
        task = plan_task_around(recorded(segment))
        for datum in DATUMS:
            assert failing(judged(recorded(segment), task, datum, datum)) == []

    @pytest.mark.slow
    @pytest.mark.parametrize("segment", SEGMENTS)
    def test_every_walk_passes_every_kind_of_task_in_every_datum(self, segment):
        tasks = [plan_task_around(recorded(segment))]
        tasks += [variant(segment, kind) for kind in VARIANTS]
        for task in tasks:
            for datum in DATUMS:
                judgement = judged(recorded(segment), task, datum, datum)
                assert (judgement.outcome, failing(judgement)) == ("verified", [])

    @pytest.mark.slow
    @pytest.mark.parametrize("segment", SEGMENTS)
    def test_every_walk_fails_under_a_wrong_label_and_is_told_the_right_one(self, segment):
        walk = recorded(segment)
        tasks = [plan_task_around(walk)] + [variant(segment, kind) for kind in VARIANTS]
        # A shift of half a kilometre may leave most of a walk inside a wider area.
        tasks = [task for task in tasks if across_m(task["area"]) < 1_700]
        for task in tasks:
            for sent_as in DATUMS:
                for label in set(DATUMS) - {sent_as}:
                    judgement = judged(walk, task, sent_as, label)
                    assert judgement.outcome == "refused"
                    said = " ".join(result.reason["en"] for result in judgement.checks)
                    assert f"if these were {DATUM_NAMES[sent_as]}" in said

    @pytest.mark.slow
    @pytest.mark.parametrize("every", [2, 3, 6])
    def test_a_phone_that_reports_up_to_every_thirty_seconds_passes(self, every):
        for segment in SEGMENTS:
            walk = recorded(segment)
            sparse = RecordedWalk(walk.points[::every])
            assert failing(judged(sparse, plan_task_around(walk))) == [], segment


class TestUglyRecordings:
    @pytest.mark.parametrize(
        "name", ["005_20081025041708.plt", "002_20081023124523.plt", "korita-zbevnica.gpx"]
    )
    def test_spikes_gaps_and_pauses_do_not_fail_a_walk(self, name):
        walk = read_walk(next(RECORDINGS.glob(f"*/{name}")))
        assert judged(walk, plan_task_around(walk)).outcome == "verified"

    @pytest.mark.parametrize("name", ["008_20081025225205.plt", "010_20070905163053.plt"])
    def test_a_vehicle_is_refused_for_its_speed_by_the_task_around_it(self, name):
        walk = read_walk(GEOLIFE / name)
        judgement = judged(walk, plan_task_around(walk))
        assert judgement.outcome == "refused"
        assert "plausible_speed" in failing(judgement)
        speed = next(r for r in judgement.checks if r.check == "plausible_speed")
        assert speed.measured > 0.6
        assert speed.reason["en"].startswith("Too fast")
        assert speed.reason["zh-CN"].startswith("速度过快")

    def test_the_wild_spike_is_dropped_and_its_walk_kept(self):
        walk = read_walk(GEOLIFE / "005_20081025041708.plt")
        points = wgs84_points(walk)
        cleaned = clean_walk(points, LocalFrame(points.lat[0], points.lon[0]))
        assert 0 < cleaned.dropped["spike"] <= 0.04 * len(points)

    def test_a_real_place_is_not_where_another_datum_puts_it(self):
        walk = recorded(5)
        lat, lon = walk.points[0]["lat"], walk.points[0]["lon"]
        frame = LocalFrame(lat, lon)
        shift = Point(*frame.to_metres(*from_wgs84(lat, lon, "gcj02"))).distance(Point(0, 0))
        assert 500 < shift < 600
