"""The waiting list: joining, moving up, confirming, and everything that is cut off or raced."""

from datetime import timedelta

import pytest
from lines import claim, full, holders, join, reloaded
from street import add_unit, make_older

from notices import Notice
from people import Held, RealNameMissing, Role
from shared.clock import now, pretending, real_now
from tasks import (
    Participation,
    Task,
    cancel_task,
    catching_up,
    confirm_offer,
    give_up_participation,
    leave_waiting_list,
    start_participation,
    task_of,
)
from tasks.agenda import Agenda
from tasks.claiming import (
    AlreadyTookPart,
    ByOrderOnly,
    HoursTaken,
    OfferWaits,
    TaskFull,
    TooManyMissed,
)
from tasks.claims import waiting
from tasks.claims.requirements import NotForYou, NotOpen, OwnUnitsTask, PositionMissing
from tasks.claims.waiting import (
    NotFull,
    NothingOffered,
    NoWaitingList,
    OfferOver,
    WaitingListFull,
    expire_offers,
    tend_waiting,
)
from tasks.publishing import TaskNotFound
from tasks.slots import lapse_claim
from tasks.taking_part import (
    ParticipationNotFound,
    TaskCalledOff,
    WrongParticipationState,
)
from tests.racing import at_once

__all__ = ["full"]


class TestJoining:
    def test_a_full_task_keeps_a_line(self, full, volunteer):
        task, actor = full[0], volunteer()
        place = join(task, actor)
        assert (place.state, place.task_id) == ("waiting", task.id)
        assert join(task, actor).id == place.id
        assert [one.participation_id for one in task_of(task.id).waiting] == [place.id]
        assert Agenda.objects(person_id=actor.person_id).count() == 0, "hours stay free"

    def test_one_person_joining_twenty_times_at_once_stands_once(self, full, volunteer):
        task, actor = full[0], volunteer()
        answers = at_once(20, lambda _: join(task, actor))
        assert len({answer.id for answer in answers}) == 1
        assert Participation.objects(person_id=actor.person_id).count() == 1
        assert len(task_of(task.id).waiting) == 1

    def test_where_a_slot_is_free_there_is_nothing_to_wait_for(self, published, volunteer):
        task, actor = published(), volunteer()
        with pytest.raises(NotFull):
            join(task, actor)
        assert Participation.objects.count() == 0

    def test_who_holds_a_slot_is_answered_with_it(self, full):
        task, taken, holder = full
        assert join(task, holder).id == taken.id

    def test_who_took_part_does_not_wait(self, full):
        task, taken, holder = full
        Participation.objects(id=taken.id).update_one(set__state="verified")
        with pytest.raises(AlreadyTookPart):
            join(task, holder)

    def test_the_line_has_an_end(self, full, volunteer, monkeypatch):
        task = full[0]
        monkeypatch.setattr(waiting, "MAX_WAITING", 2)
        crowd = [volunteer() for _ in range(10)]
        answers = at_once(10, lambda number: join(task, crowd[number]))
        assert sum(isinstance(answer, Participation) for answer in answers) == 2
        assert sum(isinstance(answer, WaitingListFull) for answer in answers) == 8
        assert Participation.objects(state="waiting").count() == 2

    @pytest.mark.parametrize(
        ("fields", "refusal"),
        [
            ({"has_waiting_list": False}, NoWaitingList),
            ({"is_team": True}, NoWaitingList),
            ({"by_order": True}, ByOrderOnly),
            ({"trades_wanted": ["courier"]}, NotForYou),
            ({"claim_from": "within", "claim_within_m": 10}, PositionMissing),
        ],
    )
    def test_what_a_claim_asks_the_line_asks_too(self, full, volunteer, fields, refusal):
        task = full[0]
        Task.objects(id=task.id).update_one(**{f"set__{name}": it for name, it in fields.items()})
        with pytest.raises(refusal):
            join(task, volunteer())

    def test_the_real_name_the_centre_and_the_window_count(self, town, full, volunteer, draft):
        task = full[0]
        with pytest.raises(RealNameMissing):
            join(task, volunteer(real_name=False))
        with pytest.raises(OwnUnitsTask):
            join(task, volunteer(roles=[Held(Role.CENTRE_OFFICER, town.district.id)]))
        elsewhere = add_unit("台江区", "district", town.city)
        assert join(task, volunteer(roles=[Held(Role.CENTRE_OFFICER, elsewhere.id)])).id
        with pretending(task.ends_at), pytest.raises(NotOpen):
            join(task, volunteer())
        with pytest.raises(TaskNotFound):
            join(draft(), volunteer())

    def test_who_missed_too_many_does_not_wait_for_what_is_far_ahead(self, published, volunteer):
        task = published(
            slots=1, starts_at=now() + timedelta(hours=3), ends_at=now() + timedelta(hours=4)
        )
        claim(task, volunteer())
        actor = volunteer()
        marks = [{"participation_id": str(n), "at": now()} for n in range(3)]
        Agenda(person_id=actor.person_id, missed=marks).save()
        with pytest.raises(TooManyMissed):
            join(task, actor)

    def test_leaving_lets_the_others_move_up(self, full, volunteer):
        task, _, holder = full
        first, second = volunteer(), volunteer()
        place, next_place = join(task, first), join(task, second)
        leave_waiting_list(task.id, by=first)
        leave_waiting_list(task.id, by=first)
        after = reloaded(place)
        assert (after.state, after.missed, after.settled) == ("given_up", False, True)
        give_up_participation(full[1].id, by=holder)
        assert task_of(task.id).claim_of(second.person_id).participation_id == next_place.id


class TestMovingUp:
    def test_a_slot_that_frees_is_offered_to_the_first_and_no_slot_is_left(self, full, volunteer):
        task, taken, holder = full
        crowd = [volunteer() for _ in range(3)]
        places = [join(task, actor) for actor in crowd]
        give_up_participation(taken.id, by=holder)
        current = task_of(task.id)
        assert current.slots_left == 0
        assert [one.participation_id for one in current.claims] == [places[0].id]
        assert [one.participation_id for one in current.waiting] == [
            place.id for place in places[1:]
        ]
        offered = reloaded(places[0])
        assert offered.state == "waiting"
        assert offered.offered_until == current.claims[0].offered_until > real_now()
        told = Notice.objects.get(name="slot_offered")
        assert (told.person_id, told.facts["participation_id"]) == (
            crowd[0].person_id,
            places[0].id,
        )

    def test_nobody_overtakes_while_people_wait(self, full, volunteer):
        task, taken, holder = full
        first = volunteer()
        join(task, first)
        give_up_participation(taken.id, by=holder)
        with pytest.raises(TaskFull):
            claim(task, volunteer())
        with pytest.raises(OfferWaits):
            claim(task, first)

    def test_a_claim_does_not_get_between_even_where_a_slot_stands_free(self, full, volunteer):
        task = full[0]
        place = join(task, volunteer())
        Task.objects(id=task.id).update_one(set__slots_left=1, set__slots=2)
        with pytest.raises(TaskFull):
            claim(task, volunteer())
        assert tend_waiting() == 1
        assert reloaded(place).offered_until is not None
        assert holders(task) == 2

    def test_confirming_takes_the_hours_and_the_claim(self, full, volunteer):
        task, taken, holder = full
        first = volunteer()
        place = join(task, first)
        give_up_participation(taken.id, by=holder)
        mine = confirm_offer(place.id, by=first)
        assert (mine.state, mine.held_until) == ("claimed", task.starts_at + timedelta(minutes=30))
        assert confirm_offer(place.id, by=first).id == mine.id
        assert task_of(task.id).claims[0].offered_until is None
        assert Agenda.objects(person_id=first.person_id).get().engagements[0].task_id == task.id
        assert expire_offers() == 0
        with pretending(task.starts_at):
            assert start_participation(mine.id, by=first).state == "started"

    def test_only_what_is_offered_is_confirmed_and_by_whom_it_is(self, full, volunteer):
        task, taken, holder = full
        first, second = volunteer(), volunteer()
        place, next_place = join(task, first), join(task, second)
        with pytest.raises(NothingOffered):
            confirm_offer(place.id, by=first)
        give_up_participation(taken.id, by=holder)
        with pytest.raises(NothingOffered):
            confirm_offer(next_place.id, by=second)
        with pytest.raises(ParticipationNotFound):
            confirm_offer(place.id, by=second)
        give_up_participation(place.id, by=first)
        with pytest.raises(WrongParticipationState):
            confirm_offer(place.id, by=first)
        assert confirm_offer(next_place.id, by=second).state == "claimed"

    def test_hours_taken_meanwhile_hand_the_slot_on(self, full, published, volunteer):
        task, taken, holder = full
        first, second = volunteer(), volunteer()
        place, next_place = join(task, first), join(task, second)
        claim(published(), first)
        give_up_participation(taken.id, by=holder)
        with pytest.raises(HoursTaken):
            confirm_offer(place.id, by=first)
        after = reloaded(place)
        assert (after.state, after.missed) == ("given_up", False)
        assert confirm_offer(next_place.id, by=second).state == "claimed"

    def test_an_offer_not_confirmed_in_time_goes_to_the_next(self, full, volunteer):
        task, taken, holder = full
        first, second = volunteer(), volunteer()
        place, next_place = join(task, first), join(task, second)
        give_up_participation(taken.id, by=holder)
        assert expire_offers() == 0
        _let_offers_end(task)
        with pytest.raises(OfferOver):
            confirm_offer(place.id, by=first)
        assert expire_offers() == 1
        after = reloaded(place)
        assert (after.state, after.missed, after.settled) == ("lapsed", False, True)
        assert reloaded(next_place).offered_until > real_now()
        assert holders(task) == 1

    def test_a_lapse_moves_the_line_up_too(self, full, volunteer):
        task, taken, _ = full
        place = join(task, volunteer())
        assert lapse_claim(taken, taken.held_until)
        assert reloaded(place).offered_until is not None

    def test_a_cancelled_tasks_line_ends_and_its_coins_can_go_back(self, town, full, volunteer):
        task, taken, holder = full
        first, second = volunteer(), volunteer()
        place, next_place = join(task, first), join(task, second)
        give_up_participation(taken.id, by=holder)
        cancel_task(task.id, by=town.officer)
        with pytest.raises(TaskCalledOff):
            confirm_offer(place.id, by=first)
        assert tend_waiting() == 2
        for one in (place, next_place):
            after = reloaded(one)
            assert (after.state, after.missed, after.settled) == ("lapsed", False, True)
        assert task_of(task.id).slots_left == 1

    def test_a_slot_freed_after_the_window_is_offered_to_nobody(self, full, volunteer):
        task = full[0]
        place = join(task, volunteer())
        make_older(timedelta(days=1))
        catching_up.lapse_claims()
        assert task_of(task.id).claims == []
        assert tend_waiting() == 1
        assert reloaded(place).state == "lapsed"


def _let_offers_end(task):
    """Let the time of every offer that stands be over."""
    past = real_now() - timedelta(seconds=1)
    Participation.objects(task_id=task.id, offered_until__ne=None, state="waiting").update(
        set__offered_until=past
    )
    current = task_of(task.id)
    for one in current.claims:
        if one.offered_until is not None:
            Task.objects(id=task.id, claims__participation_id=one.participation_id).update_one(
                set__claims__S__offered_until=past
            )
