"""A duty is closed by its log, which may be put right until the verdict and never after."""

from datetime import timedelta

import pytest

from shared.clock import now, pretending
from tasks import duty_log_of, log_duty
from tasks.participation import Participation, ParticipationState
from tasks.proofs.duty_log import DutyLog
from tasks.proofs.logging_duty import DutyLogNotFound
from tasks.taking_part import ParticipationNotFound, WrongParticipationState
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
