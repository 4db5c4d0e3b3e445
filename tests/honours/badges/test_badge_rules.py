"""The rules of badges: what they ask, that more work never loses one, and what is no rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honours.badges.badge_rules import (
    MEASURES,
    MEASURES_OF_KIND,
    RULES,
    BadgeRuleChoice,
    BadgeRuleNames,
    BadgeRuleNumber,
    BadgeRuleOdd,
    BadgeRuleUnknown,
    Deeds,
    Sums,
    badges_in,
    counts_on_itself,
    earned,
    earned_badges,
    kinds_in,
    progress,
    sound_rule,
    units_in,
)
from honours.badges.standard_badges import STANDARD_BADGES
from shared.errors import Invalid

PURE = True

KINDS = ("patrol", "publicity", "care_visit")
UNITS = tuple(letter * 24 for letter in "abc")
BADGES = ("one", "two", "three")


def some(names):
    return st.lists(st.sampled_from(names), min_size=1, unique=True)


SUMS = st.builds(
    Sums, st.integers(0, 40), st.integers(0, 400_000), st.floats(0, 100_000, allow_nan=False)
)
DEEDS = st.builds(
    Deeds,
    SUMS,
    st.integers(0, 40),
    st.integers(0, 40),
    st.dictionaries(st.sampled_from(KINDS), SUMS),
    st.frozensets(st.sampled_from(UNITS)),
    st.frozensets(st.sampled_from(UNITS)),
    st.frozensets(st.sampled_from(BADGES)),
    st.frozensets(st.sampled_from(BADGES)),
)
THRESHOLDS = st.fixed_dictionaries(
    {
        "rule": st.just("threshold"),
        "measure": st.sampled_from(MEASURES),
        "at_least": st.integers(1, 60),
    }
) | st.fixed_dictionaries(
    {
        "rule": st.just("threshold"),
        "measure": st.sampled_from(MEASURES_OF_KIND),
        "kind": st.sampled_from(KINDS),
        "at_least": st.integers(1, 60),
    }
)
OTHERS = st.one_of(
    st.builds(lambda names: {"rule": "set", "of": "kinds", "names": names}, some(KINDS)),
    st.builds(lambda names: {"rule": "set", "of": "units", "names": names}, some(UNITS)),
    st.builds(lambda names: {"rule": "set", "of": "badges", "names": names}, some(BADGES)),
    st.builds(lambda kind: {"rule": "first_of_kind", "kind": kind}, st.sampled_from(KINDS)),
    st.builds(lambda ids: {"rule": "first_in_unit", "unit_ids": ids}, some(UNITS)),
    st.sampled_from([{"rule": "first_in_unit"}, {"rule": "quest"}, {"rule": "by_hand"}]),
)
ANY_RULE = THRESHOLDS | OTHERS


def plus(sums, more):
    return Sums(*(one + other for one, other in zip(sums, more, strict=True)))


def joined(deeds, more):
    """The deeds of somebody who did both."""
    kinds = {
        kind: plus(deeds.kinds.get(kind, Sums()), more.kinds.get(kind, Sums()))
        for kind in {*deeds.kinds, *more.kinds}
    }
    return Deeds(
        plus(deeds.total, more.total),
        deeds.days + more.days,
        max(deeds.streak_weeks, more.streak_weeks),
        kinds,
        *(one | other for one, other in zip(deeds[4:], more[4:], strict=True)),
    )


def read(rule):
    """The field that is refused, and the sound rule where there is one."""
    try:
        return "", sound_rule(rule)
    except Invalid as refusal:
        return refusal.field, None


class TestHolding:
    @given(ANY_RULE, DEEDS, DEEDS)
    def test_more_work_never_loses_a_badge_nor_any_progress(self, rule, deeds, more):
        both = joined(deeds, more)
        before, after = (progress(rule, one, badge_id="one") for one in (deeds, both))
        assert (after[0] >= before[0], after[1]) == (True, before[1])
        if earned(rule, deeds, badge_id="one"):
            assert earned(rule, both, badge_id="one")

    @given(ANY_RULE, DEEDS)
    def test_it_is_earned_exactly_when_nothing_is_missing(self, rule, deeds):
        have, need = progress(rule, deeds, badge_id="one")
        assert earned(rule, deeds, badge_id="one") == (have >= need)
        assert need >= 1
        assert have >= 0

    @given(THRESHOLDS)
    def test_without_work_nothing_is_earned(self, rule):
        assert not earned(rule, Deeds())

    @given(st.integers(1, 1_000), st.integers(-1, 1))
    def test_hours_are_full_hours_to_the_second(self, hours, off):
        rule = {"rule": "threshold", "measure": "hours", "at_least": hours}
        deeds = Deeds(total=Sums(1, hours * 3600 + off, 0.0))
        assert earned(rule, deeds) == (off >= 0)

    @pytest.mark.parametrize(("metres", "shown"), [(49_999.9, 49.9), (50_000.0, 50.0)])
    def test_kilometres_are_rounded_down(self, metres, shown):
        rule = {"rule": "threshold", "measure": "kilometres", "kind": "patrol", "at_least": 50}
        deeds = Deeds(kinds={"patrol": Sums(1, 1, metres)})
        assert progress(rule, deeds) == (shown, 50)
        assert earned(rule, deeds) == (shown >= 50)

    def test_a_threshold_of_a_kind_looks_at_that_kind_alone(self):
        deeds = Deeds(total=Sums(9, 9, 9), kinds={"patrol": Sums(7, 7, 7), "publicity": Sums(2)})
        rule = {"rule": "threshold", "measure": "count", "kind": "publicity", "at_least": 3}
        assert progress(rule, deeds) == (2, 3)
        assert earned({"rule": "threshold", "measure": "count", "at_least": 9}, deeds)

    @pytest.mark.parametrize(
        ("deeds", "have"),
        [
            (Deeds(), 0),
            (Deeds(first_in=frozenset(UNITS[:1])), 1),
            (Deeds(first_in=frozenset(UNITS)), 1),
        ],
    )
    def test_a_first_is_one_however_many_there_are(self, deeds, have):
        assert progress({"rule": "first_in_unit"}, deeds) == (have, 1)

    def test_a_first_of_named_units_is_of_those(self):
        deeds = Deeds(first_in=frozenset(UNITS[:1]))
        assert earned({"rule": "first_in_unit", "unit_ids": list(UNITS[:2])}, deeds)
        assert not earned({"rule": "first_in_unit", "unit_ids": list(UNITS[1:])}, deeds)

    @given(DEEDS)
    def test_what_is_given_by_hand_is_earned_by_no_work(self, deeds):
        assert not earned({"rule": "by_hand"}, deeds, badge_id="one")

    def test_a_quest_gives_the_badge_that_it_names(self):
        deeds = Deeds(quest_badges=frozenset({"one"}))
        assert earned({"rule": "quest"}, deeds, badge_id="one")
        assert not earned({"rule": "quest"}, deeds, badge_id="two")


class TestCountingOnOneAnother:
    def test_badges_of_badges_are_found_in_one_go(self):
        ones = {"rule": "threshold", "measure": "count", "at_least": 1}
        rules = {
            "top": [{"rule": "set", "of": "badges", "names": ["middle", "gift"]}],
            "middle": [{"rule": "set", "of": "badges", "names": ["base"]}],
            "base": [ones],
        }
        deeds = Deeds(total=Sums(1), badges=frozenset({"gift"}))
        assert earned_badges(rules, deeds) == {"top", "middle", "base", "gift"}
        without = deeds._replace(badges=frozenset())
        assert earned_badges(rules, without) == {"middle", "base"}

    def test_either_of_two_rules_will_do(self):
        hard, easy = (
            {"rule": "threshold", "measure": "count", "at_least": least} for least in (10, 2)
        )
        deeds = Deeds(total=Sums(5))
        assert earned_badges({"one": [hard, easy]}, deeds) == {"one"}
        assert earned_badges({"one": [hard]}, deeds) == set()

    @given(st.dictionaries(st.sampled_from(BADGES), st.lists(ANY_RULE, max_size=2)), DEEDS, DEEDS)
    def test_more_work_never_loses_one_of_many(self, rules, deeds, more):
        assert earned_badges(rules, deeds) <= earned_badges(rules, joined(deeds, more))

    def test_a_circle_is_seen_from_each_of_its_badges(self):
        def needs(*names):
            return {"rule": "set", "of": "badges", "names": list(names)}

        rules = {"one": needs("two"), "two": needs("three"), "three": needs("one", "gone")}
        assert all(counts_on_itself(name, rules) for name in rules)
        straight = rules | {"three": {"rule": "by_hand"}, "four": needs("one")}
        assert not any(counts_on_itself(name, straight) for name in straight)
        # It leads into a circle and is not in one.
        assert not counts_on_itself("four", rules | {"four": needs("one")})
        assert counts_on_itself("self", {"self": needs("self")})


class TestSoundness:
    @given(ANY_RULE)
    def test_a_sound_rule_stays_as_it_is(self, rule):
        assert sound_rule(rule) == rule
        assert sound_rule(sound_rule(rule)) == rule

    @given(ANY_RULE)
    def test_what_is_null_is_left_out(self, rule):
        empty = dict.fromkeys(("measure", "at_least", "kind", "of", "names", "unit_ids"))
        assert sound_rule(empty | rule) == rule

    @pytest.mark.parametrize("rule", [None, [], "count", {}, {"rule": 3}, {"rule": "luck"}])
    def test_an_unknown_rule_is_told_which_there_are(self, rule):
        with pytest.raises(BadgeRuleUnknown) as refusal:
            sound_rule(rule)
        assert refusal.value.field == "rule.rule"
        assert refusal.value.facts["known"] == ", ".join(RULES)

    @pytest.mark.parametrize(
        ("rule", "kind", "field"),
        [
            ({"measure": "coins", "at_least": 1}, BadgeRuleChoice, "rule.measure"),
            ({"at_least": 1}, BadgeRuleChoice, "rule.measure"),
            (
                {"measure": "days", "kind": "patrol", "at_least": 1},
                BadgeRuleChoice,
                "rule.measure",
            ),
            ({"measure": "count"}, BadgeRuleNumber, "rule.at_least"),
            ({"measure": "count", "at_least": 0}, BadgeRuleNumber, "rule.at_least"),
            ({"measure": "count", "at_least": True}, BadgeRuleNumber, "rule.at_least"),
            ({"measure": "count", "at_least": 1.5}, BadgeRuleNumber, "rule.at_least"),
            ({"measure": "count", "at_least": 100_001}, BadgeRuleNumber, "rule.at_least"),
            ({"measure": "count", "kind": "A b", "at_least": 1}, BadgeRuleNames, "rule.kind"),
            ({"measure": "count", "at_least": 1, "names": []}, BadgeRuleOdd, "rule.names"),
        ],
    )
    def test_a_threshold_that_cannot_be_meant_says_where(self, rule, kind, field):
        with pytest.raises(kind) as refusal:
            sound_rule({"rule": "threshold"} | rule)
        assert refusal.value.field == field

    @pytest.mark.parametrize(
        ("rule", "kind", "field"),
        [
            ({"rule": "set", "of": "people", "names": ["a"]}, BadgeRuleChoice, "rule.of"),
            ({"rule": "set", "of": "kinds"}, BadgeRuleNames, "rule.names"),
            ({"rule": "set", "of": "kinds", "names": []}, BadgeRuleNames, "rule.names"),
            ({"rule": "set", "of": "kinds", "names": ["aa", "aa"]}, BadgeRuleNames, "rule.names"),
            ({"rule": "set", "of": "kinds", "names": ["aa", 3]}, BadgeRuleNames, "rule.names"),
            ({"rule": "set", "of": "units", "names": ["aa"]}, BadgeRuleNames, "rule.names"),
            ({"rule": "set", "of": "kinds", "names": "patrol"}, BadgeRuleNames, "rule.names"),
            ({"rule": "first_of_kind"}, BadgeRuleNames, "rule.kind"),
            ({"rule": "first_in_unit", "unit_ids": []}, BadgeRuleNames, "rule.unit_ids"),
            ({"rule": "by_hand", "at_least": 1}, BadgeRuleOdd, "rule.at_least"),
            ({"rule": "quest", "kind": "patrol"}, BadgeRuleOdd, "rule.kind"),
        ],
    )
    def test_other_rules_that_cannot_be_meant_say_where(self, rule, kind, field):
        with pytest.raises(kind) as refusal:
            sound_rule(rule)
        assert refusal.value.field == field

    @given(
        st.dictionaries(
            st.sampled_from(["rule", "measure", "at_least", "kind", "of", "names", "unit_ids"]),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
                lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner),
                max_leaves=3,
            )
            | st.sampled_from([*RULES, *MEASURES, "kinds", "badges"]),
        )
    )
    def test_whatever_is_sent_is_sound_or_told_where_it_is_not(self, rule):
        field, sound = read(rule)
        if sound is None:
            assert field.startswith("rule.")
        else:
            assert sound_rule(sound) == sound
            assert progress(sound, Deeds())[1] >= 1

    def test_what_a_rule_names_is_found_with_its_place(self):
        threshold = {"rule": "threshold", "measure": "count", "kind": "patrol", "at_least": 1}
        kinds = {"rule": "set", "of": "kinds", "names": ["patrol", "drill"]}
        first = {"rule": "first_in_unit", "unit_ids": list(UNITS[:1])}
        assert kinds_in(threshold) == {"patrol": "kind"}
        assert kinds_in(kinds) == {"patrol": "names.0", "drill": "names.1"}
        assert units_in(first) == {UNITS[0]: "unit_ids.0"}
        assert badges_in({"rule": "set", "of": "badges", "names": ["one"]}) == {"one": "names.0"}
        for rule in (threshold, kinds, first):
            assert badges_in(rule) == {}


def test_the_standard_badges_are_sound_and_count_on_one_another_in_no_circle():
    rules = {badge_id: badge["rule"] for badge_id, badge in STANDARD_BADGES.items()}
    for badge_id, rule in rules.items():
        assert sound_rule(rule) == rule, badge_id
        assert not counts_on_itself(badge_id, rules)
        assert set(badges_in(rule)) <= set(rules)
