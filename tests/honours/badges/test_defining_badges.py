"""Badges as data: the standard ones, an admin's versions, the log, and what is refused."""

import re

import pytest

from fixtures.factories import staff
from honours import Badge, badge_of, newest_badges, put_badge
from honours.badges.badge_content import BadBadgeId, BadHonourWords
from honours.badges.badge_rules import BadgeRuleNumber
from honours.badges.defining_badges import (
    BadgeChanged,
    BadgeNeedsItself,
    BadgeNotFound,
    BadgeRuleSpeaksOfNothing,
    badge_versions,
)
from honours.badges.standard_badges import STANDARD_BADGES
from people import ChangeRecord, Role, WhyMissing
from shared.errors import NotAllowed
from tests.honours.badge_world import WHY, BadgeTown, at_least
from tests.racing import at_once

CONTENT = {
    "name": {"en": "River friend", "zh": "河道之友"},
    "words": {"en": "For ten walks.", "zh": "巡河十次。"},
    "rule": {"rule": "threshold", "measure": "count", "at_least": 10},
}


@pytest.fixture
def town():
    return BadgeTown()


def put(by, badge_id="river_friend", version=0, why=WHY, **changes):
    return put_badge(badge_id, CONTENT | changes, version=version, why=why, by=by)


class TestStandardBadges:
    def test_a_city_begins_with_them_and_each_speaks_both_languages(self, town):
        assert [one.badge_id for one in newest_badges()] == list(STANDARD_BADGES)
        for one in newest_badges():
            assert (one.version, one.active, one.put_at) == (1, True, None)
            for words in (one.name, one.words):
                assert re.search("[\u4e00-\u9fff]", words["zh"])
                assert not re.search("[\u4e00-\u9fff]", words["en"])

    def test_each_can_be_put_as_it_is(self, town):
        for badge_id, content in STANDARD_BADGES.items():
            made = put_badge(badge_id, dict(content), version=1, why=WHY, by=town.admin)
            assert (made.version, made.plain()) == (2, badge_of(badge_id).plain())


class TestPutting:
    def test_a_new_badge_and_its_next_version_stand_beside_one_another(self, town):
        put(town.admin)
        rule = CONTENT["rule"] | {"at_least": 20}
        put(town.admin, version=1, rule=rule)
        assert badge_of("river_friend").rule["at_least"] == 20
        assert newest_badges()[-1].badge_id == "river_friend"
        pairs = [("river_friend", 1), ("river_friend", 2), ("pioneer", 1), ("pioneer", 2)]
        found = badge_versions(pairs)
        assert {pair: one.rule.get("at_least") for pair, one in found.items()} == {
            ("river_friend", 1): 10,
            ("river_friend", 2): 20,
            ("pioneer", 1): None,
        }

    def test_a_change_is_logged_with_what_was_before_and_why(self, town):
        put(town.admin)
        put(town.admin, version=1, active=False, why="停办")
        last, first = ChangeRecord.objects(about_id="river_friend").order_by("-id")
        assert (first.before, first.after["name"]) == ({}, CONTENT["name"])
        assert (last.before, last.after, last.why) == ({"active": True}, {"active": False}, "停办")
        assert (last.by_id, last.unit_id) == (town.admin.person_id, town.city.id)

    def test_repeating_it_makes_no_second_version_and_no_second_record(self, town):
        assert put(town.admin).version == put(town.admin).version == 1
        assert (Badge.objects.count(), ChangeRecord.objects.count()) == (1, 1)

    def test_another_version_than_the_one_seen_is_told_where_it_stands(self, town):
        put(town.admin)
        changed = {"active": False}
        for version in (0, 2, 7):
            with pytest.raises(BadgeChanged) as refusal:
                put(town.admin, version=version, **changed)
            assert refusal.value.facts == {"version": 1}
        with pytest.raises(BadgeChanged):
            put(town.admin, "pioneer", version=0)
        with pytest.raises(BadgeChanged):
            put(town.admin, "unheard_of", version=2)

    def test_of_ten_at_once_one_wins_and_one_record_is_written(self, town):
        admins = [staff(Role.RATE_ADMIN, at=town.city) for _ in range(10)]
        answers = at_once(10, lambda number: put(admins[number]))
        assert sum(isinstance(one, Badge) for one in answers) == 1
        assert sum(isinstance(one, BadgeChanged) for one in answers) == 9
        assert ChangeRecord.objects.count() == 1

    def test_only_admins_of_the_whole_city_put_badges_and_say_why(self, town):
        for by in (town.officer, staff(Role.ADMIN, at=town.district), town.volunteer()):
            with pytest.raises(NotAllowed):
                put(by)
        with pytest.raises(WhyMissing):
            put(town.admin, why=" ")
        assert Badge.objects.count() == 0

    @pytest.mark.parametrize(
        ("changes", "kind", "field"),
        [
            ({"badge_id": "No slug"}, BadBadgeId, "id"),
            ({"name": {"en": "x", "zh": ""}}, BadHonourWords, "name.zh"),
            ({"name": {"en": "x" * 31, "zh": "好"}}, BadHonourWords, "name.en"),
            ({"words": None}, BadHonourWords, "words"),
            ({"rule": at_least(0)}, BadgeRuleNumber, "rule.at_least"),
            (
                {"rule": at_least(1, kind="juggling")},
                BadgeRuleSpeaksOfNothing,
                "rule.kind",
            ),
            (
                {"rule": {"rule": "set", "of": "badges", "names": ["pioneer", "nothing"]}},
                BadgeRuleSpeaksOfNothing,
                "rule.names.1",
            ),
            (
                {"rule": {"rule": "first_in_unit", "unit_ids": ["0" * 24]}},
                BadgeRuleSpeaksOfNothing,
                "rule.unit_ids.0",
            ),
            (
                {"rule": {"rule": "set", "of": "badges", "names": ["river_friend"]}},
                BadgeNeedsItself,
                "rule.names",
            ),
        ],
    )
    def test_what_cannot_be_meant_says_where_and_writes_nothing(self, town, changes, kind, field):
        with pytest.raises(kind) as refusal:
            put(town.admin, **changes)
        assert refusal.value.field == field
        assert (Badge.objects.count(), ChangeRecord.objects.count()) == (0, 0)

    def test_no_circle_is_closed_by_way_of_others(self, town):
        town.badge("outer", rule="set", of="badges", names=["pillar"])
        needs_outer = {"rule": "set", "of": "badges", "names": ["outer"]}
        with pytest.raises(BadgeNeedsItself):
            put(town.admin, "all_hands", version=1, rule=needs_outer)

    def test_a_badge_that_is_not_there_is_not_found(self, town):
        with pytest.raises(BadgeNotFound):
            badge_of("nothing")
