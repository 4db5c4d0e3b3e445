"""Checks: what a planner may ask for, and what the judgement says of a walk."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.datums import from_wgs84
from shared.geo import LocalFrame
from tasks.judging.areas import compile_area, validated_area
from tasks.judging.checks import judge, validate_checks
from tasks.tracks.track_packing import TrackPoints

T0 = 1_700_000_000.0
CENTRE = [119.3, 26.08]
CIRCLE = validated_area(
    {"shape": "circle", "geometry": {"type": "Point", "coordinates": CENTRE}, "radius_m": 500}
)
FRAME = LocalFrame(26.08, 119.3)
HOURS = (T0 - 600, T0 + 7_200)


def degrees(x, y) -> tuple[float, float]:
    lat, lon = FRAME.to_degrees(x, y)
    return float(lat), float(lon)


def place(x, y=0.0) -> dict:
    lat, lon = degrees(x, y)
    return {"lat": lat, "lon": lon}


def track(t, x, y=0.0, accuracy=None) -> TrackPoints:
    t, x = np.asarray(t, float), np.asarray(x, float)
    lat, lon = FRAME.to_degrees(x, np.broadcast_to(np.asarray(y, float), x.shape))
    accuracies = None if accuracy is None else [accuracy] * len(t)
    return TrackPoints.of(np.round((T0 + t) * 1000).astype(np.int64), lat, lon, accuracies)


def to_and_fro(seconds=1_200.0, every=5.0, speed=1.3, reach=300.0) -> TrackPoints:
    """Along the x axis between -reach and reach, from -reach on."""
    t = np.arange(0, seconds + 1, every)
    at = speed * t % (4 * reach)
    return track(t, np.where(at < 2 * reach, at, 4 * reach - at) - reach)


def run(points, *checks, area=CIRCLE, window=HOURS, claim=(T0, T0 + 7_000), datum="wgs84"):
    return judge(area, validate_checks(list(checks), area), window, claim, points, datum)


def only(points, name, parameters=None, **more):
    """The one result of one check."""
    (result,) = run(points, {"check": name, "parameters": parameters or {}}, **more).checks
    return result


class TestInside:
    def test_time_inside_counts_what_was_inside(self):
        t = np.arange(0, 1_200, 5.0)
        result = only(track(t, 1.3 * t - 1_000), "inside_time", {"min_s": 300})
        # From 515 m before the centre to 515 m after it, unless the walk ends first.
        expected = (min(1.3 * 1_195 - 1_000, 515) + 515) / 1.3
        assert result.measured == pytest.approx(expected, abs=6)

    def test_the_reason_is_a_sentence_in_both_languages(self):
        t = np.arange(0, 721, 5.0)
        result = only(track(t, 0.5 * t), "inside_time", {"min_s": 1_200})
        assert not result.passed
        assert result.reason["en"] == "You were inside the area for 12 min; 20 min are needed."
        assert result.reason["zh-CN"] == "您在任务区域内停留了 12 分钟，要求 20 分钟。"

    def test_distance_inside_is_the_official_one(self):
        result = only(to_and_fro(), "inside_distance", {"min_m": 1_000})
        assert result.passed
        assert result.measured == pytest.approx(1.3 * 1_200, rel=0.04)

    def test_two_days_without_a_fix_are_worth_nothing(self):
        points = track([0, 5, 172_800, 172_805], [0, 6, 12, 18])
        result = only(points, "inside_time", {"min_s": 60}, claim=(T0, T0 + 200_000))
        assert result.measured == 10

    def test_two_minutes_without_a_fix_count_only_if_both_ends_are_inside(self):
        both, one = track([0, 120], [0, 100]), track([0, 120], [400, 600])
        assert only(both, "inside_time", {"min_s": 60}).measured == 120
        assert only(one, "inside_time", {"min_s": 60}).measured == 0

    def test_fast_stretches_earn_no_time_and_no_distance(self):
        points = to_and_fro(speed=9.0)
        assert only(points, "inside_time", {"min_s": 60}).measured == 0
        assert only(points, "inside_distance", {"min_m": 60}).measured == 0

    def test_the_tasks_own_speed_limit_decides_what_is_fast(self):
        cycling = {"check": "plausible_speed", "parameters": {"v_fast_mps": 8.0}}
        time = {"check": "inside_time", "parameters": {"min_s": 600}}
        points = to_and_fro(speed=5.5)
        assert run(points, time, cycling).outcome == "verified"
        assert run(points, time, {"check": "plausible_speed"}).outcome == "refused"


class TestCheckpoints:
    @pytest.mark.parametrize("every", [1, 5, 30, 60])
    def test_passing_between_two_fixes_counts(self, every):
        parameters = {"points": [place(-100), place(0), place(100)], "radius_m": 10}
        assert only(to_and_fro(every=every), "checkpoints", parameters).passed

    def test_a_checkpoint_beside_the_way_is_missed_and_counted(self):
        parameters = {"points": [place(0), place(0, 60)]}
        result = only(to_and_fro(), "checkpoints", parameters)
        assert (result.passed, result.measured, result.needed) == (False, 1, 2)
        assert result.reason["en"] == "You reached 1 of 2 checkpoints; 2 are needed."

    def test_dwelling_takes_as_long_as_it_takes(self):
        t = np.arange(0, 600, 5.0)
        x = np.interp(t, [0, 100, 160, 300], [-130, 0, 0, 182])
        parameters = {"points": [place(0)], "radius_m": 15}
        inside_s = 60 + 2 * 30 / 1.3
        assert only(track(t, x), "checkpoints", {**parameters, "dwell_s": inside_s - 8}).passed
        assert not only(track(t, x), "checkpoints", {**parameters, "dwell_s": inside_s + 8}).passed

    def test_order_is_kept_where_it_is_asked_for(self):
        t = np.arange(0, 400, 5.0)
        there = track(t, 1.3 * t - 250)
        forwards = {"points": [place(-150), place(0), place(150)], "in_order": True}
        backwards = {**forwards, "points": forwards["points"][::-1]}
        assert only(there, "checkpoints", forwards).measured == 3
        assert only(there, "checkpoints", backwards).measured == 1
        assert only(there, "checkpoints", {**backwards, "in_order": False}).measured == 3

    def test_one_missed_at_the_beginning_does_not_spoil_the_order_of_the_rest(self):
        t = np.arange(0, 400, 5.0)
        points = [place(0, 200), place(-150), place(0), place(150)]
        parameters = {"points": points, "needed": 3, "in_order": True}
        assert only(track(t, 1.3 * t - 250), "checkpoints", parameters).passed

    def test_driving_past_is_no_visit(self):
        parameters = {"points": [place(0)]}
        assert not only(to_and_fro(speed=9.0), "checkpoints", parameters).passed


class TestWindow:
    def test_a_walk_within_the_hours_passes(self):
        assert only(to_and_fro(), "window").measured == 1.0

    def test_most_of_the_walk_must_be_within_the_hours(self):
        late, strict = (T0 + 200, T0 + 9_000), {"early_s": 0}
        result = only(to_and_fro(), "window", strict, window=late)
        assert not result.passed
        assert result.measured == pytest.approx(1_000 / 1_200, abs=1e-3)
        assert only(to_and_fro(), "window", {**strict, "min_share": 0.8}, window=late).passed

    def test_a_quarter_of_an_hour_early_is_on_the_way_and_more_is_not(self):
        walk = to_and_fro(3_600)
        assert only(walk, "window", window=(T0 + 900, T0 + 3_600)).measured == 1.0
        early = only(walk, "window", window=(T0 + 1_800, T0 + 3_600))
        assert early.measured == pytest.approx(0.75, abs=1e-3)

    def test_starting_too_late_is_said_so(self):
        result = only(to_and_fro(), "window", {"late_s": 300}, window=(T0 - 400, T0 + 9_000))
        assert not result.passed
        assert "6 min 40 s after" in result.reason["en"]
        assert only(to_and_fro(), "window", {"late_s": 400}, window=(T0 - 400, T0 + 9_000)).passed

    def test_datetimes_do_as_well_as_seconds(self):
        start = datetime.fromtimestamp(T0, UTC)
        later = start + timedelta(hours=1)
        assert only(to_and_fro(), "window", window=(start, later), claim=(start, later)).passed


class TestSpeed:
    def test_a_vehicle_is_refused_and_told_why(self):
        result = only(to_and_fro(speed=9.0), "plausible_speed")
        assert not result.passed
        assert result.reason["en"].startswith("Too fast for this task: 100 % of the time")
        assert "15.1 km/h" in result.reason["en"]

    def test_two_minutes_on_a_bus_lose_two_minutes_not_the_coins(self):
        t = np.arange(0, 3_600, 5.0)
        x = np.abs((1.3 * t + 8 * np.clip(t - 600, 0, 120)) % 1_200 - 600) - 300
        assert only(track(t, x), "plausible_speed").passed

    def test_reporting_every_two_minutes_does_not_hide_a_vehicle(self):
        t = np.arange(0, 3_600, 120.0)
        assert not only(track(t, 12.0 * t), "plausible_speed").passed

    def test_where_no_speed_can_be_told_none_is_believed(self):
        points = track([0, 1_000, 2_000], [0, 100, 200])
        assert not only(points, "plausible_speed").passed


class TestCoverage:
    LINE = {"type": "LineString", "coordinates": [[119.297, 26.08], [119.303, 26.08]]}
    ROUTE = validated_area({"shape": "route", "geometry": LINE, "corridor_m": 25})

    def test_half_the_route_is_half_the_route(self):
        t = np.arange(0, 240, 5.0)
        half = only(track(t, 1.3 * t - 320), "route_coverage", {"min_share": 0.8}, area=self.ROUTE)
        assert not half.passed
        assert half.measured == pytest.approx(0.55, abs=0.07)
        all_of_it = only(to_and_fro(), "route_coverage", {"min_share": 0.8}, area=self.ROUTE)
        assert all_of_it.measured == 1.0

    def test_squares_are_counted_once(self):
        result = only(to_and_fro(5_000), "area_coverage", {"min_share": 0.5})
        cells = len(compile_area(CIRCLE).cells)
        assert result.measured == pytest.approx(12 / cells, abs=2.1 / cells)


class TestOutcome:
    TIME = {"check": "inside_time", "parameters": {"min_s": 600}}

    def test_all_checks_met_is_verified_and_plain(self):
        judgement = run(to_and_fro(), self.TIME, {"check": "window"}, {"check": "plausible_speed"})
        assert judgement.outcome == "verified"
        plain = judgement.plain()
        assert json.loads(json.dumps(plain)) == plain
        assert [check["check"] for check in plain["checks"]] == [
            "inside_time",
            "window",
            "plausible_speed",
        ]
        assert plain["duration_s"] == 1_200
        assert plain["points_kept"] == 241

    @pytest.mark.parametrize(
        ("points", "claim", "said"),
        [
            (track([], []), (T0, T0 + 100), "No positions"),
            (track([5] * 9, range(9)), (T0, T0 + 100), "the same time"),
            (to_and_fro(), (T0 + 9_000, T0 + 9_900), "between your start and your finish"),
            (track([0], [0]), (T0, T0 + 100), "Only 1 of 1"),
        ],
    )
    def test_a_track_that_is_none_is_refused_with_why(self, points, claim, said):
        judgement = run(points, self.TIME, claim=claim)
        assert judgement.outcome == "refused"
        assert said in judgement.reason["en"]
        assert said in judgement.checks[0].reason["en"]
        assert (judgement.checks[0].passed, judgement.checks[0].needed) == (False, 600)

    @pytest.mark.parametrize("count", [0, 1])
    def test_every_check_answers_for_hardly_any_points(self, count):
        judgement = run(track(range(count), range(count)), *everything)
        assert [result.check for result in judgement.checks] == [c["check"] for c in everything]
        assert not any(result.passed for result in judgement.checks)

    def test_a_bad_signal_goes_to_a_person_unless_it_was_fast(self):
        t = np.arange(0, 1_000, 5.0)
        accuracy = np.where(np.arange(len(t)) % 3 == 0, 10.0, 150.0)
        for speed, outcome in ((0.4, "needs_review"), (9.0, "refused")):
            points = track(t, speed * t)
            points = replace(points, accuracy_m=accuracy)
            time = {"check": "inside_time", "parameters": {"min_s": 1_200}}
            judgement = run(points, time, {"check": "plausible_speed"})
            assert judgement.outcome == outcome
            assert judgement.points_dropped["poor_accuracy"] == int((accuracy > 100).sum())

    def test_driving_in_circles_is_not_taken_for_standing_among_spikes(self):
        judgement = run(to_and_fro(speed=11.0, reach=150), self.TIME, {"check": "plausible_speed"})
        assert judgement.outcome != "verified"

    @pytest.mark.parametrize(("every", "outcome"), [(30, "verified"), (4, "needs_review")])
    def test_a_few_spikes_are_nothing_and_many_are_looked_at(self, every, outcome):
        t = np.arange(0, 1_200, 5.0)
        points = track(t, 0.4 * t + np.where(np.arange(len(t)) % every == 2, 350, 0))
        assert run(points, self.TIME, {"check": "plausible_speed"}).outcome == outcome

    def test_only_bad_fixes_go_to_a_person_too(self):
        points = track([0, 5, 10], [0, 5, 10], accuracy=500)
        assert run(points, self.TIME).outcome == "needs_review"

    def test_another_datum_that_fits_is_named_and_not_taken(self):
        # Positions of a phone that works in GCJ-02 and says WGS-84.
        walked = to_and_fro()
        lat, lon = from_wgs84(walked.lat, walked.lon, "gcj02")
        points = replace(walked, lat=lat, lon=lon)
        judgement = run(points, self.TIME)
        assert judgement.outcome == "refused"
        assert "if these were GCJ-02 positions" in judgement.checks[0].reason["en"]
        assert "若这些位置为 GCJ-02 坐标" in judgement.checks[0].reason["zh-CN"]

    def test_nobody_elses_place_gets_a_hint(self):
        t = np.arange(0, 1_200, 5.0)
        judgement = run(track(t, 5_000 + t), self.TIME)
        assert judgement.outcome == "refused"
        assert "if these were" not in judgement.checks[0].reason["en"]


everything = [
    {"check": "inside_time", "parameters": {"min_s": 60}},
    {"check": "inside_distance", "parameters": {"min_m": 60}},
    {"check": "checkpoints", "parameters": {"points": [place(0), place(50)], "in_order": True}},
    {"check": "window", "parameters": {"late_s": 60}},
    {"check": "plausible_speed"},
    {"check": "area_coverage", "parameters": {"min_share": 0.1}},
]


class TestAnyTrack:
    @settings(max_examples=150, deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(-50, 4_000), st.floats(-900, 900), st.floats(-900, 900)),
            max_size=40,
        )
    )
    def test_every_check_is_told_with_its_figures(self, rows):
        points = track(*np.array(rows, float).reshape(-1, 3).T)
        judgement = run(points, *everything)
        assert [result.check for result in judgement.checks] == [c["check"] for c in everything]
        passed = all(result.passed for result in judgement.checks)
        assert judgement.outcome in (("verified", "needs_review") if passed else ("refused",))
        assert judgement.points_kept + sum(judgement.points_dropped.values()) == len(points)
        for result in judgement.checks:
            assert result.measured >= 0
            assert all(result.reason.values())
        assert judgement == run(points, *everything)
