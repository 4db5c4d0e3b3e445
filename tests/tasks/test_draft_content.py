"""What a draft says and what its kind says for it: checks, crew, claim wants, bounds."""

import pytest

from people import Role
from tasks import edit_task, kind_of, publish_task, put_task_kind
from tasks.draft_content import CrewTooLarge, MissingCheck, TrackCheckMissing
from tasks.judging.check_parameters import BadCountedNames
from tasks.judging.wanted_checks import RepeatedCheck
from tasks.kinds.kinds import UnknownKind
from tests.tasks.street import staff

HANDED_OUT = {"check": "handed_out", "parameters": {"least_total": 5}}
CREW = [{"crew_role": "station_squad", "at_least": 1}]


def names(task):
    return [check["check"] for check in task.checks]


def of(task, name):
    return next(check["parameters"] for check in task.checks if check["check"] == name)


class TestKindsOfTasks:
    def test_a_draft_that_leaves_the_checks_out_has_its_kinds(self, draft):
        task = draft(kind="on_duty_post", checks=None)
        assert names(task) == [one["check"] for one in kind_of("on_duty_post").default_checks]
        assert of(task, "start_on_time") == {"late_s": 300.0}

    def test_every_standard_kind_can_be_drafted_by_its_defaults(self, draft):
        for kind_id in [
            "patrol",
            "publicity",
            "traffic_direction",
            "care_visit",
            "on_duty_post",
            "school_guard",
            "training",
            "drill",
        ]:
            assert names(draft(kind=kind_id, checks=None))

    def test_what_a_kind_requires_may_not_be_missing(self, draft):
        with pytest.raises(MissingCheck) as refusal:
            draft(kind="publicity")
        assert refusal.value.facts == {"check": "handed_out"}
        assert "handed_out" in refusal.value.say("zh-CN")

    def test_a_kind_that_needs_a_track_has_a_check_of_one(self, draft):
        with pytest.raises(TrackCheckMissing):
            draft(kind="publicity", checks=[HANDED_OUT])
        assert names(draft(kind="publicity", checks=[HANDED_OUT, {"check": "window"}]))
        assert names(draft(kind="drill", checks=[{"check": "attendance"}])) == ["attendance"]

    def test_a_kind_that_is_not_there_is_refused_with_those_that_are(self, draft):
        with pytest.raises(UnknownKind) as refusal:
            draft(kind="river_watch")
        assert refusal.value.field == "kind"
        assert "school_guard" in refusal.value.say("en")

    def test_the_rules_are_frozen_when_the_draft_is_written(self, town, draft):
        task = draft()
        changed = {"name": {"en": "Walk", "zh": "步巡"}, "moves": "walks", "review": "always"}
        put_task_kind("patrol", changed, version=1, by=staff(Role.ADMIN, town.city))
        standing = publish_task(task.id, by=town.officer).kind_rules
        assert (standing["version"], standing["review"]) == (1, "suspicion")
        assert standing["name"]["zh"] == "治安巡逻"
        fresh = draft().kind_rules
        assert (fresh["version"], fresh["review"], fresh["moves"]) == (2, "always", "walks")

    def test_editing_a_draft_takes_the_kind_as_it_is_then(self, town, draft):
        task = draft()
        changed = {"name": {"en": "Walk", "zh": "步巡"}, "moves": "rides"}
        put_task_kind("patrol", changed, version=1, by=staff(Role.ADMIN, town.city))
        edited = edit_task(task.id, {"slots": 3}, version=1, by=town.officer)
        assert edited.kind_rules["moves"] == "rides"
        assert edited.checks == task.checks


class TestWants:
    def test_claim_wants_come_from_the_kind_unless_the_draft_says_otherwise(self, town, draft):
        kind = {
            "name": {"en": "Watch", "zh": "值守"},
            "moves": "walks",
            "trades_wanted": ["保安"],
            "certificates_wanted": ["drill"],
            "least_level": 2,
            "is_team": True,
        }
        put_task_kind("night_watch", kind, version=0, by=staff(Role.ADMIN, town.city))
        task = draft(kind="night_watch")
        assert (task.trades_wanted, task.certificates_wanted) == (["保安"], ["drill"])
        assert (task.least_level, task.is_team) == (2, True)
        other = draft(kind="night_watch", trades_wanted=[], least_level=0, is_team=False)
        assert (other.trades_wanted, other.least_level, other.is_team) == ([], 0, False)

    def test_leases_and_waiting_have_the_documents_defaults(self, draft):
        task = draft()
        assert (task.hold_minutes, task.free_until_minutes) == (30, 120)
        assert task.has_waiting_list
        assert not task.by_order
        own = draft(hold_minutes=5, free_until_minutes=0, has_waiting_list=False, by_order=True)
        assert (own.hold_minutes, own.free_until_minutes) == (5, 0)
        assert own.by_order
        assert not own.has_waiting_list


class TestCrews:
    def test_a_make_up_without_a_crew_asks_for_the_tasks_own(self, town, draft):
        assert len(of(draft(kind="school_guard", checks=None), "make_up")["crew"]) == 3
        task = draft(kind="school_guard", checks=None, crew=CREW)
        assert of(task, "make_up") == {"crew": CREW}

    def test_a_new_crew_is_what_the_make_up_asks_for_then(self, town, draft):
        task = draft(kind="school_guard", checks=None, crew=CREW)
        guards = [{"crew_role": "uniformed_guard", "at_least": 2}]
        edited = edit_task(task.id, {"crew": guards}, version=1, by=town.officer)
        assert of(edited, "make_up") == {"crew": guards}
        assert [(need.crew_role, need.at_least) for need in edited.crew] == [("uniformed_guard", 2)]
        kept = edit_task(task.id, {"slots": 4}, version=2, by=town.officer)
        assert of(kept, "make_up") == {"crew": guards}

    def test_a_crew_larger_than_the_task_is_refused(self, draft):
        with pytest.raises(CrewTooLarge) as refusal:
            draft(kind="school_guard", checks=None, slots=2)
        assert refusal.value.facts == {"needed": 3, "slots": 2}

    @pytest.mark.parametrize("crew", [[{"crew_role": "X"}], CREW * 2, [{"at_least": 1}], "all"])
    def test_a_crew_is_a_list_of_roles_each_once(self, draft, crew):
        with pytest.raises(BadCountedNames):
            draft(crew=crew)

    def test_two_make_ups_are_one_too_many(self, draft):
        with pytest.raises(RepeatedCheck):
            draft(
                checks=[{"check": "make_up"}, {"check": "make_up"}, {"check": "window"}], crew=CREW
            )
