"""Quests over HTTP: drafted, changed, opened, found with progress, withdrawn."""

from datetime import timedelta

import pytest
from city_world import Caller

from api.signing_in import tokens_for
from fixtures.factories import a_resident, a_town, staff
from honours import recount_person
from honours.quests.counting_quests import count_participants
from people import Role
from shared.clock import now
from shared.ids import new_id
from tests.worked import work


@pytest.fixture
def town():
    return a_town()


@pytest.fixture
def callers(app, town):
    """Callers by name, in the smallest town."""
    actors = {
        "resident": a_resident(home=town.street),
        "stranger": a_resident(),
        "officer": staff(Role.CENTRE_OFFICER, at=town.street),
        "clerk": staff(Role.CLERK, at=town.point),
        "auditor": staff(Role.AUDITOR, at=town.city),
    }
    with app.app_context():
        made = {
            name: Caller(app, tokens_for(one.person_id, one.session_id, 1))
            for name, one in actors.items()
        }
    return made | {"nobody": Caller(app)}


def content(**changes):
    return {
        "name": {"en": "Safe autumn", "zh": "平安金秋"},
        "words": {"en": "Two patrols.", "zh": "两次巡逻。"},
        "from_at": (now() - timedelta(days=1)).isoformat(),
        "until_at": (now() + timedelta(days=7)).isoformat(),
        "steps": [{"kind": "patrol", "times": 2}],
        "badge_id": "quest_done",
    } | changes


def draft(caller, town, key="", **changes):
    body = content(**changes) | {"unit_id": town.street.id}
    return caller.call("POST", "/quests", body, **{"Idempotency-Key": key or new_id()})


def test_only_officers_draft_and_a_repeat_makes_no_second_one(callers, town):
    assert draft(callers["nobody"], town).status_code == 401
    assert draft(callers["clerk"], town).status_code == 403
    assert draft(callers["resident"], town).status_code == 403
    moments = {name: content()[name] for name in ("from_at", "until_at")}
    first = draft(callers["officer"], town, "quest-0001", **moments)
    assert (first.status_code, first.json["phase"], first.json["version"]) == (201, "draft", 1)
    assert draft(callers["officer"], town, "quest-0001", **moments).json == first.json
    other = draft(callers["officer"], town, "quest-0001", steps=[{"times": 1}])
    assert (other.status_code, other.json["code"]) == (409, "QuestKeyUsed")
    keyless = callers["officer"].post("/quests", content() | {"unit_id": town.street.id})
    assert keyless.status_code == 422


def test_a_quest_is_changed_opened_taken_and_withdrawn(callers, town):
    officer, resident = callers["officer"], callers["resident"]
    path = f"/quests/{draft(officer, town).json['id']}"
    assert resident.get(path).status_code == 404
    assert resident.get("/quests").json["items"] == []
    changed = officer.call("PATCH", path, content(steps=[{"times": 1}]), **{"If-Match": "1"})
    assert (changed.status_code, changed.json["version"]) == (200, 2)
    assert changed.json["steps"] == [{"kind": "", "unit_id": town.street.id, "times": 1, "done": 0}]
    late = officer.call("PATCH", path, content(), **{"If-Match": "1"})
    assert (late.status_code, late.json["code"]) == (409, "QuestChanged")
    assert resident.post(f"{path}/opening").status_code == 403
    opened = officer.post(f"{path}/opening")
    assert (opened.status_code, opened.json["phase"]) == (200, "open")
    assert officer.post(f"{path}/opening").json == opened.json
    work(resident.person_id, town.street, starts_at=now() - timedelta(hours=4))
    recount_person(resident.person_id)
    count_participants()
    (seen,) = resident.get("/quests").json["items"]
    assert (seen["steps"][0]["done"], seen["completed_at"] is None) == (1, False)
    assert (seen["participants"], seen["completed"], seen["badge_id"]) == (1, 1, "quest_done")
    assert callers["stranger"].get("/quests").json["items"] == []
    (other,) = callers["stranger"].get(f"/quests?unit_id={town.street.id}").json["items"]
    assert (other["steps"][0]["done"], other["completed_at"]) == (0, None)
    assert resident.post(f"{path}/withdrawal", {"why": "雨"}).status_code == 403
    gone = officer.post(f"{path}/withdrawal", {"why": "台风"})
    assert (gone.status_code, gone.json["phase"], gone.json["why"]) == (200, "withdrawn", "台风")
    assert resident.get("/quests").json["items"] == []


def test_staff_see_all_of_a_unit_and_residents_do_not(callers, town):
    draft(callers["officer"], town)
    path = f"/units/{town.street.id}/quests"
    assert callers["nobody"].get(path).status_code == 401
    assert callers["resident"].get(path).status_code == 403
    for name in ("officer", "auditor"):
        assert [one["phase"] for one in callers[name].get(path).json["items"]] == ["draft"]
    unknown = callers["auditor"].get(f"/units/{'0' * 24}/quests")
    assert (unknown.status_code, unknown.json["code"]) == (404, "UnitNotFound")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"steps": []}, "steps"),
        ({"steps": [{"kind": "juggling", "times": 1}]}, "steps.0.kind"),
        ({"steps": [{"times": 1, "unit_id": "0" * 24}]}, "steps.0.unit_id"),
        ({"until_at": "2020-01-01T00:00:00Z"}, "until_at"),
        ({"badge_id": "first_duty"}, "badge_id"),
        ({"name": {"zh": "好"}}, "name.en"),
    ],
)
def test_what_cannot_be_meant_is_answered_with_its_field(callers, town, changes, field):
    answer = draft(callers["officer"], town, **changes)
    assert answer.status_code == 422
    assert field in answer.json["errors"]
