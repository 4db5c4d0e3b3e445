"""Claims and places in line, as the tests of waiting lists make and count them."""

import pytest

from tasks import Participation, claim_task, join_waiting_list, task_of


def claim(task, actor):
    return claim_task(task.id, position=None, by=actor)


def join(task, actor, position=None):
    return join_waiting_list(task.id, position=position, by=actor)


def reloaded(participation):
    return Participation.objects(id=participation.id).get()


def holders(task):
    """How many slots are held; with those left they are all there are."""
    current = task_of(task.id)
    assert len(current.claims) + current.slots_left == current.slots
    people = [claim.person_id for claim in current.claims]
    assert len(set(people)) == len(people)
    return len(people)


@pytest.fixture
def full(published, volunteer):
    """A task of one slot that is taken: the task, the claim, who holds it."""
    task, holder = published(slots=1), volunteer()
    return task, claim(task, holder), holder
