"""Kinds of task as data: the standard ones, an admin's versions, and what is refused."""

import re

import pytest

from people import Actor, Role
from shared.database import collection
from shared.errors import Invalid, NotAllowed
from shared.i18n import Text
from shared.ids import random_id
from tasks import KIND_PATTERN, STANDARD_KINDS, kind_name, kind_of, put_task_kind, task_kinds
from tasks.judging.checks import CHECKS
from tasks.kinds.kinds import KindChanged, KindNotFound, UnknownKind, active_kind_of
from tasks.kinds.task_kind import TaskKind
from tests.racing import at_once
from tests.tasks.street import staff

WATCH = {
    "name": {"en": "River watch", "zh": "河道巡查"},
    "moves": "walks",
    "required_checks": ["photos"],
    "default_checks": [
        {"check": "photos", "parameters": {"count": 2}},
        {"check": "inside_time", "parameters": {"min_s": 600}},
    ],
    "certificate": {"name": "river_watch", "lasts_months": 12},
}


@pytest.fixture
def admin(town):
    return staff(Role.ADMIN, town.city)


class TestStandardKinds:
    def test_a_city_begins_with_eight(self, town):
        assert [kind.kind_id for kind in task_kinds()] == [
            "patrol",
            "publicity",
            "traffic_direction",
            "care_visit",
            "on_duty_post",
            "school_guard",
            "training",
            "drill",
        ]

    @pytest.mark.parametrize("kind_id", STANDARD_KINDS)
    def test_each_is_whole_and_speaks_both_languages(self, town, kind_id):
        kind = kind_of(kind_id)
        assert (kind.version, kind.active, kind.put_at) == (1, True, None)
        assert re.fullmatch(KIND_PATTERN, kind.kind_id)
        for words in (kind.name, kind.review_guide):
            assert re.search("[\u4e00-\u9fff]", words["zh"])
            assert not re.search("[\u4e00-\u9fff]", words["en"])
        held = {check["check"] for check in kind.default_checks}
        assert set(kind.required_checks) <= held
        assert kind.needs_track == any(CHECKS[name].of_track for name in held)

    def test_the_school_guards_three_are_of_the_school(self, town):
        needed = {need.crew_role for need in kind_of("school_guard").roles_needed}
        assert needed == {"school_leader", "teacher", "school_guard"}

    def test_a_training_and_a_drill_give_a_certificate_that_ends(self, town):
        for kind_id in ("training", "drill"):
            assert kind_of(kind_id).frozen()["certificate"]["lasts_months"] > 0
        assert kind_of("patrol").frozen()["certificate"] is None


class TestPutting:
    def test_a_new_kind_takes_no_code(self, town, admin):
        put = put_task_kind("river_watch", WATCH, version=0, by=admin)
        assert (put.kind_id, put.version) == ("river_watch", 1)
        assert kind_of("river_watch").frozen()["certificate"]["name"] == "river_watch"
        assert task_kinds()[-1].kind_id == "river_watch"
        assert kind_name("river_watch") == Text("River watch", "河道巡查")

    def test_a_standard_kind_gets_a_next_version_and_the_history_stays(self, town, admin):
        first = put_task_kind("patrol", WATCH, version=1, by=admin)
        second = put_task_kind("patrol", WATCH | {"moves": "rides"}, version=2, by=admin)
        assert (first.version, second.version, kind_of("patrol").moves) == (2, 3, "rides")
        assert [kind.kind_id for kind in task_kinds()].count("patrol") == 1
        kept = collection(TaskKind).find({"kind_id": "patrol"}).sort("version", 1)
        assert [row["moves"] for row in kept] == ["walks", "rides"]

    def test_repeating_it_answers_the_same_version_and_makes_none(self, town, admin):
        first = put_task_kind("river_watch", WATCH, version=0, by=admin)
        again = put_task_kind("river_watch", WATCH, version=0, by=admin)
        assert (again.version, again.put_at) == (first.version, kind_of("river_watch").put_at)
        assert collection(TaskKind).count_documents({}) == 1

    def test_an_old_version_and_another_content_are_told_where_it_stands(self, town, admin):
        put_task_kind("river_watch", WATCH, version=0, by=admin)
        for version, content in ((0, WATCH | {"moves": "rides"}), (7, WATCH)):
            with pytest.raises(KindChanged) as refusal:
                put_task_kind("river_watch", content, version=version, by=admin)
            assert refusal.value.facts == {"version": 1}
        with pytest.raises(KindChanged):
            put_task_kind("patrol", WATCH, version=0, by=admin)
        with pytest.raises(KindChanged):
            put_task_kind("unheard_of", WATCH, version=3, by=admin)

    def test_of_twenty_at_once_one_wins(self, town, admin):
        others = [staff(Role.ADMIN, town.city) for _ in range(20)]
        answers = at_once(
            20, lambda n: put_task_kind("river_watch", WATCH, version=0, by=others[n])
        )
        assert sum(isinstance(answer, TaskKind) for answer in answers) == 1
        assert sum(isinstance(answer, KindChanged) for answer in answers) == 19

    def test_a_retired_kind_is_there_and_takes_no_new_tasks(self, town, admin):
        put_task_kind("drill", WATCH | {"active": False}, version=1, by=admin)
        assert not kind_of("drill").active
        with pytest.raises(UnknownKind) as refusal:
            active_kind_of("drill")
        assert "drill" not in refusal.value.facts["known"]
        assert "training" in refusal.value.facts["known"]

    def test_only_an_admin_of_the_whole_city_puts_kinds(self, town):
        for by in (town.officer, staff(Role.ADMIN, town.street), Actor(random_id())):
            with pytest.raises(NotAllowed):
                put_task_kind("river_watch", WATCH, version=0, by=by)

    def test_a_kind_that_is_not_there_is_said_to_be_none(self, town):
        with pytest.raises(KindNotFound):
            kind_of("river_watch")
        assert kind_name("river_watch") is None


@pytest.mark.parametrize(
    ("kind_id", "changes", "field"),
    [
        ("River", {}, "id"),
        ("x", {}, "id"),
        ("river-watch", {}, "id"),
        ("river_watch", {"name": {"en": "River watch"}}, "name"),
        ("river_watch", {"name": {"en": "x", "zh": " "}}, "name.zh"),
        ("river_watch", {"name": {"en": "x" * 51, "zh": "河"}}, "name.en"),
        ("river_watch", {"name": {"en": "x\u202e", "zh": "河"}}, "name.en"),
        ("river_watch", {"moves": "flies"}, "moves"),
        ("river_watch", {"moves": None}, "moves"),
        ("river_watch", {"review": "sometimes"}, "review"),
        ("river_watch", {"required_checks": ["smell"]}, "required_checks.0"),
        ("river_watch", {"default_checks": [{"check": "photos"}]}, "default_checks.0"),
        ("river_watch", {"default_checks": [{"check": "make_up"}]}, "default_checks.0"),
        ("river_watch", {"roles_wanted": ["king"]}, "roles_wanted.0"),
        ("river_watch", {"trades_wanted": ["a", "a"]}, "trades_wanted"),
        ("river_watch", {"groups_wanted": ["x" * 51]}, "groups_wanted"),
        ("river_watch", {"least_level": 101}, "least_level"),
        ("river_watch", {"roles_needed": [{"crew_role": "T"}]}, "roles_needed.0"),
        ("river_watch", {"review_guide": {"en": "Look."}}, "review_guide"),
        ("river_watch", {"certificate": {"name": "x"}}, "certificate"),
        ("river_watch", {"certificate": {"name": "ok", "lasts_months": 121}}, "certificate"),
    ],
)
def test_what_cannot_be_a_kind_is_refused_with_its_place(town, kind_id, changes, field):
    with pytest.raises(Invalid) as refusal:
        put_task_kind(kind_id, WATCH | changes, version=0, by=staff(Role.ADMIN, town.city))
    assert refusal.value.field.startswith(field)
    assert re.search("[\u4e00-\u9fff]", refusal.value.say("zh-CN"))
    assert collection(TaskKind).count_documents({}) == 0
