"""The waiting list, cut off anywhere and raced from everywhere: nobody is promoted twice."""

from datetime import timedelta

import pytest
from lines import claim, full, holders, join, reloaded

from notices import Notice
from shared.clock import real_now
from tasks import (
    Participation,
    Task,
    catching_up,
    confirm_offer,
    give_up_participation,
    task_of,
)
from tasks.agenda import Agenda
from tasks.claiming import TaskFull
from tasks.claims import promoting, waiting
from tasks.claims.waiting import expire_offers, tend_waiting
from tests.racing import at_once

__all__ = ["full"]


class TestCutOff:
    def test_an_offer_cut_off_before_it_was_told_is_told_by_the_sweep(
        self, full, volunteer, monkeypatch
    ):
        task, taken, holder = full
        place = join(task, volunteer())
        with monkeypatch.context() as patch:
            patch.setattr(promoting, "tell", _cut_off)
            with pytest.raises(ConnectionError):
                give_up_participation(taken.id, by=holder)
        assert reloaded(place).offered_until is None
        catching_up.free_ended()
        tend_waiting()
        assert reloaded(place).offered_until == task_of(task.id).claims[0].offered_until
        assert Notice.objects(name="slot_offered").count() == 1
        assert reloaded(taken).settled
        assert holders(task) == 1

    def test_a_place_cut_off_before_it_stood_in_line_ends(self, full, volunteer, monkeypatch):
        task, actor = full[0], volunteer()
        with monkeypatch.context() as patch:
            patch.setattr(waiting, "_push_place", _cut_off)
            with pytest.raises(ConnectionError):
                join(task, actor)
        left = Participation.objects.get(state="waiting")
        assert tend_waiting() == 0, "it may still be on its way"
        Participation.objects(id=left.id).update_one(unset__look_again_at=True)
        monkeypatch.setattr(waiting, "JOINING_TIME", timedelta(seconds=-2))
        assert tend_waiting() == 1
        assert (reloaded(left).state, reloaded(left).settled) == ("lapsed", True)
        assert join(task, actor).id != left.id

    def test_hours_of_a_confirmation_cut_off_are_kept_for_its_repeat(
        self, full, volunteer, monkeypatch
    ):
        task, taken, holder = full
        first = volunteer()
        place = join(task, first)
        give_up_participation(taken.id, by=holder)
        with monkeypatch.context() as patch:
            patch.setattr(waiting, "_take_offer", _cut_off)
            with pytest.raises(ConnectionError):
                confirm_offer(place.id, by=first)
        assert confirm_offer(place.id, by=first).state == "claimed"

    def test_hours_of_a_confirmation_cut_off_are_freed_with_its_offer(
        self, full, volunteer, monkeypatch
    ):
        task, taken, holder = full
        first = volunteer()
        place = join(task, first)
        give_up_participation(taken.id, by=holder)
        with monkeypatch.context() as patch:
            patch.setattr(waiting, "_take_offer", _cut_off)
            with pytest.raises(ConnectionError):
                confirm_offer(place.id, by=first)
        _let_offers_end(task)
        expire_offers()
        assert Agenda.objects(person_id=first.person_id).get().engagements == []
        assert (holders(task), task_of(task.id).slots_left) == (0, 1)

    def test_a_slot_freed_and_cut_off_moves_the_line_up_by_the_sweep(self, full, volunteer):
        task, taken, _ = full
        place = join(task, volunteer())
        Participation.objects(id=taken.id).update_one(set__state="given_up")
        assert catching_up.free_ended() == 1
        assert catching_up.free_ended() == 0
        assert reloaded(place).offered_until is not None


class TestRaces:
    def test_fifty_wait_ten_slots_free_at_once_and_ten_are_offered(self, published, volunteer):
        task = published(slots=10)
        holding = [volunteer() for _ in range(10)]
        held = [claim(task, actor) for actor in holding]
        crowd = [volunteer() for _ in range(50)]
        places = at_once(50, lambda number: join(task, crowd[number]))
        assert len(task_of(task.id).waiting) == 50

        def act(number):
            if number < 20:  # each twice
                return give_up_participation(held[number % 10].id, by=holding[number % 10])
            return claim(task, volunteer())

        answers = at_once(30, act)
        assert all(isinstance(answer, TaskFull) for answer in answers[20:])
        assert holders(task) == 10
        current = task_of(task.id)
        promoted = {one.participation_id for one in current.claims}
        line = {one.participation_id for one in current.waiting}
        assert not promoted & line
        assert promoted | line == {place.id for place in places}
        assert Participation.objects(offered_until__ne=None).count() == 10

    def test_offers_confirmed_expired_and_given_up_at_once_never_oversell(
        self, published, volunteer
    ):
        task = published(slots=3)
        held = [(claim(task, actor), actor) for actor in (volunteer() for _ in range(3))]
        crowd = [volunteer() for _ in range(12)]
        places = [join(task, actor) for actor in crowd]
        for taken, actor in held:
            give_up_participation(taken.id, by=actor)
        for _ in range(5):

            def act(number):
                if number < 12:
                    return confirm_offer(places[number].id, by=crowd[number])
                if number < 16:
                    return expire_offers()
                return give_up_participation(places[number - 16].id, by=crowd[number - 16])

            at_once(22, act)
            assert holders(task) <= 3
            _let_offers_end(task)
        states = {one.person_id: one.state for one in Participation.objects(task_id=task.id)}
        current = task_of(task.id)
        for one in current.claims:
            assert states[one.person_id] in ("claimed", "waiting")
        claimed = {person for person, state in states.items() if state == "claimed"}
        assert claimed <= {one.person_id for one in current.claims}
        assert claimed == {agenda.person_id for agenda in Agenda.objects if len(agenda.engagements)}


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


def _cut_off(*_args, **_named):
    raise ConnectionError
