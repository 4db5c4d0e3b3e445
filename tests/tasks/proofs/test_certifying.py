"""A verified training gives its certificate once, from the verdict on; nothing else gives one."""

import pytest

from people import Person
from shared.clock import real_now
from tasks.participation import Participation, ParticipationState, Verdict
from tasks.proofs.certifying import certify, uncertify
from tasks.task import Task
from tests.racing import at_once


@pytest.fixture
def judged(begun):
    """A participation with a verdict, and its task with these rules of its kind."""

    def judge(state=ParticipationState.VERIFIED, rule=None):
        taken, _ = begun()
        verdict = Verdict(number=1, outcome=state.value, judged_at=real_now())
        Participation.objects(id=taken.id).update_one(set__state=state, push__verdicts=verdict)
        rules = {"certificate": rule or {"name": "school_guard", "lasts_months": 12}}
        Task.objects(id=taken.task_id).update_one(set__kind_rules=rules)
        return Participation.objects(id=taken.id).get(), Task.objects(id=taken.task_id).get()

    return judge


def held_by(participation):
    return list(Person.objects(id=participation.person_id).get().certificates)


def test_a_verified_training_gives_its_certificate_once_also_at_once(judged):
    participation, task = judged()
    at_once(5, lambda _: certify(participation, task))
    (held,) = held_by(participation)
    assert (held.name, held.about_id) == ("school_guard", participation.id)
    assert held.given_at == participation.verdict.judged_at
    assert 364 < (held.ends_at - held.given_at).days < 367


@pytest.mark.parametrize("state", [ParticipationState.REFUSED, ParticipationState.IN_REVIEW])
def test_without_a_verified_verdict_there_is_none(judged, state):
    participation, task = judged(state)
    assert certify(participation, task) is None
    assert held_by(participation) == []


def test_a_kind_that_gives_none_gives_none(judged):
    participation, task = judged()
    for rules in ({}, {"certificate": None}):
        task.kind_rules = rules
        assert certify(participation, task) is None
    assert held_by(participation) == []


def test_what_fell_takes_its_certificate_with_it(judged):
    participation, task = judged()
    certify(participation, task)
    assert uncertify(participation) is True
    assert uncertify(participation) is False
    assert held_by(participation) == []
