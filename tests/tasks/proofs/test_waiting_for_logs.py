"""A judge waits for the log of a duty, until one is there or its time is over."""

from datetime import timedelta

import pytest

from shared.clock import pretending
from tasks import log_duty
from tasks.participation import Participation
from tasks.proofs.waiting import waits_until
from tasks.task import Task

ASKED = {"check": "duty_log", "parameters": {"until_s": 5_400.0}}


@pytest.fixture
def duty(published):
    """A published task that asks for a duty log within ninety minutes after its end."""
    task = published()
    Task.objects(id=task.id).update_one(push__checks=ASKED)
    return Task.objects(id=task.id).get()


def log(taken, actor):
    with pretending(taken.ends_at):
        log_duty(taken.id, text="好", incidents=0, present=[], by=actor)


def current(taken):
    return Participation.objects(id=taken.id).get()


def test_a_task_without_a_log_waits_for_none(begun, published):
    task = published()
    assert waits_until(current(begun(task)[0]), task) is None


def test_it_waits_until_so_long_after_the_end_of_the_persons_own_hours(begun, duty):
    taken, _ = begun(duty)
    assert waits_until(taken, duty) == duty.ends_at + timedelta(minutes=90)
    longer = duty.ends_at + timedelta(minutes=20)
    Participation.objects(id=taken.id).update_one(set__ends_at=longer)
    assert waits_until(current(taken), duty) == longer + timedelta(minutes=90)


def test_once_a_log_is_there_nothing_is_waited_for(begun, duty):
    taken, actor = begun(duty)
    log(taken, actor)
    assert waits_until(current(taken), duty) is None


@pytest.mark.parametrize("tie", ["team_of", "vouched_by"])
def test_the_leaders_or_captains_log_is_waited_for_and_enough(begun, duty, tie):
    (first, leader), (second, _), (stranger, _) = begun(duty), begun(duty), begun(duty)
    Participation.objects(id=second.id).update_one(**{f"set__{tie}": first.id})
    assert waits_until(current(second), duty) is not None
    log(first, leader)
    assert waits_until(current(second), duty) is None
    assert waits_until(current(stranger), duty) is not None
