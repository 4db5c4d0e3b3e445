"""Starting on time, the longest gap, and pauses: a reported incident counts neither way."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.judging.check_kind import Hours
from tasks.judging.check_parameters import BadParameter
from tasks.judging.track_rules import clean_walk
from tests.tasks.judging.cases import CLAIM, FRAME, NOBODY, T0, only, run, strolling, tells, track


def started(after_s, **said):
    return only("start_on_time", said=said, claim=(T0 + after_s, T0 + 3_600))


class TestStartOnTime:
    @pytest.mark.parametrize("late_s", [-900, 0, 300])
    def test_early_and_punctual_pass(self, late_s):
        result = started(late_s)
        assert result.passed
        assert result.measured == max(late_s, 0)

    def test_too_late_says_how_late(self):
        result = started(301)
        assert (result.passed, result.measured, result.needed) == (False, 301, 300)
        assert tells(result) == (
            "You started 5 min 1 s after the task began; at most 5 min is allowed.",
            "您在任务开始 5 分钟 1 秒 后才出发，最多允许迟到 5 分钟。",
        )

    def test_the_centre_says_how_late_is_late(self):
        assert started(600, late_s=600).passed
        assert not started(1, late_s=0).passed


def gap_of(t, pauses=(), claim=CLAIM, max_s=600):
    points = track(t, 1.0 * np.asarray(t, float) % 300)
    return only("longest_gap", points, said={"max_s": max_s}, claim=claim, pauses=pauses)


class TestLongestGap:
    def test_gaps_between_points_count(self):
        steady = np.arange(0, 3_601, 60)
        assert gap_of(steady).measured == 60
        holed = steady[(steady <= 1_200) | (steady >= 2_400)]
        result = gap_of(holed)
        assert (result.passed, result.measured, result.needed) == (False, 1_200, 600)
        assert tells(result) == (
            "The longest time without a position was 20 min; at most 10 min is allowed.",
            "最长 20 分钟 没有定位，最多允许 10 分钟。",
        )

    def test_from_the_start_and_to_the_finish_count_too(self):
        assert gap_of(np.arange(900, 3_601, 60)).measured == 900
        assert gap_of(np.arange(0, 2_701, 60)).measured == 900

    def test_a_pause_is_no_gap(self):
        steady = np.arange(0, 3_601, 60)
        holed = steady[(steady <= 1_200) | (steady >= 2_400)]
        paused = [(T0 + 1_210, T0 + 2_395)]
        assert gap_of(holed, paused).measured == 60
        # A pause that begins before and ends after the positions stop.
        assert gap_of(holed, [(T0 + 600, T0 + 2_400)]).passed

    def test_it_is_never_asked_for_by_default(self):
        with pytest.raises(BadParameter, match="max_s"):
            run(NOBODY, "longest_gap")


moments = st.floats(0, 1_000)


class TestPauses:
    @given(st.lists(st.tuples(moments, moments), max_size=5), moments, moments)
    def test_counted_seconds_are_those_that_no_pause_holds(self, pairs, one, other):
        begin, end = sorted((one, other))
        pauses = tuple((min(pair), max(pair)) for pair in pairs)
        counted = Hours(0, 0, 0, 0, pauses).counted_s(begin, end)
        edges = sorted({begin, end, *(min(max(e, begin), end) for p in pauses for e in p)})
        free = sum(
            later - earlier
            for earlier, later in pairwise(edges)
            if not any(p[0] <= (earlier + later) / 2 <= p[1] for p in pauses)
        )
        assert counted == pytest.approx(free, abs=1e-6)

    def test_points_within_a_pause_go_and_its_leg_joins_nothing(self):
        points = strolling(600)
        walk = clean_walk(points, FRAME, pauses=[(T0 + 95, T0 + 205)])
        assert walk.dropped == {"paused": 11}
        (broken,) = np.flatnonzero(walk.broken)
        assert (walk.t[broken], walk.t[broken + 1]) == (T0 + 90, T0 + 210)

    def test_a_pause_between_two_fixes_breaks_their_leg(self):
        walk = clean_walk(strolling(600), FRAME, pauses=[(T0 + 92, T0 + 94)])
        assert walk.dropped == {}
        assert np.flatnonzero(walk.broken).tolist() == [9]

    def test_pauses_at_its_ends_leave_the_walk_alone(self):
        pauses = [(T0 - 500, T0), (T0 + 600, T0 + 900)]
        walk = clean_walk(strolling(600), FRAME, pauses=pauses)
        assert not walk.broken.any()
        assert not walk.dropped

    def test_paused_minutes_earn_nothing_and_a_ride_in_them_harms_nobody(self):
        t = np.arange(0, 1_801, 10.0)
        riding = (t > 600) & (t < 900)
        x = np.where(riding, 2_000 * np.sin((t - 600) / 300 * np.pi), 0.3 * (t % 300))
        points = track(t, x)
        time = {"check": "inside_time", "parameters": {"min_s": 1_400}}
        paused = run(points, time, "plausible_speed", pauses=[(T0 + 590, T0 + 910)])
        assert paused.outcome == "verified"
        assert paused.checks[0].measured == pytest.approx(1_480, abs=15)
        assert run(points, time, "plausible_speed").outcome == "refused"
