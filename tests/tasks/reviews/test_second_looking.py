"""A sample of decided walks is judged again, blind, by somebody else."""

import pytest
from street import played, staff

from people import Role
from settings import settings
from shared.errors import NotAllowed
from shared.ids import new_id
from tasks import second_looks_of, take_second_look
from tasks.jobs import verify_participation
from tasks.reviews.reviewing import OwnWork
from tasks.reviews.sampling import is_in_sample
from tasks.reviews.second_look import SecondLook
from tasks.reviews.second_looking import LookedAgain, SecondLookNotFound
from tests.racing import at_once


@pytest.fixture
def sampled(published, volunteer, monkeypatch):
    """A verified walk that the draw took."""
    monkeypatch.setitem(settings().__dict__, "second_look_percent", 100)
    done = played(published(), volunteer())
    verify_participation(done.id)
    return done


def test_the_draw_takes_about_the_share_asked_for():
    taken = sum(is_in_sample(new_id(), 5) for _ in range(4_000))
    assert 120 < taken < 280
    assert not is_in_sample(new_id(), 0)
    assert is_in_sample(new_id(), 100)


def test_a_second_look_agrees_or_differs_and_changes_nothing(sampled, town):
    assert [one.id for one in second_looks_of(town.street.id, by=town.other_officer)] == [
        sampled.id
    ]
    look = take_second_look(sampled.id, verified=False, reason="A bus.", by=town.other_officer)
    again = take_second_look(sampled.id, verified=False, reason="A bus.", by=town.other_officer)
    assert (look.state, again.state, look.outcome) == ("differed", "differed", "verified")
    assert second_looks_of(town.street.id, by=town.other_officer) == []


def test_judging_twice_takes_the_sample_once(sampled):
    verify_participation(sampled.id)
    assert SecondLook.objects.count() == 1


def test_the_publisher_takes_no_second_look(sampled, town):
    with pytest.raises(OwnWork):
        take_second_look(sampled.id, verified=True, reason="Ok.", by=town.officer)


def test_of_two_at_once_one_takes_it(sampled, town):
    officers = [staff(Role.CENTRE_OFFICER, town.street) for _ in range(5)]

    def look(number):
        try:
            return take_second_look(sampled.id, verified=True, reason="x", by=officers[number])
        except LookedAgain:
            return None

    assert len([one for one in at_once(5, look) if one]) == 1


def test_strangers_and_unsampled_walks_are_refused(sampled, town, volunteer):
    with pytest.raises(NotAllowed):
        take_second_look(sampled.id, verified=True, reason="x", by=volunteer())
    with pytest.raises(SecondLookNotFound):
        take_second_look(new_id(), verified=True, reason="x", by=town.other_officer)
