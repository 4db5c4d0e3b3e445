"""Verified work, asked for by who rewards it in kind: by officers of its unit, once it counts."""

import pytest
from street import played

from people import Actor, Held, Role
from shared.ids import new_id
from tasks import Participation, WorkNotVerified, verified_participation
from tasks.taking_part import ParticipationNotFound
from tasks.verification import verify_participation


@pytest.fixture
def work(published, volunteer):
    """A walk that is finished and not judged, its walker, an officer of its unit."""
    walker = volunteer()
    done = played(published(), walker)
    return done, walker, Actor("a" * 24, "s", (Held(Role.CENTRE_OFFICER, done.unit_id),))


def test_verified_work_says_whose_it_is(work):
    done, walker, officer = work
    verify_participation(done.id)
    assert verified_participation(done.id, by=officer) == walker.person_id


@pytest.mark.parametrize("state", ["finished", "refused", "in_review", "withdrawn"])
def test_work_that_does_not_count_is_refused_with_its_state(work, state):
    done, _, officer = work
    Participation.objects(id=done.id).update(set__state=state)
    with pytest.raises(WorkNotVerified) as refusal:
        verified_participation(done.id, by=officer)
    assert refusal.value.facts == {"state": state}


def test_it_is_told_to_nobody_out_of_reach(work, town):
    done, walker, officer = work
    verify_participation(done.id)
    elsewhere = Actor("b" * 24, "s", (Held(Role.CENTRE_OFFICER, new_id()),))
    for stranger in (walker, elsewhere, Actor("c" * 24, "s", (Held(Role.CLERK, done.unit_id),))):
        with pytest.raises(ParticipationNotFound):
            verified_participation(done.id, by=stranger)
    with pytest.raises(ParticipationNotFound):
        verified_participation(new_id(), by=officer)
