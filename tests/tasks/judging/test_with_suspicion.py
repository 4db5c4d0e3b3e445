"""Suspicion sends what passed to a person; it refuses nothing, and what failed stays failed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.judging.checks import REVIEW_SCORE, with_suspicion
from tests.tasks.judging.cases import run, strolling

PASSED = run(strolling(), {"check": "inside_time", "parameters": {"min_s": 600}})
FAILED = run(strolling(), {"check": "inside_time", "parameters": {"min_s": 7_000}})
MOCK = {
    "signal": "mock",
    "weight": 60,
    "reason": {"en": "Positions were made up.", "zh-CN": "定位被模拟。"},
}
BENCH = {"signal": "pinned", "weight": 30, "reason": {"en": "Pinned.", "zh-CN": "未移动。"}}


class TestWithSuspicion:
    def test_fifty_points_and_everything_passed_wait_for_a_person(self):
        judged = with_suspicion(PASSED, 90, [BENCH, MOCK], review_rule="suspicion")
        assert judged.outcome == "needs_review"
        assert judged.reason["en"].endswith("before it is paid. Positions were made up.")
        assert judged.reason["zh-CN"].endswith("人工核验。定位被模拟。")
        assert judged.checks == PASSED.checks
        assert judged.walk is PASSED.walk

    @pytest.mark.parametrize("rule", ["suspicion", "never"])
    def test_less_than_fifty_is_shown_and_no_more(self, rule):
        assert with_suspicion(PASSED, 49, [BENCH], review_rule=rule) is PASSED

    def test_a_kind_that_is_always_looked_at_is(self):
        judged = with_suspicion(PASSED, 0, [], review_rule="always")
        assert judged.outcome == "needs_review"
        assert "always looked at by a person" in judged.reason["en"]
        assert judged.reason["zh-CN"] != judged.reason["en"]

    def test_a_kind_that_is_never_looked_at_is_not(self):
        assert with_suspicion(PASSED, 100, [MOCK], review_rule="never") is PASSED

    @given(st.integers(0, 100), st.sampled_from(["never", "suspicion", "always"]))
    def test_what_failed_stays_as_it_is_and_nothing_is_refused(self, score, rule):
        assert with_suspicion(FAILED, score, [MOCK], review_rule=rule) is FAILED
        judged = with_suspicion(PASSED, score, [MOCK], review_rule=rule)
        waits = rule == "always" or (rule == "suspicion" and score >= REVIEW_SCORE)
        assert judged.outcome == ("needs_review" if waits else "verified")


def test_a_verdict_keeps_the_judgement_without_its_walk():
    plain = PASSED.plain()
    assert "walk" not in plain
    assert len(PASSED.walk) == PASSED.points_kept
    assert plain["checks"][0]["reason"]["zh-CN"]
