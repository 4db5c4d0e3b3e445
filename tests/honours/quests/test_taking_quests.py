"""Progress with quests: from verified work in their time, taken back with it, told once."""

from datetime import timedelta

import pytest

from fixtures.factories import a_resident, a_unit, staff
from honours import (
    draft_quest,
    open_quest,
    quests_for,
    quests_of_unit,
    recount_person,
    seen_quest,
    withdraw_quest,
)
from honours.badges.badge_held import BadgeHeld
from honours.count_mark import DueCount
from honours.jobs import sweep
from honours.quests.counting_quests import ask_for_opened, count_participants
from honours.quests.quest import Quest
from honours.quests.quest_progress import QuestProgress
from honours.quests.quests import QuestNotFound
from honours.quests.taking_quests import tell_untold_quests
from ledger import balance_of, wallet
from people import Role, UnitKind
from shared.clock import now, pretending
from shared.cursors import BadCursor
from shared.database import database
from shared.errors import NotAllowed
from tests.honours.badge_world import WHY, BadgeTown, counted, told, worked
from tests.racing import at_once
from tests.worked import withdraw


@pytest.fixture
def town():
    return BadgeTown()


def a_quest(town, *, unit=None, steps=None, days=(-5, 5), badge_id="", opened=True, key="q-1"):
    begins, ends = (now() + timedelta(days=day) for day in days)
    content = {
        "name": {"en": "Safe autumn", "zh": "平安金秋"},
        "words": {"en": "Go there.", "zh": "去吧。"},
        "from_at": begins,
        "until_at": ends,
        "steps": steps or [{"kind": "patrol", "times": 2}],
        "badge_id": badge_id,
    }
    by = staff(Role.CENTRE_OFFICER, at=unit or town.street)
    made = draft_quest((unit or town.street).id, content, key=key, by=by)
    return open_quest(made.id, by=by) if opened else made


def done(quest, person):
    """How often each step was taken, and whether all were."""
    recount_person(person.person_id)
    seen = seen_quest(quest.id, by=person)
    return seen.done, seen.completed_at is not None


class TestProgress:
    def test_steps_at_several_places_are_counted_with_what_lies_below(self, town):
        steps = [
            {"unit_id": town.first.id, "times": 1},
            {"unit_id": town.second.id, "kind": "publicity", "times": 1},
            {"times": 3},
        ]
        quest, person = a_quest(town, steps=steps), town.volunteer()
        assert done(quest, person) == ([0, 0, 0], False)
        worked(person, town.first)
        assert done(quest, person) == ([1, 0, 1], False)
        worked(person, town.second, kind="patrol")
        assert done(quest, person) == ([1, 0, 2], False)
        worked(person, town.second, kind="publicity")
        assert done(quest, person) == ([1, 1, 3], True)
        assert told(person, "quest_completed") == 1
        assert balance_of(wallet(person.person_id)) == 0

    def test_only_verified_work_within_its_time_and_unit_counts(self, town):
        quest, person = a_quest(town, days=(-5, 1)), town.volunteer()
        worked(person, town.street, days_ago=6)
        worked(person, town.street, state="refused")
        worked(person, town.district)
        worked(person, town.street, kind="publicity")
        assert done(quest, person) == ([0], False)
        assert QuestProgress.objects.count() == 0

    def test_nothing_counts_for_drafts(self, town):
        a_quest(town, opened=False)
        person = town.volunteer()
        worked(person, town.street)
        counted(person)
        assert QuestProgress.objects.count() == 0

    def test_of_ten_counts_at_once_one_completes_and_it_is_told_once(self, town):
        quest, person = a_quest(town, badge_id="quest_done"), town.volunteer()
        for _ in "12":
            worked(person, town.street)
        answers = at_once(10, lambda _: recount_person(person.person_id))
        assert not [one for one in answers if isinstance(one, Exception)]
        assert done(quest, person) == ([2], True)
        assert QuestProgress.objects.get().times == 1
        assert told(person, "quest_completed") == 1
        assert counted(person)["quest_done"] == "held"

    def test_counting_again_changes_nothing(self, town):
        quest, person = a_quest(town), town.volunteer()
        for _ in "12":
            worked(person, town.street)
        done(quest, person)
        before = QuestProgress.objects.get().to_mongo()
        done(quest, person)
        assert QuestProgress.objects.get().to_mongo() == before

    def test_it_goes_with_the_work_and_comes_back_with_other_work(self, town):
        quest, person = a_quest(town, badge_id="quest_done"), town.volunteer()
        work_ids = [worked(person, town.street) for _ in "12"]
        assert counted(person)["quest_done"] == "held"
        withdraw(work_ids[0])
        assert done(quest, person) == ([1], False)
        assert counted(person)["quest_done"] == "taken_back"
        worked(person, town.street)
        assert done(quest, person) == ([2], True)
        assert counted(person)["quest_done"] == "held"
        assert (told(person, "quest_completed"), told(person, "quest_taken_back")) == (2, 1)

    def test_it_goes_with_the_work_after_its_end_as_well(self, town):
        quest, person = a_quest(town, days=(-5, 1)), town.volunteer()
        work_ids = [worked(person, town.street) for _ in "12"]
        assert done(quest, person) == ([2], True)
        with pretending(now() + timedelta(days=30)):
            for one in work_ids:
                withdraw(one)
            assert done(quest, person) == ([0], False)
        assert seen_quest(quest.id, by=person).participants == 0

    def test_the_badge_says_for_which_quest(self, town):
        quest, person = a_quest(town, badge_id="quest_done"), town.volunteer()
        for _ in "12":
            worked(person, town.street)
        counted(person)
        held = BadgeHeld.objects.get(badge_id="quest_done")
        assert held.about_id == quest.id

    def test_a_withdrawn_quest_keeps_what_was_done_and_goes_no_further(self, town):
        quest = a_quest(town)
        half, whole = town.volunteer(), town.volunteer()
        worked(half, town.street)
        work_ids = [worked(whole, town.street) for _ in "12"]
        assert (done(quest, half)[0], done(quest, whole)[0]) == ([1], [2])
        withdraw_quest(quest.id, why=WHY, by=town.officer)
        worked(half, town.street)
        assert done(quest, half) == ([1], False)
        assert done(quest, whole) == ([2], True)
        withdraw(work_ids[0])
        assert done(quest, whole) == ([1], False)

    def test_what_a_dead_teller_left_is_told_by_the_sweep_once(self, town):
        quest, person = a_quest(town), town.volunteer()
        for _ in "12":
            worked(person, town.street)
        done(quest, person)
        QuestProgress.objects.update(set__told=False)
        assert (tell_untold_quests(), tell_untold_quests()) == (1, 0)
        assert told(person, "quest_completed") == 1


class TestLists:
    def names(self, page):
        return {one.quest.id for one in page.items}

    def test_everybody_sees_those_of_where_they_belong_above_and_below(self, town):
        other = a_unit(UnitKind.CIVIL, town.district, level="street")
        here, above, below, away = (
            a_quest(town, unit=unit, key=f"q-{number}")
            for number, unit in enumerate((town.street, town.city, town.first, other))
        )
        person = town.volunteer()
        assert self.names(quests_for(by=person)) == {here.id, above.id, below.id}
        assert self.names(quests_for(unit_id=other.id, by=person)) == {above.id, away.id}
        worked(person, other)
        counted(person)
        assert self.names(quests_for(by=person)) == {here.id, above.id, below.id, away.id}
        assert self.names(quests_for(by=a_resident())) == set()

    def test_drafts_and_what_is_over_are_not_among_them(self, town):
        draft = a_quest(town, opened=False, key="q-1")
        gone = a_quest(town, key="q-2")
        ahead = a_quest(town, key="q-3", days=(1, 3))
        withdraw_quest(gone.id, why=WHY, by=town.officer)
        person = town.volunteer()
        found = quests_for(by=person).items
        assert [(one.quest.id, one.phase.value) for one in found] == [(ahead.id, "ahead")]
        with pretending(now() + timedelta(days=4)):
            assert quests_for(by=person).items == []
        with pytest.raises(QuestNotFound):
            seen_quest(draft.id, by=person)
        assert seen_quest(gone.id, by=person).phase.value == "withdrawn"
        everything = quests_of_unit(town.district.id, by=town.admin).items
        assert [one.quest.id for one in everything] == [ahead.id, gone.id, draft.id]
        with pytest.raises(NotAllowed):
            quests_of_unit(town.street.id, by=person)

    def test_pages_follow_one_another_without_gap_or_repeat(self, town):
        made = [a_quest(town, key=f"q-{n}", days=(-1, 1 + n % 3)) for n in range(7)]
        person, seen, cursor = town.volunteer(), [], None
        while True:
            page = quests_for(cursor=cursor, limit=2, by=person)
            seen += [one.quest for one in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert sorted(one.id for one in seen) == sorted(one.id for one in made)
        assert [one.until_at for one in seen] == sorted(one.until_at for one in made)
        in_unit, cursor = [], None
        while True:
            page = quests_of_unit(town.street.id, cursor=cursor, limit=3, by=town.officer)
            in_unit += [one.quest.id for one in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert in_unit == sorted((one.id for one in made), reverse=True)
        with pytest.raises(BadCursor):
            quests_for(cursor="nonsense", by=person)

    def test_who_takes_part_is_counted(self, town):
        quest = a_quest(town)
        for times in (1, 2, 2):
            person = town.volunteer()
            for _ in range(times):
                worked(person, town.street)
            counted(person)
        assert count_participants() == 1
        seen = seen_quest(quest.id, by=town.volunteer())
        assert (seen.participants, seen.completed, seen.done) == (3, 2, [0])
        assert count_participants() == 0
        Quest.objects.update(set__participants_at=now() - timedelta(minutes=11))
        assert count_participants() == 1

    def test_counting_who_takes_part_reads_an_index_alone(self, town):
        quest = a_quest(town)
        counting = {
            "aggregate": "quest_progress",
            "pipeline": [
                {"$match": {"quest_id": quest.id, "taken": {"$gt": 0}}},
                {"$group": {"_id": None, "all": {"$sum": {"$gt": ["$completed_at", None]}}}},
            ],
            "cursor": {},
        }
        plan = str(database().command("explain", counting, verbosity="queryPlanner"))
        assert "PROJECTION_COVERED" in plan
        assert "'FETCH'" not in plan

    def test_who_had_done_it_before_it_was_opened_learns_it_by_the_next_sweep(self, town):
        person = town.volunteer()
        for _ in range(2):
            worked(person, town.street)
        counted(person)
        quest = a_quest(town, opened=False)
        worked(town.volunteer(), town.street, days_ago=30)
        sweep()
        open_quest(quest.id, by=town.officer)
        assert ask_for_opened() == 1
        assert [one.id for one in DueCount.objects] == [person.person_id]
        sweep()
        assert told(person, "quest_completed") == 1
        assert ask_for_opened() == 0
