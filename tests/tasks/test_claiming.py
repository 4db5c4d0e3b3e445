"""Claiming: what works, each refusal, each repeat, each race."""

from datetime import timedelta

import pytest
from street import add_unit

from people import Held, RealNameMissing, Role
from shared.clock import now, pretending
from tasks import Participation, Task, cancel_task, claim_task, task_of
from tasks.agenda import Agenda
from tasks.claiming import (
    HoursTaken,
    NotForYou,
    NotOpen,
    OutsideUnit,
    OwnUnitsTask,
    PositionMissing,
    TaskFull,
    TooFarAway,
)
from tests.racing import at_once


def claim(task, actor, position=None):
    return claim_task(task.id, position=position, by=actor)


class TestClaiming:
    def test_a_claim_takes_a_slot_and_freezes_the_coins(self, published, volunteer):
        task, actor = published(), volunteer()
        taken = claim(task, actor)
        assert (taken.state, taken.coins, taken.person_id) == ("claimed", 100, actor.person_id)
        assert task_of(task.id).slots_left == 4

    def test_claiming_again_answers_the_standing_claim(self, published, volunteer):
        task, actor = published(), volunteer()
        assert claim(task, actor).id == claim(task, actor).id
        assert task_of(task.id).slots_left == 4

    def test_one_person_claiming_twenty_times_at_once_takes_one_slot(self, published, volunteer):
        task, actor = published(), volunteer()
        answers = at_once(20, lambda _: claim(task, actor))
        assert len({answer.id for answer in answers}) == 1
        assert task_of(task.id).slots_left == 4
        assert Participation.objects.count() == 1

    def test_fifty_people_on_five_slots_make_exactly_five(self, published, volunteer):
        task = published(slots=5)
        crowd = [volunteer() for _ in range(50)]
        answers = at_once(50, lambda number: claim(task, crowd[number]))
        assert sum(isinstance(answer, Participation) for answer in answers) == 5
        assert sum(isinstance(answer, TaskFull) for answer in answers) == 45
        assert task_of(task.id).slots_left == 0
        assert len(task_of(task.id).claims) == Participation.objects.count() == 5
        assert sum(len(agenda.engagements) for agenda in Agenda.objects) == 5

    def test_one_person_cannot_be_in_two_places(self, published, volunteer):
        actor = volunteer()
        claim(published(), actor)
        with pytest.raises(HoursTaken):
            claim(published(), actor)

    def test_of_ten_overlapping_tasks_claimed_at_once_one_is_got(self, published, volunteer):
        tasks, actor = [published(slots=1) for _ in range(10)], volunteer()
        answers = at_once(10, lambda number: claim(tasks[number], actor))
        assert sum(isinstance(answer, Participation) for answer in answers) == 1
        assert sum(isinstance(answer, HoursTaken) for answer in answers) == 9
        assert Task.objects(slots_left=0).count() == 1

    def test_ten_tasks_one_after_the_other_claimed_at_once_are_all_got(self, published, volunteer):
        actor, hour = volunteer(), timedelta(hours=1)
        tasks = [
            published(slots=1, starts_at=now() + number * hour, ends_at=now() + (number + 1) * hour)
            for number in range(1, 11)
        ]
        answers = at_once(10, lambda number: claim(tasks[number], actor))
        assert {type(answer) for answer in answers} == {Participation}

    def test_the_real_name_step_comes_first(self, published, volunteer):
        with pytest.raises(RealNameMissing):
            claim(published(), volunteer(real_name=False))

    def test_a_claim_after_the_window_is_refused(self, published, volunteer):
        task = published()
        with pretending(task.ends_at), pytest.raises(NotOpen):
            claim(task, volunteer())

    def test_a_cancelled_task_is_not_claimed(self, town, published, volunteer):
        task = cancel_task(published().id, by=town.officer)
        with pytest.raises(NotOpen):
            claim(task, volunteer())

    def test_who_runs_the_centre_earns_nothing_by_its_tasks(self, town, published, volunteer):
        task = published()
        officers = volunteer(roles=[Held(Role.CENTRE_OFFICER, town.district.id)])
        with pytest.raises(OwnUnitsTask):
            claim(task, officers)
        elsewhere = add_unit("台江区", "district", town.city)
        guest = volunteer(roles=[Held(Role.CENTRE_OFFICER, elsewhere.id)])
        assert claim(task, guest).id

    def test_a_role_may_be_wanted(self, town, published, volunteer):
        task = published(roles_wanted=["captain"])
        with pytest.raises(NotForYou):
            claim(task, volunteer())
        assert claim(task, volunteer(roles=[Held(Role.CAPTAIN, town.street.id)])).id

    def test_a_role_held_elsewhere_does_not_count(self, town, published, volunteer):
        task = published(roles_wanted=["captain"])
        elsewhere = add_unit("台江区", "district", town.city)
        with pytest.raises(NotForYou):
            claim(task, volunteer(roles=[Held(Role.CAPTAIN, elsewhere.id)]))
        grid = add_unit("网格", "grid", town.street)
        assert claim(task, volunteer(roles=[Held(Role.CAPTAIN, grid.id)])).id

    def test_a_kind_of_helper_may_be_wanted(self, published, volunteer):
        task = published(serves_as_wanted=["mediator"])
        with pytest.raises(NotForYou):
            claim(task, volunteer())
        assert claim(task, volunteer(serves_as=["mediator"])).id

    def test_a_claimer_may_have_to_be_near(self, published, volunteer):
        task, actor = published(claim_from="within", claim_within_m=500), volunteer()
        with pytest.raises(PositionMissing):
            claim(task, actor)
        with pytest.raises(TooFarAway) as refusal:
            claim(task, actor, (26.10, 119.29))
        assert 1_100 < refusal.value.facts["distance_m"] < 1_115
        assert claim(task, actor, (26.092, 119.29)).id

    def test_a_claimer_may_have_to_be_on_the_units_ground(self, published, volunteer):
        task = published(claim_from="inside_unit")
        with pytest.raises(OutsideUnit):
            claim(task, volunteer(), (26.09, 119.29))
