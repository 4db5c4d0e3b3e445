"""Claiming: what works, each refusal, each repeat, each race."""

from datetime import timedelta

import pytest
from street import add_unit, make_older

from people import Certificate, Held, Membership, Person, RealNameMissing, Role
from shared.clock import now, pretending
from shared.database import collection
from tasks import (
    Participation,
    Task,
    cancel_task,
    catching_up,
    claim_task,
    claiming,
    give_up_participation,
    task_of,
)
from tasks.agenda import Agenda
from tasks.claiming import (
    ByOrderOnly,
    HoursTaken,
    TaskFull,
    TooManyMissed,
    claim_by_order,
)
from tasks.claims.requirements import (
    CertificateMissing,
    LevelTooLow,
    NotForYou,
    NotOpen,
    OutsideUnit,
    OwnUnitsTask,
    PositionMissing,
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

    def test_a_level_may_be_wanted(self, published, volunteer):
        task = altered(published(), least_level=3)
        with pytest.raises(LevelTooLow) as refusal:
            claim(task, volunteer(level=2))
        assert refusal.value.facts == {"least_level": 3, "level": 2}
        assert claim(task, volunteer(level=3)).id

    @pytest.mark.parametrize(
        ("wanted", "fits", "unfit"),
        [
            ({"trades_wanted": ["courier", "taxi"]}, {"trade": "taxi"}, {"trade": "cook"}),
            ({"groups_wanted": ["gulou-red"]}, {"groups": ["x", "gulou-red"]}, {"groups": ["x"]}),
        ],
    )
    def test_a_trade_or_a_team_may_be_wanted(self, published, volunteer, wanted, fits, unfit):
        task = altered(published(), **wanted)
        with pytest.raises(NotForYou) as refusal:
            claim(task, volunteer(**unfit))
        assert refusal.value.facts["wanted"] == ", ".join(*wanted.values())
        assert claim(task, volunteer(**fits)).id

    def test_a_certificate_must_last_until_the_window_ends(self, published, volunteer):
        task = altered(published(), certificates_wanted=["drill"])
        held = {"name": "drill", "given_at": now(), "about_id": "x"}
        too_short = Certificate(**held, ends_at=task.ends_at - timedelta(minutes=1))
        for certificates in ([], [too_short], [Certificate(**held | {"name": "other"})]):
            with pytest.raises(CertificateMissing) as refusal:
                claim(task, volunteer(certificates=certificates))
            assert refusal.value.facts == {"certificates": "drill"}
        assert claim(task, volunteer(certificates=[Certificate(**held)])).id


class TestByOrder:
    def test_an_order_takes_a_slot_and_says_what_it_is_for(self, published, volunteer):
        task, actor = altered(published(), by_order=True, least_level=5), volunteer()
        with pytest.raises(ByOrderOnly):
            claim(task, actor)
        taken = ordered(task, actor)
        assert (taken.order_id, taken.crew_role) == ("o1", "teacher")
        assert ordered(task, actor).id == taken.id
        assert task_of(task.id).slots_left == 4

    def test_an_order_asks_no_distance(self, published, volunteer):
        task = published(claim_from="within", claim_within_m=10)
        assert ordered(task, volunteer()).state == "claimed"

    def test_hours_slots_names_and_the_centre_count_for_an_order_too(
        self, town, published, volunteer
    ):
        task = published(slots=1)
        busy = volunteer()
        claim(published(), busy)
        with pytest.raises(HoursTaken):
            ordered(task, busy)
        with pytest.raises(RealNameMissing):
            ordered(task, volunteer(real_name=False))
        person = Person.objects(id=volunteer().person_id).get()
        person.memberships.append(
            Membership(role=Role.CENTRE_OFFICER, unit_id=town.street.id, since=now())
        )
        person.save()
        with pytest.raises(OwnUnitsTask):
            claim_by_order(task.id, person_id=person.id, order_id="o1", crew_role="teacher")
        ordered(task, volunteer())
        with pytest.raises(TaskFull):
            ordered(task, volunteer())

    def test_fifty_orders_on_five_slots_make_exactly_five(self, published, volunteer):
        task, crowd = published(slots=5), [volunteer() for _ in range(50)]
        answers = at_once(50, lambda number: ordered(task, crowd[number]))
        assert sum(isinstance(answer, Participation) for answer in answers) == 5
        assert Participation.objects(order_id="o1").count() == len(task_of(task.id).claims) == 5

    def test_an_order_cut_off_after_its_slot_is_made_up_with_what_it_is_for(
        self, published, volunteer, monkeypatch
    ):
        task, actor = published(), volunteer()
        with monkeypatch.context() as patch:
            patch.setattr(claiming, "complete_claim", _cut_off)
            with pytest.raises(ConnectionError):
                ordered(task, actor)
        make_older(timedelta(seconds=60))
        catching_up.confirm_claims()
        taken = Participation.objects.get()
        assert (taken.order_id, taken.crew_role) == ("o1", "teacher")


class TestMissedClaims:
    def test_three_marks_keep_claims_within_two_hours(self, published, volunteer):
        actor = volunteer()
        for _ in range(3):
            missed(published(), actor)
        far = published(starts_at=now() + timedelta(hours=3), ends_at=now() + timedelta(hours=4))
        with pytest.raises(TooManyMissed) as refusal:
            claim(far, actor)
        first = Participation.objects(missed=True).order_by("starts_at").first()
        assert refusal.value.facts["until"] == first.starts_at + timedelta(days=30)
        assert task_of(far.id).slots_left == 5
        assert ordered(far, actor).id, "an order of the centre asks for no marks"
        near = published(starts_at=now() + timedelta(hours=1), ends_at=now() + timedelta(hours=2))
        assert claim(near, actor).id

    def test_two_marks_or_marks_of_long_ago_keep_nobody(self, published, volunteer):
        actor = volunteer()
        for _ in range(2):
            missed(published(), actor)
        three_hours = timedelta(hours=3)
        far = published(starts_at=now() + three_hours, ends_at=now() + 2 * three_hours)
        give_up_participation(claim(far, actor).id, by=actor)
        missed(published(), actor)
        with pytest.raises(TooManyMissed):
            claim(far, actor)
        collection(Agenda).update_one(
            {"_id": actor.person_id}, {"$set": {"missed.0.at": now() - timedelta(days=31)}}
        )
        assert claim(far, actor).id

    def test_twenty_claims_lapsed_keep_only_the_newest_three_marks(self, published, volunteer):
        actor = volunteer()
        for _ in range(5):
            missed(published(), actor)
        assert len(Agenda.objects(person_id=actor.person_id).get().missed) == 3


def altered(task, **fields):
    """The task with what a draft may say beside the simplest one."""
    Task.objects(id=task.id).update_one(**{f"set__{name}": it for name, it in fields.items()})
    return task_of(task.id)


def ordered(task, actor):
    return claim_by_order(task.id, person_id=actor.person_id, order_id="o1", crew_role="teacher")


def missed(task, actor):
    """A claim of the task, given up after it was free to."""
    taken = claim(task, actor)
    with pretending(taken.free_until + timedelta(seconds=1)):
        assert give_up_participation(taken.id, by=actor).missed


def _cut_off(*_args, **_named):
    raise ConnectionError
