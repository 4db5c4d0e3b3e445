"""Sessions remembered for the lists of what is public: forgotten with every change, and in time."""

import pytest
from people_town import signed_in

from people import (
    Actor,
    actor_lately,
    actor_of,
    end_session,
    forget_everybody,
    forget_person,
    remembered_sessions,
)
from shared.errors import NotSignedIn
from shared.ids import random_id


@pytest.fixture
def opened():
    forget_everybody()
    yield signed_in()
    forget_everybody()


@pytest.fixture
def looked_up(monkeypatch):
    """The sessions that were looked up in the database, in order."""
    asked = []

    def counted(person_id, session_id):
        asked.append(session_id)
        return actor_of(person_id, session_id)

    monkeypatch.setattr(remembered_sessions, "actor_of", counted)
    return asked


def test_a_session_is_looked_up_once_until_its_person_changes(opened, looked_up):
    who = (opened.person_id, opened.session_id)
    assert actor_lately(*who) == actor_lately(*who) == actor_of(*who)
    forget_person(random_id())
    actor_lately(*who)
    assert looked_up == [opened.session_id]
    forget_person(opened.person_id)
    actor_lately(*who)
    assert len(looked_up) == 2


def test_an_ended_session_is_nobody_once_the_change_was_told(opened):
    actor_lately(opened.person_id, opened.session_id)
    end_session(opened.session_id, by=Actor(opened.person_id))
    forget_person(opened.person_id)
    with pytest.raises(NotSignedIn):
        actor_lately(opened.person_id, opened.session_id)


def test_other_sessions_of_a_remembered_person_are_not_taken_for_it(opened):
    actor_lately(opened.person_id, opened.session_id)
    with pytest.raises(NotSignedIn):
        actor_lately(opened.person_id, random_id())


@pytest.mark.parametrize("tell", [lambda who: forget_person(who), lambda _: forget_everybody()])
def test_what_changed_while_it_was_read_is_not_remembered(opened, monkeypatch, tell):
    def slow(person_id, session_id):
        actor = actor_of(person_id, session_id)
        end_session(session_id, by=Actor(person_id))
        tell(person_id)
        return actor

    monkeypatch.setattr(remembered_sessions, "actor_of", slow)
    # As it was when it was asked; the next question reads anew.
    assert actor_lately(opened.person_id, opened.session_id).person_id == opened.person_id
    monkeypatch.undo()
    with pytest.raises(NotSignedIn):
        actor_lately(opened.person_id, opened.session_id)


def test_nobody_is_remembered_for_longer_than_a_minute(opened, looked_up, monkeypatch):
    actor_lately(opened.person_id, opened.session_id)
    monkeypatch.setattr(remembered_sessions, "REMEMBERED_S", 0)
    actor_lately(opened.person_id, opened.session_id)
    assert len(looked_up) == 2


def test_no_more_people_are_remembered_than_there_is_room_for(opened, monkeypatch):
    monkeypatch.setattr(remembered_sessions, "MOST", 3)
    for one in [signed_in() for _ in range(5)]:
        actor_lately(one.person_id, one.session_id)
        assert len(remembered_sessions._remembered) <= 3
