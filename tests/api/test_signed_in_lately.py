"""The list of tasks nearby remembers who is signed in, while changes of people are followed."""

import time

import pytest
from city_world import by_phone

from people import actor_of, forget_everybody, remembered_sessions
from tasks import follower

NEARBY = "/tasks/nearby?lat=26.09&lon=119.3&datum=wgs84"


def until(condition, seconds=15):
    ends_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends_at
        time.sleep(0.01)


@pytest.fixture
def following(app):
    follower.start()
    until(lambda: follower.state() == "memory")
    yield
    follower.stop()


@pytest.fixture
def looked_up(monkeypatch):
    """Whose sessions were looked up for the list."""
    asked = []

    def counted(person_id, session_id):
        asked.append(person_id)
        return actor_of(person_id, session_id)

    forget_everybody()
    monkeypatch.setattr(remembered_sessions, "actor_of", counted)
    return asked


def test_who_asks_again_is_not_looked_up_again(app, following, looked_up):
    resident = by_phone(app)
    # Signing in changed the person: until that was told, what is read is not kept.
    until(lambda: _is_remembered(resident, looked_up))


def _is_remembered(resident, looked_up):
    before = len(looked_up)
    assert resident.get(NEARBY).status_code == 200
    return len(looked_up) == before


def test_who_signed_out_is_refused_within_a_second_and_at_once_elsewhere(app, following, looked_up):
    resident = by_phone(app)
    until(lambda: _is_remembered(resident, looked_up))
    assert resident.delete("/sessions/current").status_code == 204
    assert resident.get("/me").status_code == 401
    until(lambda: resident.get(NEARBY).status_code == 401)


def test_without_following_every_call_is_looked_up(app):
    resident = by_phone(app)
    assert resident.get(NEARBY).status_code == 200
    assert resident.delete("/sessions/current").status_code == 204
    assert resident.get(NEARBY).status_code == 401
