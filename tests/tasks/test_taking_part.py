"""Starting, finishing, giving up: what works, each refusal, each repeat."""

from datetime import timedelta

import pytest

from shared.clock import pretending
from tasks import (
    Participation,
    claim_task,
    finish_participation,
    give_up_participation,
    participation_of,
    start_participation,
    task_of,
)
from tasks.slots import begin_walking
from tasks.taking_part import (
    AlreadyWalking,
    BadFinish,
    ParticipationNotFound,
    TooEarly,
    WindowOver,
    WrongParticipationState,
)
from tests.racing import at_once


def claim(task, actor):
    return claim_task(task.id, position=None, by=actor)


@pytest.fixture
def claimed(published, volunteer):
    """A claim of somebody, and who that is."""
    actor = volunteer()
    return claim(published(), actor), actor


class TestStartingAndFinishing:
    def test_a_start_a_quarter_of_an_hour_early_is_fine(self, claimed):
        taken, actor = claimed
        with pretending(taken.starts_at - timedelta(minutes=15)):
            assert start_participation(taken.id, by=actor).state == "started"

    def test_an_earlier_start_is_refused(self, claimed):
        taken, actor = claimed
        with pretending(taken.starts_at - timedelta(minutes=16)), pytest.raises(TooEarly):
            start_participation(taken.id, by=actor)

    def test_a_start_after_the_window_is_refused(self, claimed):
        taken, actor = claimed
        with pretending(taken.ends_at), pytest.raises(WindowOver):
            start_participation(taken.id, by=actor)

    def test_starting_and_finishing_again_change_nothing(self, claimed):
        taken, actor = claimed
        first = start_participation(taken.id, by=actor)
        assert start_participation(taken.id, by=actor).started_at == first.started_at
        done = finish_participation(taken.id, by=actor)
        assert done.state == "finished"
        assert finish_participation(taken.id, by=actor).finished_at == done.finished_at

    def test_nobody_walks_two_tasks_at_once(self, claimed, published):
        taken, actor = claimed
        after = taken.ends_at
        following = published(starts_at=after, ends_at=after + timedelta(hours=2))
        second = claim(following, actor)
        with pretending(after - timedelta(minutes=10)):
            start_participation(taken.id, by=actor)
            with pytest.raises(AlreadyWalking):
                start_participation(second.id, by=actor)
            assert start_participation(taken.id, by=actor).state == "started"
            finish_participation(taken.id, by=actor)
            assert start_participation(second.id, by=actor).state == "started"

    def test_a_note_left_by_a_start_that_lost_stops_nobody(self, claimed, published):
        taken, actor = claimed
        give_up_participation(taken.id, by=actor)
        begin_walking(actor.person_id, taken.id)
        second = claim(published(), actor)
        assert start_participation(second.id, by=actor).state == "started"

    def test_of_two_tasks_started_at_once_one_is(self, claimed, published):
        taken, actor = claimed
        after = taken.ends_at
        following = published(starts_at=after, ends_at=after + timedelta(hours=2))
        both = [taken.id, claim(following, actor).id]

        def start(number):
            with pretending(after - timedelta(minutes=10)):
                return start_participation(both[number], by=actor)

        answers = at_once(2, start)
        assert sum(isinstance(answer, AlreadyWalking) for answer in answers) == 1

    def test_a_finish_needs_a_start(self, claimed):
        taken, actor = claimed
        with pytest.raises(WrongParticipationState):
            finish_participation(taken.id, by=actor)

    def test_a_phone_that_was_off_line_says_when_it_finished(self, claimed):
        taken, actor = claimed
        started = start_participation(taken.id, by=actor).started_at
        finished_at = started + timedelta(minutes=30)
        with pretending(started + timedelta(hours=5)):
            done = finish_participation(taken.id, finished_at=finished_at, by=actor)
        assert done.finished_at == finished_at

    @pytest.mark.parametrize("minutes", [-1, 60])
    def test_a_finish_before_the_start_or_in_the_future_is_refused(self, claimed, minutes):
        taken, actor = claimed
        started = start_participation(taken.id, by=actor).started_at
        with pytest.raises(BadFinish):
            finish_participation(
                taken.id, finished_at=started + timedelta(minutes=minutes), by=actor
            )

    def test_nobody_else_starts_finishes_or_sees_it(self, town, claimed, volunteer):
        taken, _ = claimed
        stranger = volunteer()
        for act in (start_participation, finish_participation, give_up_participation):
            with pytest.raises(ParticipationNotFound):
                act(taken.id, by=stranger)
        with pytest.raises(ParticipationNotFound):
            participation_of(taken.id, by=stranger)
        assert participation_of(taken.id, by=town.officer).id == taken.id


class TestGivingUp:
    def test_the_slot_and_the_hours_are_free_again(self, claimed, published, volunteer):
        taken, actor = claimed
        assert give_up_participation(taken.id, by=actor).state == "given_up"
        assert give_up_participation(taken.id, by=actor).state == "given_up"
        task = task_of(taken.task_id)
        assert (task.slots_left, list(task.claims)) == (5, [])
        assert claim(published(), actor).id
        assert Participation.objects(id=taken.id).get().settled

    def test_a_started_walk_is_not_given_up(self, claimed):
        taken, actor = claimed
        start_participation(taken.id, by=actor)
        with pytest.raises(WrongParticipationState):
            give_up_participation(taken.id, by=actor)

    def test_twenty_withdrawals_at_once_free_one_slot(self, claimed):
        taken, actor = claimed
        at_once(20, lambda _: give_up_participation(taken.id, by=actor))
        assert task_of(taken.task_id).slots_left == 5
