"""People over HTTP: masked, versioned, and roles that only an admin within reach gives."""

import pytest
from city_world import ID_NUMBER, PHONE, Caller, by_phone, district, founded

from people import UnitKind, unit_id_for

NOWHERE = "0" * 24
STAFF = {"login": "officer", "password": "a long enough one", "nickname": "网格中心"}


@pytest.fixture
def city(app):
    root, admin = founded(app)
    body = {"layer": "civil", "parent_id": root.id, "datum": "wgs84"}
    answer = admin.post("/territory-imports", {**body, "feature_collection": district()})
    assert answer.status_code == 201, answer.json
    return root, admin, unit_id_for(UnitKind.CIVIL, "350102")


def test_one_sees_oneself_masked(app):
    me = by_phone(app)
    real_name = {"real_name": "林小福", "id_number": ID_NUMBER}
    answer = me.post("/me/real-name", real_name)
    assert answer.status_code == 201
    shown = me.get("/me")
    assert (shown.json["phone"], shown.json["real_name"]) == ("138****8000", "林**")
    assert shown.json["is_real_name_known"] is True
    for one in (answer, shown):
        text = one.get_data(as_text=True)
        assert PHONE not in text
        assert ID_NUMBER not in text
        assert "林小福" not in text


def test_the_real_name_step_is_safe_to_repeat_and_refuses_other_content(app, city):
    _, _, district_id = city
    me = by_phone(app)
    body = {"real_name": "林小福", "id_number": ID_NUMBER, "home_unit_id": district_id}
    first, again = me.post("/me/real-name", body), me.post("/me/real-name", body)
    assert first.json == again.json
    assert [held["unit_id"] for held in first.json["memberships"]] == [district_id]
    other = me.post("/me/real-name", {**body, "real_name": "林大福"})
    assert (other.status_code, other.json["code"]) == (409, "RealNameRecorded")
    someone = by_phone(app, "13800138001").post("/me/real-name", body)
    assert (someone.status_code, someone.json["code"]) == (409, "IdNumberTaken")


def test_identity_numbers_are_not_asked_after_without_end(app):
    by_phone(app).post("/me/real-name", {"real_name": "林小福", "id_number": ID_NUMBER})
    prober = by_phone(app, "13800138001")
    body = {"real_name": "林小福", "id_number": ID_NUMBER}
    answers = [prober.post("/me/real-name", body) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [409] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_a_bad_identity_number_names_its_field(app):
    answer = by_phone(app).post("/me/real-name", {"real_name": "林小福", "id_number": "1" * 18})
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["id_number"]


def test_the_profile_changes_at_its_version(app):
    me = by_phone(app)
    change = {"nickname": "小福", "trade": "骑手", "serves_as": ["red_armband"]}
    answer = me.call("PATCH", "/me", change, **{"If-Match": "1"})
    assert (answer.status_code, answer.json["version"], answer.json["trade"]) == (200, 2, "骑手")
    stale = me.call("PATCH", "/me", {"nickname": "x"}, **{"If-Match": "1"})
    assert (stale.status_code, stale.json["code"]) == (409, "ProfileChanged")
    assert me.call("PATCH", "/me", {"nickname": "x"}).status_code == 422
    raised = me.call("PATCH", "/me", {"level": 9}, **{"If-Match": "2"})
    assert (raised.status_code, list(raised.json["errors"])) == (422, ["level"])


def test_the_recruiter_is_kept(app):
    recruiter = by_phone(app)
    newcomer = by_phone(app, "13800138001", recruited_by=recruiter.person_id)
    assert newcomer.get("/me").json["recruited_by"] == recruiter.person_id


def test_an_admin_adds_staff_who_can_sign_in(app, city):
    _, admin, district_id = city
    body = {**STAFF, "roles": [{"role": "centre_officer", "unit_id": district_id}]}
    added = admin.post("/people", body)
    assert added.status_code == 201
    assert added.json["memberships"][0]["role"] == "centre_officer"
    assert "password" not in added.get_data(as_text=True)
    again = admin.post("/people", body)
    assert (again.status_code, again.json["code"]) == (409, "LoginTaken")
    answer = Caller(app).post(
        "/staff-sessions", {"login": STAFF["login"], "password": STAFF["password"]}
    )
    officer = Caller(app, answer.json)
    assert officer.get("/me").json["nickname"] == STAFF["nickname"]
    assert officer.post("/people", body).status_code == 403


def test_sealed_data_is_opened_for_a_reason_and_the_trail_says_by_whom(app, city):
    _, admin, district_id = city
    me = by_phone(app)
    admin.post(f"/people/{me.person_id}/memberships", {"role": "clerk", "unit_id": district_id})
    path = f"/people/{me.person_id}"
    assert me.post(f"{path}/identity-openings", {"reason": "看看"}).status_code == 403
    assert admin.post(f"{path}/identity-openings", {"reason": " "}).status_code == 422
    opened = admin.post(f"{path}/identity-openings", {"reason": "申诉核实"})
    assert (opened.status_code, opened.json["phone"]) == (201, "+8613800138000")
    assert me.get(f"{path}/trail").status_code == 403
    first = admin.get(f"{path}/trail?limit=1").json
    assert (first["items"][0]["act"], first["items"][0]["reason"]) == ("seal_opened", "申诉核实")
    assert admin.get(f"/people/{NOWHERE}/trail").status_code == 404
    rest = admin.get(f"{path}/trail?cursor={first['next_cursor']}").json
    assert [record["act"] for record in rest["items"]] == ["role_granted"]


def test_roles_are_granted_and_revoked(app, city):
    _, admin, district_id = city
    me = by_phone(app)
    path = f"/people/{me.person_id}/memberships"
    body = {"role": "captain", "unit_id": district_id}
    first, again = admin.post(path, body), admin.post(path, body)
    assert (first.status_code, first.json) == (201, again.json)
    assert me.get("/me").json["memberships"][0]["role"] == "captain"
    for _ in range(2):
        assert admin.delete(f"{path}/{district_id}/captain").status_code == 204
    assert me.get("/me").json["memberships"] == []


def test_refusals_of_roles_are_problems(app, city):
    root, admin, district_id = city
    me = by_phone(app)
    body = {"role": "captain", "unit_id": district_id}
    path = f"/people/{me.person_id}/memberships"
    assert me.post(path, body).status_code == 403
    assert Caller(app).post(path, body).status_code == 401
    assert me.delete(f"{path}/{district_id}/captain").status_code == 403
    assert admin.post(path, {**body, "role": "emperor"}).status_code == 422
    assert admin.post(path, {**body, "unit_id": NOWHERE}).json["code"] == "UnitNotFound"
    assert admin.post(f"/people/{NOWHERE}/memberships", body).json["code"] == "PersonNotFound"
    assert admin.delete(f"{path}/{district_id}/emperor").status_code == 404
    last = admin.delete(f"/people/{admin.person_id}/memberships/{root.id}/admin")
    assert (last.status_code, last.json["code"]) == (409, "LastAdmin")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/me"), ("PATCH", "/me"), ("POST", "/me/real-name")]
)
def test_nobody_has_no_self(app, method, path):
    assert Caller(app).call(method, path, {}).status_code == 401
