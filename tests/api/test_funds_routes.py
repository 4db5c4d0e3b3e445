"""Funds over HTTP: opened and granted by rate admins, read by officers, closed to others."""

import pytest
from shop_world import Shop

from people import Role

GRANT = {"year": 2026, "fen": 500_000, "authorisation": "榕鼓综治〔2026〕5 号"}


@pytest.fixture
def shop(app):
    return Shop(app)


@pytest.fixture
def admin(shop):
    return shop.caller(Role.RATE_ADMIN, shop.district)


@pytest.fixture
def terms(shop):
    return {"name": "safety", "unit_id": shop.district.id, "title": "平安建设经费"}


class TestWhoMayCall:
    def test_nobody_is_asked_to_sign_in(self, app):
        client = app.test_client()
        assert client.get("/api/v1/funds").status_code == 401
        assert client.get("/api/v1/funds/safety").status_code == 401
        assert client.post("/api/v1/funds", json={}).status_code == 401
        assert client.post("/api/v1/funds/safety/grants", json={}).status_code == 401

    def test_residents_and_rate_admins_of_another_unit_may_not(self, shop, admin, terms):
        admin.post("/funds", terms)
        resident, stranger = shop.resident(), shop.caller(Role.RATE_ADMIN, shop.point)
        for other in (resident, stranger):
            assert other.post("/funds", terms).status_code == 403
            assert other.post("/funds/safety/grants", GRANT).status_code == 403
            assert other.get("/funds/safety").status_code == 403
        assert resident.get("/funds").status_code == 403
        assert stranger.get("/funds").json["items"] == []

    def test_officers_read_and_grant_nothing(self, shop, admin, terms):
        admin.post("/funds", terms)
        assert shop.officer.get("/funds/safety").status_code == 200
        assert len(shop.officer.get("/funds").json["items"]) == 1
        assert shop.officer.post("/funds", terms).status_code == 403
        assert shop.officer.post("/funds/safety/grants", GRANT).status_code == 403


def test_a_fund_is_opened_granted_and_told(shop, admin, terms):
    opened = admin.post("/funds", terms)
    assert opened.status_code == 201, opened.json
    assert {name: opened.json[name] for name in terms} == terms
    again = admin.post("/funds", terms)
    assert (again.status_code, again.json) == (201, opened.json)
    granted = admin.post("/funds/safety/grants", GRANT, key="grant-0001")
    assert granted.status_code == 201, granted.json
    assert admin.post("/funds/safety/grants", GRANT, key="grant-0001").json == granted.json
    told = shop.officer.get("/funds/safety", year=2026).json
    assert (told["granted"], told["left"], len(told["grants"])) == (500_000, 500_000, 1)
    listed = shop.officer.get("/funds", year=2026).json
    assert [(each["fund"]["name"], each["left"]) for each in listed["items"]] == [
        ("safety", 500_000)
    ]


def test_refusals_say_what_is_wrong(shop, admin, terms):
    assert admin.get("/funds/nowhere").json["code"] == "FundNotFound"
    admin.post("/funds", terms)
    other = admin.post("/funds", {**terms, "title": "another"})
    assert (other.status_code, other.json["code"]) == (409, "FundExists")
    admin.post("/funds/safety/grants", GRANT, key="grant-0001")
    reused = admin.post("/funds/safety/grants", {**GRANT, "fen": 1}, key="grant-0001")
    assert (reused.status_code, reused.json["code"]) == (409, "GrantKeyReused")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"fen": 0}, "fen"),
        ({"fen": 1.5}, "fen"),
        ({"year": 1999}, "year"),
        ({"authorisation": "  "}, "authorisation"),
        ({"coins": 1}, "coins"),
    ],
)
def test_name_the_field_that_cannot_be_used(admin, terms, change, field):
    admin.post("/funds", terms)
    answer = admin.post("/funds/safety/grants", {**GRANT, **change})
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


@pytest.mark.parametrize("name", ["general", "Safety", "a b", ""])
def test_a_name_that_cannot_be_is_refused(admin, terms, name):
    answer = admin.post("/funds", {**terms, "name": name})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["name"])
