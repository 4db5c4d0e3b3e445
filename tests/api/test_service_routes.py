"""The volunteer's page, the unit's page and frozen weeks, over HTTP."""

from datetime import timedelta

import pytest
from duty_world import Caller

from fixtures.factories import a_resident, a_town
from honours import recount_person
from honours.calendar_weeks import week_later, week_of
from honours.counting_units import count_unit
from honours.levels.streak_freezes import business_day
from shared.clock import now
from shared.ids import new_id
from tests.worked import work


@pytest.fixture
def town(app):
    return a_town()


@pytest.fixture
def volunteer(app, town):
    return Caller(app, a_resident())


def test_a_volunteers_page_is_their_own(app, town, volunteer):
    assert Caller(app).get("/me/service").status_code == 401
    empty = volunteer.get("/me/service").json
    assert (empty["hours"], empty["level"], empty["counted_at"]) == (0.0, 0, None)
    assert empty["next_level"]["missing_s"] == 3600
    for days in (1, 2):
        work(volunteer.actor, town.street, starts_at=now() - timedelta(days=days), km=days)
    recount_person(volunteer.actor.person_id)
    page = volunteer.get("/me/service").json
    assert (page["hours"], page["kilometres"], page["coins"], page["count"]) == (4.0, 3.0, 200, 2)
    assert (page["level"], page["level_name"]["zh"]) == (1, "热心邻里")
    assert page["next_level"]["level"] == 2
    assert page["streak"]["now"] >= 1
    assert page["freezes"]["left"] == 4
    assert page["bests"][0]["name"] == "longest_walk"
    assert page["kinds"][0]["kind"] == "patrol"
    assert any(one["state"] == "held" for one in page["badges"])
    assert isinstance(page["quests"], list)
    assert volunteer.get("/me/service").json["first_at"] < page["last_at"]
    assert Caller(app, a_resident()).get("/me/service").json["count"] == 0


def test_a_week_is_frozen_and_a_repeat_answers_the_same(app, town, volunteer):
    week = week_of(business_day())
    for _ in range(2):
        answer = volunteer.post("/me/streak-freezes", {"week": week})
        assert (answer.status_code, answer.json) == (201, {"weeks": [week]})
    assert volunteer.get("/me/service").json["freezes"] == {"weeks": [week], "left": 3, "most": 4}
    assert Caller(app).post("/me/streak-freezes", {"week": week}).status_code == 401


@pytest.mark.parametrize("week", ["2026-W60", "last", "", None, "2026-W4", "0000-W01"])
def test_what_is_no_week_is_refused_by_field(volunteer, week):
    answer = volunteer.post("/me/streak-freezes", {"week": week})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["week"])


def test_a_week_too_far_off_and_one_freeze_too_many_are_refused(volunteer):
    this = week_of(business_day())
    far = volunteer.post("/me/streak-freezes", {"week": week_later(this, -2)})
    assert (far.status_code, far.json["code"]) == (409, "WeekNotFreezable")
    codes = {
        volunteer.post("/me/streak-freezes", {"week": week_later(this, ahead)}).json.get("code")
        for ahead in range(13)
    }
    assert "NoFreezeLeft" in codes


def test_a_units_page_says_of_when_it_is_and_hides_the_few(app, town, volunteer):
    path = f"/units/{town.street.id}/service"
    assert Caller(app).get(path).status_code == 401
    first = volunteer.get(path).json
    assert (first["counted_at"], first["figures"]) == (None, None)
    people = [volunteer.actor, a_resident(), a_resident()]
    for person in people:
        work(person, town.street, starts_at=now() - timedelta(days=1))
    work(people[0], town.street, starts_at=now() - timedelta(days=40), kind="drill")
    count_unit(town.street.id)
    page = volunteer.get(path).json
    assert page["counted_at"] is not None
    assert (page["figures"]["total"]["count"], page["figures"]["total"]["people"]) == (4, 3)
    kinds = {one["kind"]: one["hidden"] for one in page["figures"]["kinds"]}
    assert kinds == {"patrol": True, "drill": True}
    assert page["commendations"] == []
    assert volunteer.get(f"/units/{new_id()}/service").json["code"] == "UnitNotFound"
