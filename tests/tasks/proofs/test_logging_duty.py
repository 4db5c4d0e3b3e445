"""A duty is closed by its log, which may be put right until the verdict and never after."""

from datetime import timedelta

import pytest

from shared.clock import now, pretending
from shared.queue import queue
from tasks import duty_log_of, finish_participation, log_duty
from tasks.participation import Participation, ParticipationState
from tasks.proofs.duty_log import DutyLog
from tasks.proofs.logging_duty import DutyLogNotFound
from tasks.slots import walked_by
from tasks.taking_part import ParticipationNotFound, WrongParticipationState
from tasks.task import Task
from tests.racing import at_once

SAID = {
    "text": "放学平安。",
    "incidents": 0,
    "present": [{"role": "school_leader", "count": 1}, {"role": "police_officer", "count": 1}],
}


def plain(log):
    present = [{"role": one.role, "count": one.count} for one in log.present]
    return {"text": log.text, "incidents": log.incidents, "present": present}


def test_a_log_is_kept_as_it_was_written(begun, town):
    taken, actor = begun()
    log_duty(taken.id, **SAID, by=actor)
    for by in (actor, town.officer):
        assert plain(duty_log_of(taken.id, by=by)) == SAID


def test_a_log_put_right_keeps_the_moment_the_duty_was_closed(begun):
    taken, actor = begun()
    closed_at = now()
    with pretending(closed_at):
        log_duty(taken.id, **SAID, by=actor)
    with pretending(closed_at + timedelta(minutes=5)):
        changed = log_duty(taken.id, **SAID | {"incidents": 1}, by=actor)
    assert changed.incidents == 1
    assert changed.logged_at < changed.changed_at
    with pretending(closed_at + timedelta(minutes=9)):
        again = log_duty(taken.id, **SAID | {"incidents": 1}, by=actor)
    assert again.changed_at == changed.changed_at


def test_two_logs_at_once_leave_one_of_the_two(begun):
    taken, actor = begun()
    got = at_once(4, lambda n: log_duty(taken.id, **SAID | {"incidents": n}, by=actor))
    assert all(isinstance(one, DutyLog) for one in got)
    assert DutyLog.objects.count() == 1


@pytest.mark.parametrize("state", [ParticipationState.VERIFIED, ParticipationState.REFUSED])
def test_after_the_verdict_a_log_stays_as_it_is(begun, state):
    taken, actor = begun()
    log_duty(taken.id, **SAID, by=actor)
    Participation.objects(id=taken.id).update_one(set__state=state)
    with pytest.raises(WrongParticipationState):
        log_duty(taken.id, **SAID | {"text": "别的"}, by=actor)
    assert plain(log_duty(taken.id, **SAID, by=actor)) == SAID


@pytest.fixture
def duty(published):
    """A published task that asks for a duty log."""
    task = published()
    asked = {"check": "duty_log", "parameters": {"until_s": 5_400.0}}
    Task.objects(id=task.id).update_one(push__checks=asked)
    return task


def current(taken):
    return Participation.objects(id=taken.id).get()


def asked_for():
    return [job.args[0] for job in queue().jobs]


def test_where_a_log_is_asked_for_writing_it_finishes_the_duty(begun, duty):
    taken, actor = begun(duty)
    with pretending(duty.ends_at):
        log_duty(taken.id, **SAID, by=actor)
        finished = current(taken)
        log_duty(taken.id, **SAID, by=actor)
    assert (finished.state, finished.finished_at) == (ParticipationState.FINISHED, duty.ends_at)
    assert walked_by(actor.person_id) is None
    assert set(asked_for()) == {taken.id}
    assert current(taken).finish_received_at == finished.finish_received_at


def test_where_none_is_asked_for_the_duty_goes_on(begun):
    taken, actor = begun()
    log_duty(taken.id, **SAID, by=actor)
    assert current(taken).state == ParticipationState.STARTED
    assert asked_for() == []


def test_a_log_after_the_finish_is_taken_and_asks_for_the_verdict(begun, duty):
    taken, actor = begun(duty)
    with pretending(duty.ends_at):
        finish_participation(taken.id, by=actor)
    queue().empty()
    with pretending(duty.ends_at + timedelta(hours=1)):
        log_duty(taken.id, **SAID, by=actor)
    assert asked_for() == [taken.id]
    assert current(taken).finished_at == duty.ends_at


def test_a_log_whose_tail_was_cut_off_is_finished_by_its_repeat(begun, duty):
    taken, actor = begun(duty)
    undone = {"set__state": ParticipationState.STARTED, "unset__finished_at": True}
    with pretending(duty.ends_at):
        log_duty(taken.id, **SAID, by=actor)
        Participation.objects(id=taken.id).update_one(**undone)
        log_duty(taken.id, **SAID, by=actor)
    assert current(taken).state == ParticipationState.FINISHED


def test_the_leaders_log_asks_for_the_verdicts_that_waited_for_it(begun, duty):
    (first, leader), (second, member), (other, stranger) = begun(duty), begun(duty), begun(duty)
    Participation.objects(id=second.id).update_one(set__team_of=first.id)
    with pretending(duty.ends_at):
        for taken, actor in ((second, member), (other, stranger)):
            finish_participation(taken.id, by=actor)
        queue().empty()
        log_duty(first.id, **SAID, by=leader)
    assert sorted(asked_for()) == sorted([first.id, second.id])


def test_a_log_and_a_finish_at_once_leave_one_finished_duty(begun, duty):
    taken, actor = begun(duty)

    def close(n):
        with pretending(duty.ends_at):
            if n % 2:
                return log_duty(taken.id, **SAID, by=actor)
            return finish_participation(taken.id, by=actor)

    got = at_once(4, close)
    assert all(isinstance(one, DutyLog | Participation) for one in got)
    assert current(taken).state == ParticipationState.FINISHED


def test_before_the_start_there_is_nothing_to_log(begun):
    taken, actor = begun()
    Participation.objects(id=taken.id).update_one(set__state=ParticipationState.CLAIMED)
    with pytest.raises(WrongParticipationState):
        log_duty(taken.id, **SAID, by=actor)
    assert DutyLog.objects.count() == 0


def test_nobody_logs_or_reads_anothers_duty(begun, volunteer):
    taken, actor = begun()
    with pytest.raises(DutyLogNotFound):
        duty_log_of(taken.id, by=actor)
    stranger = volunteer()
    with pytest.raises(ParticipationNotFound):
        log_duty(taken.id, **SAID, by=stranger)
    with pytest.raises(ParticipationNotFound):
        duty_log_of(taken.id, by=stranger)
