"""Simulations over HTTP: asked for by rate admins, answered at once, seen when they are done."""

from datetime import UTC, datetime, timedelta

import pytest
from shop_world import Shop

from fixtures.factories import RATES, put_card
from insights import jobs
from people import Actor, Held, Role
from tests.worked import work

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
WEEK = {"since": "2026-03-02T00:00:00Z", "until": "2026-03-09T00:00:00Z"}


@pytest.fixture
def shop(app):
    return Shop(app)


@pytest.fixture
def admin(shop):
    return shop.caller(Role.RATE_ADMIN, shop.district)


@pytest.fixture
def card(shop, admin):
    held = (Held(Role.RATE_ADMIN, shop.district.id),)
    since = datetime(2020, 1, 1, tzinfo=UTC)
    by = Actor(admin.person_id, roles=held)
    return put_card(shop.district.id, since, RATES, fen_per_10000_coins=20_000, by=by)


def test_it_is_asked_for_worked_out_and_seen(shop, admin, card):
    volunteer = shop.resident()
    work(volunteer.person_id, shop.district, starts_at=MONDAY, coins=90)
    asked = admin.post(f"/rate-cards/{card.id}/simulations", WEEK, key="simulate-0001")
    assert asked.status_code == 202, asked.json
    assert (asked.json["state"], asked.json["card_version"]) == ("queued", card.version)
    waiting = admin.get(f"/simulations/{asked.json['id']}").json
    assert (waiting["state"], waiting["result"]) == ("queued", None)
    jobs.run_simulation(asked.json["id"])
    told = admin.get(f"/simulations/{asked.json['id']}").json
    assert (told["state"], told["done"], told["total"]) == ("done", 1, 1)
    report = told["result"]
    assert (report["paid"], report["drafted"]) == (90, 100)
    assert report["units"][0]["name"] == "鼓楼区"
    assert report["top"]["people"][0]["person_id"] == volunteer.person_id
    assert "nickname" in report["people"]["largest_gains"][0]
    again = admin.post(f"/rate-cards/{card.id}/simulations", WEEK, key="simulate-0001")
    assert (again.status_code, again.json["state"]) == (202, "done")
    listed = admin.get(f"/rate-cards/{card.id}/simulations").json
    assert [one["id"] for one in listed["items"]] == [told["id"]]
    assert listed["next_cursor"] is None


def test_nobody_and_others_are_turned_away(app, shop, admin, card):
    path = f"/rate-cards/{card.id}/simulations"
    asked = admin.post(path, WEEK).json
    client = app.test_client()
    assert client.post(f"/api/v1{path}", json=WEEK).status_code == 401
    assert client.get(f"/api/v1/simulations/{asked['id']}").status_code == 401
    for other in (shop.officer, shop.resident()):
        assert other.post(path, WEEK).status_code == 403
        assert other.get(path).status_code == 403
        assert other.get(f"/simulations/{asked['id']}").status_code == 403
    stranger = shop.caller(Role.RATE_ADMIN, shop.point)
    assert stranger.post(path, WEEK).status_code == 403
    assert stranger.get(f"/simulations/{asked['id']}").status_code == 404


def test_refusals_say_what_is_wrong(admin, card):
    path = f"/rate-cards/{card.id}/simulations"
    backwards = {"since": WEEK["until"], "until": WEEK["since"]}
    refused = admin.post(path, backwards)
    assert (refused.status_code, refused.json["code"]) == (422, "BadSimulationSpan")
    ahead = {**WEEK, "until": (datetime.now(UTC) + timedelta(days=1)).isoformat()}
    assert admin.post(path, ahead).status_code == 422
    assert admin.post(path, {}).status_code == 422
    admin.post(path, WEEK, key="simulate-0001")
    other = {**WEEK, "since": "2026-03-03T00:00:00Z"}
    reused = admin.post(path, other, key="simulate-0001")
    assert (reused.status_code, reused.json["code"]) == (409, "SimulationKeyReused")
    assert admin.post("/rate-cards/nothing/simulations", WEEK).status_code == 404
    assert admin.get("/simulations/nothing").json["code"] == "SimulationNotFound"
