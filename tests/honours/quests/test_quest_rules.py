"""How far somebody is with a quest: from work within its time, of its kinds, at its places."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honours.badges.badge_content import BadHonourWords
from honours.quests.quest_rules import (
    MAX_SPAN,
    Done,
    QuestSpanBad,
    QuestStepBad,
    Span,
    Step,
    is_complete,
    steps_taken,
    usable_quest,
)

PURE = True

FROM = datetime(2026, 11, 1, tzinfo=UTC)
SPAN = Span(FROM, FROM + timedelta(days=10))
KINDS = ("patrol", "publicity", "care_visit")
UNITS = tuple(letter * 24 for letter in "abc")
STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(["", *KINDS]),
        st.sampled_from(UNITS),
        st.integers(1, 5),
    ),
    min_size=1,
    max_size=4,
)
WORK = st.lists(
    st.builds(
        Done,
        st.integers(-5, 15).map(lambda day: FROM + timedelta(days=day)),
        st.sampled_from(KINDS),
        st.frozensets(st.sampled_from(UNITS), min_size=1),
    ),
    max_size=12,
)
CONTENT = {
    "name": {"en": "Safe autumn", "zh": "平安金秋"},
    "words": {"en": "Three evenings.", "zh": "三个夜晚。"},
    "from_at": SPAN.from_at,
    "until_at": SPAN.until_at,
    "steps": [{"kind": "patrol", "times": 3}],
}


class TestTaking:
    @given(STEPS, WORK, WORK)
    def test_more_work_never_takes_a_step_back(self, steps, work, more):
        before, after = steps_taken(steps, SPAN, work), steps_taken(steps, SPAN, work + more)
        assert all(one <= other for one, other in zip(before, after, strict=True))
        assert is_complete(steps, after) or not is_complete(steps, before)

    @given(STEPS, WORK)
    def test_no_step_is_taken_more_often_than_it_asks(self, steps, work):
        taken = steps_taken(steps, SPAN, work)
        assert all(0 <= done <= step.times for step, done in zip(steps, taken, strict=True))
        assert is_complete(steps, taken) == (taken == [step.times for step in steps])

    @given(STEPS, WORK)
    def test_work_outside_the_span_changes_nothing(self, steps, work):
        inside = [one for one in work if SPAN.from_at <= one.starts_at < SPAN.until_at]
        assert steps_taken(steps, SPAN, work) == steps_taken(steps, SPAN, inside)

    @pytest.mark.parametrize(
        ("moment", "counts"),
        [
            (SPAN.from_at - timedelta(milliseconds=1), 0),
            (SPAN.from_at, 1),
            (SPAN.until_at - timedelta(milliseconds=1), 1),
            (SPAN.until_at, 0),
        ],
    )
    def test_the_first_moment_counts_and_the_last_does_not(self, moment, counts):
        done = Done(moment, "patrol", frozenset(UNITS[:1]))
        assert steps_taken([Step("", UNITS[0], 2)], SPAN, [done]) == [counts]

    def test_one_piece_of_work_counts_for_every_step_it_fits(self):
        done = Done(FROM, "patrol", frozenset(UNITS[:2]))
        steps = [
            Step("patrol", UNITS[0], 1),
            Step("", UNITS[1], 1),
            Step("patrol", UNITS[2], 1),
            Step("publicity", UNITS[0], 1),
        ]
        assert steps_taken(steps, SPAN, [done]) == [1, 1, 0, 0]


class TestContent:
    def test_it_is_kept_as_it_was_written(self):
        kept = usable_quest(CONTENT | {"badge_id": None})
        assert kept["steps"] == [{"kind": "patrol", "unit_id": "", "times": 3}]
        assert (kept["badge_id"], kept["name"]) == ("", CONTENT["name"])

    @pytest.mark.parametrize(
        ("changes", "kind", "field"),
        [
            ({"until_at": FROM}, QuestSpanBad, "until_at"),
            ({"until_at": FROM + MAX_SPAN + timedelta(seconds=1)}, QuestSpanBad, "until_at"),
            ({"steps": []}, QuestStepBad, "steps"),
            ({"steps": [CONTENT["steps"][0]] * 13}, QuestStepBad, "steps"),
            ({"steps": ["patrol"]}, QuestStepBad, "steps.0"),
            ({"steps": [{"times": 1}, {"times": 0}]}, QuestStepBad, "steps.1.times"),
            ({"steps": [{"times": True}]}, QuestStepBad, "steps.0.times"),
            ({"steps": [{"times": 101}]}, QuestStepBad, "steps.0.times"),
            ({"steps": [{"times": 1, "kind": "A b"}]}, QuestStepBad, "steps.0.kind"),
            ({"steps": [{"times": 1, "unit_id": "x"}]}, QuestStepBad, "steps.0.unit_id"),
            ({"name": {"en": "x"}}, BadHonourWords, "name"),
            ({"name": {"en": "x", "zh": " "}}, BadHonourWords, "name.zh"),
            ({"words": {"en": "x" * 501, "zh": "好"}}, BadHonourWords, "words.en"),
        ],
    )
    def test_what_cannot_be_meant_says_where(self, changes, kind, field):
        with pytest.raises(kind) as refusal:
            usable_quest(CONTENT | changes)
        assert refusal.value.field == field
