"""Redemption points over HTTP: near, open, carrying what; hours by their staff, counts decided."""

import pytest
from shop_world import Shop

from people import Role

HERE = {"lat": 26.09, "lon": 119.29, "datum": "wgs84"}
ALWAYS = [{"weekday": day, "from_minute": 0, "until_minute": 1_440} for day in range(1, 8)]


@pytest.fixture
def shop(app, prepared):
    return Shop(app)


def put_hours(shop, body, *, version=0, by=None):
    path = f"/points/{shop.point.id}/hours"
    headers = {"If-Match": str(version), "Authorization": f"Bearer {(by or shop.clerk).token}"}
    at = f"/api/v1{path}"
    return shop.app.test_client().put(at, json=body, headers={**headers, "Accept-Language": "en"})


def count(shop, reward_id, counted, by=None):
    body = {"reward_id": reward_id, "counted": counted}
    return (by or shop.clerk).post(f"/points/{shop.point.id}/stock-counts", body)


def test_points_come_nearest_first_with_distance_and_opening(shop):
    put_hours(shop, {"weekly": ALWAYS})
    answer = shop.resident().get("/points", **HERE)
    assert answer.status_code == 200
    near, far = answer.json["items"]
    assert (near["point"]["id"], near["distance_m"], near["is_open"]) == (shop.point.id, 0, True)
    assert (far["is_open"], far["opens_at"], far["hours"]) == (None, None, None)
    assert 3_000 < far["distance_m"] < 4_000
    open_now = shop.resident().get("/points", **HERE, open_now=True).json["items"]
    assert [one["point"]["id"] for one in open_now] == [shop.point.id]


def test_points_can_be_asked_for_one_reward(shop):
    found = shop.resident().get("/points", **HERE, reward_id=shop.offered()).json["items"]
    assert [one["point"]["id"] for one in found] == [shop.point.id]


def test_a_position_needs_its_datum(shop):
    assert shop.resident().get("/points", lat=26.09, lon=119.29).status_code == 422


def test_one_point_shows_hours_and_what_it_carries(shop):
    reward_id = shop.offered(supplied=7)
    answer = put_hours(shop, {"weekly": ALWAYS, "phone_number": "0591-87654321"})
    assert answer.status_code == 200, answer.json
    point = shop.resident().get(f"/points/{shop.point.id}").json
    assert point["found"]["hours"]["phone_number"] == "0591-87654321"
    assert point["found"]["hours"]["weekly"] == ALWAYS
    assert [(one["id"], one["available"]) for one in point["carries"]] == [(reward_id, 7)]
    assert shop.resident().get(f"/points/{shop.district.id}").status_code == 422


def test_hours_are_said_by_the_point_s_staff_with_the_version_seen(shop):
    assert put_hours(shop, {}, by=shop.far_clerk).status_code == 403
    assert put_hours(shop, {}, by=shop.resident()).status_code == 403
    assert put_hours(shop, {"weekly": ALWAYS}, by=shop.officer).status_code == 200
    stale = put_hours(shop, {"paused": True, "paused_reason": "x"})
    assert (stale.status_code, stale.json["code"]) == (409, "HoursChanged")


def test_a_paused_point_takes_no_orders_and_says_why(shop):
    reward_id, resident = shop.offered(), shop.resident(500)
    body = {"weekly": ALWAYS, "paused": True, "paused_reason": "Stocktaking"}
    assert put_hours(shop, body).status_code == 200
    order = resident.post(f"/rewards/{reward_id}/orders", {"point_id": shop.point.id})
    assert (order.status_code, order.json["code"]) == (409, "PointPaused")
    found = resident.get(f"/points/{shop.point.id}").json["found"]
    assert (found["is_open"], found["hours"]["paused_reason"]) == (False, "Stocktaking")


def test_hours_that_cannot_be_meant_are_refused(shop):
    backwards = {"weekly": [{"weekday": 1, "from_minute": 60, "until_minute": 60}]}
    answer = put_hours(shop, backwards)
    assert (answer.status_code, answer.json["code"]) == (422, "HoursInvalid")
    assert put_hours(shop, {"closed_days": ["2026-02-30"]}).status_code == 422


def test_a_count_that_differs_is_accepted_by_an_officer(shop):
    reward_id = shop.offered(supplied=10)
    made = count(shop, reward_id, 8)
    assert made.status_code == 201
    assert (made.json["expected"], made.json["difference"], made.json["state"]) == (10, -2, "open")
    path = f"/stock-counts/{made.json['id']}/acceptance"
    assert shop.clerk.post(path).status_code == 403
    assert shop.officer.post(path).json["state"] == "accepted"
    assert shop.officer.post(path).status_code == 201
    carried = shop.resident().get(f"/points/{shop.point.id}").json["carries"]
    assert [one["available"] for one in carried] == [8]
    (listed,) = shop.clerk.get(f"/points/{shop.point.id}/stock-counts").json["items"]
    assert (listed["id"], listed["state"]) == (made.json["id"], "accepted")


def test_a_count_is_dismissed_with_a_reason_and_never_by_the_counter(shop):
    reward_id = shop.offered(supplied=10)
    own = count(shop, reward_id, 8, by=shop.officer).json
    path = f"/stock-counts/{own['id']}/dismissal"
    assert shop.officer.post(path, {"reason": "mine"}).json["code"] == "OwnCount"
    other = shop.caller(Role.CENTRE_OFFICER, shop.district)
    assert other.post(path, {"reason": " "}).status_code == 422
    assert other.post(path, {"reason": "wrong shelf"}).json["reason"] == "wrong shelf"
    again = other.post(f"/stock-counts/{own['id']}/acceptance")
    assert (again.status_code, again.json["code"]) == (409, "CountDecided")


def test_counts_are_seen_and_made_by_the_point_s_staff_alone(shop):
    reward_id = shop.offered()
    for other in (shop.far_clerk, shop.resident()):
        assert count(shop, reward_id, 1, by=other).status_code == 403
        assert other.get(f"/points/{shop.point.id}/stock-counts").status_code == 403
