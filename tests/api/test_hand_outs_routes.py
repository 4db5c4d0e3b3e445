"""Hand-outs and duty logs over HTTP: who may, what is answered, and a repeat that adds nothing."""

from datetime import timedelta

import pytest
from duty_world import Duty

from shared.clock import now
from shared.ids import new_id
from tests.racing import at_once

LINE = {"item": "传单", "place": "鼓西一村", "count": 12}
LOG = {"text": "平安", "incidents": 0, "present": [{"role": "teacher", "count": 2}]}


@pytest.fixture
def duty(app):
    return Duty(app)


def count(caller, duty, key="line-0001", **changes):
    return caller.post(f"{duty.path}/hand-outs", LINE | changes, key=key)


def period():
    since = now() - timedelta(days=1)
    return {"since": since.isoformat(), "until": (since + timedelta(days=2)).isoformat()}


def test_lines_are_counted_summed_and_voided(duty):
    got = at_once(4, lambda _: count(duty.walker, duty))
    assert {answer.status_code for answer in got} == {201}
    assert len({answer.json["id"] for answer in got}) == 1
    count(duty.walker, duty, "line-0002", count=8)
    sheet = duty.walker.get(f"{duty.path}/hand-outs").json
    assert sheet["sums"] == [{"item": "传单", "place": "鼓西一村", "count": 20}]
    reached = {"place": "鼓西一村", "count": 20, "least": 20, "reached": True}
    assert sheet["places"] == [reached]
    for _ in range(2):
        voided = duty.walker.post(f"{duty.path}/hand-outs/{got[0].json['id']}/voiding")
        assert voided.status_code == 201
    assert voided.json["voided_at"]
    sheet = duty.officer.get(f"{duty.path}/hand-outs").json
    assert sheet["places"] == [reached | {"count": 8, "reached": False}]
    assert len(sheet["lines"]) == 2


def test_who_may_not_count_void_or_read(duty):
    line_id = count(duty.walker, duty).json["id"]
    voiding = f"{duty.path}/hand-outs/{line_id}/voiding"
    stranger = duty.resident()
    assert count(duty.nobody, duty).status_code == 401
    assert duty.nobody.post(voiding).status_code == 401
    assert duty.nobody.get(f"{duty.path}/hand-outs").status_code == 401
    for caller in (stranger, duty.officer):
        assert count(caller, duty, "line-0002").status_code == 404
        assert caller.post(voiding).status_code == 404
    assert stranger.get(f"{duty.path}/hand-outs").status_code == 404
    missing = f"{duty.path}/hand-outs/{new_id()}/voiding"
    assert duty.walker.post(missing).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": 0},
        {"count": 1.5},
        {"count": "many"},
        {"place": ""},
        {"place": "别处"},
        {"item": "x" * 81},
        {"photo_ids": ["x"]},
        {"photo_ids": ["0" * 24]},
        {"other": 1},
    ],
)
def test_what_cannot_be_counted_is_refused(duty, wrong):
    assert count(duty.walker, duty, **wrong).status_code == 422
    assert duty.walker.get(f"{duty.path}/hand-outs").json["lines"] == []


def test_without_a_key_nothing_is_counted(duty):
    assert duty.walker.post(f"{duty.path}/hand-outs", LINE).status_code == 422
    other = count(duty.walker, duty), count(duty.walker, duty, count=13)
    assert (other[1].status_code, other[1].json["code"]) == (409, "HandOutKeyReused")


def test_an_officer_asks_which_compounds_were_not_reached(duty):
    count(duty.walker, duty)
    path = f"/units/{duty.town.street.id}/hand-outs"
    assert duty.nobody.get(path, **period()).status_code == 401
    assert duty.resident().get(path, **period()).status_code == 403
    told = duty.officer.get(path, **period())
    assert told.status_code == 200, told.json
    assert told.json["undecided"] == [{"item": "传单", "place": "鼓西一村", "count": 12}]
    assert [(one["place"], one["reached"]) for one in told.json["places"]] == [("鼓西一村", False)]
    assert duty.officer.get(path).status_code == 422
    elsewhere = f"/units/{duty.town.city.id}/hand-outs"
    assert duty.officer.get(elsewhere, **period()).status_code == 403


def test_a_log_closes_the_duty_and_may_be_put_right(duty):
    path = f"{duty.path}/log"
    assert duty.walker.get(path).status_code == 404
    first = duty.walker.post(path, LOG)
    assert first.status_code == 201
    assert duty.walker.post(path, LOG).json == first.json
    assert duty.walker.post(path, LOG | {"incidents": 1}).json["incidents"] == 1
    assert duty.officer.get(path).json["present"] == LOG["present"]


def test_who_may_not_write_or_read_a_log(duty):
    path = f"{duty.path}/log"
    assert duty.nobody.post(path, LOG).status_code == 401
    assert duty.nobody.get(path).status_code == 401
    assert duty.officer.post(path, LOG).status_code == 404
    assert duty.resident().post(path, LOG).status_code == 404
    duty.walker.post(path, LOG)
    assert duty.resident().get(path).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [{"incidents": -1}, {"text": None}, {"present": [{"role": "x", "count": -1}]}, {"x": 1}],
)
def test_a_log_that_says_nothing_sound_is_refused(duty, wrong):
    assert duty.walker.post(f"{duty.path}/log", LOG | wrong).status_code == 422
