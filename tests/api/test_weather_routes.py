"""Weather warnings over HTTP: declaring, listing, ending, and who may."""

from datetime import timedelta

import pytest
from shop_world import Shop

from people import Role
from shared.clock import now

HOUR = timedelta(hours=1)


@pytest.fixture
def shop(app):
    return Shop(app)


def body(**more):
    begins = now() + HOUR
    said = {"occasion": "heat", "starts_at": begins, "ends_at": begins + 6 * HOUR, **more}
    said = {name: getattr(one, "isoformat", lambda one=one: one)() for name, one in said.items()}
    return {"why": "气象台高温橙色预警", **said}


def path(shop):
    return f"/units/{shop.district.id}/weather-warnings"


def test_a_warning_is_declared_once_for_its_key_and_ended(shop):
    said = body()
    first = shop.officer.post(path(shop), said, key="warning-0001")
    again = shop.officer.post(path(shop), said, key="warning-0001")
    assert (first.status_code, first.json["occasion"]) == (201, "heat")
    assert again.json["id"] == first.json["id"]
    other = shop.officer.post(path(shop), body(occasion="storm"), key="warning-0001")
    assert (other.status_code, other.json["code"]) == (409, "WarningKeyUsed")
    ended = shop.officer.post(f"/weather-warnings/{first.json['id']}/ending", {"why": "已降雨"})
    assert (ended.status_code, ended.json["withdrawn_by"]) == (201, shop.officer.person_id)
    listed = shop.officer.get(path(shop)).json
    assert [one["id"] for one in listed["items"]] == [first.json["id"]]
    assert listed["next_cursor"] is None


def test_what_cannot_be_is_refused_with_its_field(shop):
    bodies = {
        "occasion": body(occasion="night"),
        "why": body(why=" "),
        "ends_at": body(ends_at=now() - HOUR),
        "starts_at": body(starts_at=now() - 50 * HOUR),
    }
    for field, wrong in bodies.items():
        answer = shop.officer.post(path(shop), wrong)
        assert answer.status_code == 422, field
        assert field in answer.json["errors"]


def test_who_may_and_who_may_not(shop):
    auditor = shop.caller(Role.AUDITOR, shop.district)
    keeper = shop.caller(Role.RATE_ADMIN, shop.district)
    made = keeper.post(path(shop), body())
    assert made.status_code == 201
    assert auditor.get(path(shop)).status_code == 200
    assert auditor.post(path(shop), body()).status_code == 403
    for outsider in (shop.clerk, shop.resident()):
        assert outsider.get(path(shop)).status_code == 403
        assert outsider.post(path(shop), body()).status_code == 403
    unknown = f"/weather-warnings/{'0' * 24}/ending"
    assert keeper.post(unknown, {"why": "x"}).status_code == 404
