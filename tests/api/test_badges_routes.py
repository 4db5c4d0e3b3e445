"""Badges over HTTP: who reads, puts, gives, revokes and hides, and what each is answered."""

from datetime import timedelta

import pytest
from city_world import Caller

from api.signing_in import tokens_for
from fixtures.factories import a_resident, a_town, staff
from honours import recount_person
from people import Role
from shared.clock import now
from tests.worked import work

CONTENT = {
    "name": {"en": "River friend", "zh": "河道之友"},
    "words": {"en": "For ten walks.", "zh": "巡河十次。"},
    "rule": {"rule": "threshold", "measure": "hours", "kind": "patrol", "at_least": 10},
    "why": "试行",
}


@pytest.fixture
def callers(app):
    """Callers by name, in the smallest town."""
    town = a_town()
    actors = {
        "resident": a_resident(home=town.street),
        "neighbour": a_resident(home=town.street),
        "officer": staff(Role.CENTRE_OFFICER, at=town.street),
        "admin": staff(Role.ADMIN, at=town.city),
        "rates": staff(Role.RATE_ADMIN, at=town.district),
    }
    with app.app_context():
        made = {
            name: Caller(app, tokens_for(one.person_id, one.session_id, 1))
            for name, one in actors.items()
        }
    made["nobody"] = Caller(app)
    work(actors["resident"], town.street, starts_at=now() - timedelta(hours=5), hours=2.5)
    recount_person(actors["resident"].person_id)
    return made


def put(caller, badge_id="river_friend", version=0, **changes):
    return caller.call(
        "PUT", f"/badges/{badge_id}", CONTENT | changes, **{"If-Match": str(version)}
    )


def by_id(answer):
    assert answer.status_code == 200, answer.json
    return {one["id"]: one for one in answer.json["items"]}


def test_everybody_signed_in_reads_the_badges_with_their_own_progress(callers):
    assert callers["nobody"].get("/badges").status_code == 401
    own = by_id(callers["resident"].get("/badges"))
    assert (own["hundred_hours"]["have"], own["hundred_hours"]["need"]) == (2.5, 100)
    assert own["hundred_hours"]["held"] is None
    assert own["first_duty"]["held"]["state"] == "held"
    assert own["first_duty"]["name"] == {"en": "First duty", "zh": "初次上岗"}
    assert by_id(callers["neighbour"].get("/badges"))["first_duty"]["held"] is None
    one = callers["resident"].get("/badges/first_duty")
    assert (one.status_code, one.json) == (200, own["first_duty"])
    missing = callers["resident"].get("/badges/nothing")
    assert (missing.status_code, missing.json["code"]) == (404, "BadgeNotFound")


def test_admins_of_the_city_put_versions_from_the_one_they_saw(callers):
    assert put(callers["nobody"]).status_code == 401
    assert put(callers["officer"]).status_code == 403
    assert put(callers["rates"]).status_code == 403  # of a district only
    made = put(callers["admin"])
    assert (made.status_code, made.json["version"], made.json["rule"]) == (200, 1, CONTENT["rule"])
    assert put(callers["admin"]).json["version"] == 1
    late = put(callers["admin"], why="另一个")
    assert (late.status_code, late.json["code"], late.json["facts"]) == (
        409,
        "BadgeChanged",
        {"version": 1},
    )
    assert put(callers["admin"], version=1, active=False).json["active"] is False
    assert "river_friend" not in by_id(callers["resident"].get("/badges"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rule": {"rule": "luck"}}, "rule.rule"),
        ({"rule": {"rule": "threshold", "measure": "hours"}}, "rule.at_least"),
        ({"rule": {"rule": "set", "of": "kinds", "names": ["juggling"]}}, "rule.names.0"),
        ({"rule": {"rule": "by_hand", "kind": "patrol"}}, "rule.kind"),
        ({"name": {"en": "x"}}, "name.zh"),
        ({"why": " "}, "why"),
    ],
)
def test_what_cannot_be_meant_is_answered_with_its_field(callers, changes, field):
    answer = put(callers["admin"], **changes)
    assert answer.status_code == 422
    assert field in answer.json["errors"]


def test_an_officer_gives_by_hand_and_an_admin_revokes(callers):
    person_id = callers["resident"].person_id
    given = {"badge_id": "good_neighbour", "why": "热心帮助邻居"}
    path = f"/people/{person_id}/badges"
    assert callers["nobody"].post(path, given).status_code == 401
    assert callers["neighbour"].post(path, given).status_code == 403
    answer = callers["officer"].post(path, given)
    assert (answer.status_code, answer.json["given_words"]) == (201, given["why"])
    assert callers["officer"].post(path, given).json == answer.json
    by_work = callers["officer"].post(path, given | {"badge_id": "hundred_hours"})
    assert (by_work.status_code, by_work.json["code"]) == (409, "BadgeNotByHand")
    assert callers["officer"].post(f"{path}/revocation", given).status_code == 403
    revoked = callers["admin"].post(f"{path}/revocation", given | {"why": "有误"})
    assert (revoked.status_code, revoked.json["state"]) == (200, "revoked")
    assert (revoked.json["why"], revoked.json["revoked_at"] is None) == ("有误", False)
    refused = callers["officer"].post(path, given)
    assert (refused.status_code, refused.json["code"]) == (409, "BadgeWasRevoked")
    unknown = callers["officer"].post(f"/people/{'0' * 24}/badges", given)
    assert (unknown.status_code, unknown.json["code"]) == (404, "PersonNotFound")


def test_one_hides_a_badge_from_others_and_not_from_oneself(callers):
    resident = callers["resident"]
    path = f"/people/{resident.person_id}/badges"
    assert set(by_id(callers["neighbour"].get(path))) == {"first_duty", "pioneer"}
    hidden = resident.call("PUT", "/me/badges/pioneer", {"hidden": True})
    assert (hidden.status_code, hidden.json["hidden"]) == (200, True)
    assert set(by_id(callers["neighbour"].get(path))) == {"first_duty"}
    assert set(by_id(resident.get("/me/badges"))) == {"first_duty", "pioneer"}
    assert set(by_id(callers["officer"].get(path))) == {"first_duty", "pioneer"}
    missing = resident.call("PUT", "/me/badges/pillar", {"hidden": True})
    assert (missing.status_code, missing.json["code"]) == (404, "BadgeNotHeld")
    assert callers["nobody"].get(path).status_code == 401
