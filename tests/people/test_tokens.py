"""Sessions: rotation that forgives a lost answer, ends at a theft, and is exact under races."""

from datetime import timedelta

import pytest
from people_town import resident, signed_in

from people import (
    Act,
    Actor,
    Person,
    TrailRecord,
    actor_of,
    end_all_sessions,
    end_session,
    person_of,
    rotate_session,
)
from people.tokens import SessionRevoked, open_session
from shared.clock import real_now
from shared.database import collection
from shared.errors import NotSignedIn
from shared.ids import random_id
from tests.racing import at_once


@pytest.fixture
def opened():
    return signed_in()


def age_rotation(seconds):
    moment = real_now() - timedelta(seconds=seconds)
    collection(Person).update_many({}, {"$set": {"sessions.$[].rotated_at": moment}})


def test_a_session_rotates_generation_by_generation(opened):
    for generation in (1, 2, 3):
        rotated = rotate_session(opened.person_id, opened.session_id, generation)
        assert rotated.generation == generation + 1


def test_a_lost_answer_may_be_asked_for_again_within_thirty_seconds(opened):
    rotate_session(opened.person_id, opened.session_id, 1)
    again = rotate_session(opened.person_id, opened.session_id, 1)
    assert again.generation == 2
    assert actor_of(opened.person_id, opened.session_id).person_id == opened.person_id


def test_the_generation_before_is_a_theft_after_thirty_seconds(opened):
    rotate_session(opened.person_id, opened.session_id, 1)
    age_rotation(31)
    with pytest.raises(SessionRevoked):
        rotate_session(opened.person_id, opened.session_id, 1)
    with pytest.raises(NotSignedIn):
        actor_of(opened.person_id, opened.session_id)
    with pytest.raises(NotSignedIn):
        rotate_session(opened.person_id, opened.session_id, 2)
    assert TrailRecord.objects(about_id=opened.person_id).get().act is Act.SESSION_STOLEN


def test_an_older_generation_is_a_theft_at_once(opened):
    rotate_session(opened.person_id, opened.session_id, 1)
    rotate_session(opened.person_id, opened.session_id, 2)
    with pytest.raises(SessionRevoked):
        rotate_session(opened.person_id, opened.session_id, 1)


def test_a_theft_ends_that_session_only(opened):
    other = signed_in()
    rotate_session(opened.person_id, opened.session_id, 1)
    age_rotation(31)
    with pytest.raises(SessionRevoked):
        rotate_session(opened.person_id, opened.session_id, 1)
    assert actor_of(other.person_id, other.session_id)


def test_threads_that_rotate_together_agree_on_the_next_generation(opened):
    answers = at_once(12, lambda _one: rotate_session(opened.person_id, opened.session_id, 1))
    assert [answer.generation for answer in answers] == [2] * 12
    assert person_of(opened.person_id).sessions[0].generation == 2


def test_a_generation_never_reached_is_refused_and_ends_nothing(opened):
    with pytest.raises(NotSignedIn):
        rotate_session(opened.person_id, opened.session_id, 7)
    assert actor_of(opened.person_id, opened.session_id)


def test_an_expired_session_is_over(opened):
    collection(Person).update_many({}, {"$set": {"sessions.$[].expires_at": real_now()}})
    with pytest.raises(NotSignedIn):
        actor_of(opened.person_id, opened.session_id)
    with pytest.raises(NotSignedIn):
        rotate_session(opened.person_id, opened.session_id, 1)


def test_signing_out_ends_one_session_and_repeating_changes_nothing():
    here, there = resident(), resident()
    end_session(here.session_id, by=here)
    end_session(here.session_id, by=here)
    with pytest.raises(NotSignedIn):
        actor_of(here.person_id, here.session_id)
    assert actor_of(there.person_id, there.session_id)


def test_signing_out_everywhere_ends_all_of_ones_own(opened):
    here, there, stranger = resident(), resident(), resident("13800138001")
    end_all_sessions(by=here)
    end_all_sessions(by=here)
    for one in (here, there):
        with pytest.raises(NotSignedIn):
            actor_of(one.person_id, one.session_id)
    assert actor_of(stranger.person_id, stranger.session_id)


def test_a_session_of_somebody_else_cannot_be_ended(opened):
    end_session(opened.session_id, by=resident("13800138001"))
    assert actor_of(opened.person_id, opened.session_id)


def test_the_twenty_first_session_ends_the_oldest(opened):
    others = [open_session(opened.person_id) for _ in range(20)]
    with pytest.raises(NotSignedIn):
        actor_of(opened.person_id, opened.session_id)
    assert all(actor_of(one.person_id, one.session_id) for one in others)


def test_nobody_can_open_a_session_for_nobody():
    with pytest.raises(NotSignedIn):
        open_session(random_id())


def test_an_actor_has_the_roles_held_now(town):
    by = resident()
    assert actor_of(by.person_id, by.session_id) == Actor(by.person_id, by.session_id, ())
