"""Webhooks over HTTP: made, tried, listed and removed by the city's admins, and by nobody else."""

import pytest
from shop_world import Shop

from people import Role

HOOK = {"url": "https://push.example.com/notices", "events": ["order_asked"]}


@pytest.fixture
def shop(app):
    return Shop(app)


@pytest.fixture
def admin(shop):
    # The district is the root of this shop's tree.
    return shop.caller(Role.ADMIN, shop.district)


def test_one_is_made_once_for_each_key_and_its_secret_shown_then_only(admin):
    made = [admin.post("/webhooks", HOOK, key="a-key-of-mine") for _ in range(2)]
    assert [one.status_code for one in made] == [201, 201]
    assert made[0].json == made[1].json
    assert len(made[0].json["secret"]) >= 40
    assert made[0].json["made_by"] == admin.person_id
    (listed,) = admin.get("/webhooks").json["items"]
    assert listed | {"secret": made[0].json["secret"]} == made[0].json
    answer = admin.post("/webhooks", HOOK | {"events": []}, key="a-key-of-mine")
    assert (answer.status_code, answer.json["code"]) == (409, "WebhookConflict")


def test_a_trial_is_made_once_for_each_key_and_listed(admin):
    hook_id = admin.post("/webhooks", HOOK).json["id"]
    tried = [admin.post(f"/webhooks/{hook_id}/trial", key="a-key-of-mine") for _ in range(2)]
    assert [one.status_code for one in tried] == [201, 201]
    assert tried[0].json["id"] == tried[1].json["id"]
    page = admin.get(f"/webhooks/{hook_id}/deliveries").json
    assert [one["id"] for one in page["items"]] == [tried[0].json["id"]]
    (delivery,) = page["items"]
    assert (delivery["notice_id"], delivery["state"], delivery["tries"]) == (None, "pending", 0)
    assert admin.get(f"/webhooks/{hook_id}/deliveries", state="sent").json["items"] == []


def test_removing_may_be_repeated_and_ends_it(admin):
    hook_id = admin.post("/webhooks", HOOK).json["id"]
    for _ in range(2):
        assert admin.call("DELETE", f"/webhooks/{hook_id}").status_code == 204
    assert admin.get("/webhooks").json == {"items": []}
    assert admin.get(f"/webhooks/{hook_id}/deliveries").status_code == 404
    assert admin.post(f"/webhooks/{hook_id}/trial").status_code == 404


def test_what_is_not_there_is_not_found(admin):
    missing = "/webhooks/" + "0" * 24
    answers = [
        admin.call("DELETE", missing),
        admin.get(f"{missing}/deliveries"),
        admin.post(f"{missing}/trial"),
    ]
    assert [(one.status_code, one.json["code"]) for one in answers] == [
        (404, "WebhookNotFound")
    ] * 3


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "http://push.example.com/"}, "url"),
        ({"url": "https://a:b@push.example.com/"}, "url"),
        ({"url": ""}, "url"),
        ({"url": 5}, "url"),
        ({"events": ["no_such"]}, "events.0"),
        ({"events": "order_asked"}, "events"),
        ({"secret": "mine"}, "secret"),
    ],
)
def test_a_webhook_that_cannot_be_is_refused(admin, change, field):
    answer = admin.post("/webhooks", HOOK | change)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]
    assert admin.get("/webhooks").json == {"items": []}


def test_admins_of_a_part_and_others_are_turned_away(shop, admin):
    hook_id = admin.post("/webhooks", HOOK).json["id"]
    for caller in (shop.officer, shop.clerk, shop.caller(Role.ADMIN, shop.point)):
        answers = [
            caller.get("/webhooks"),
            caller.post("/webhooks", HOOK),
            caller.call("DELETE", f"/webhooks/{hook_id}"),
            caller.get(f"/webhooks/{hook_id}/deliveries"),
            caller.post(f"/webhooks/{hook_id}/trial"),
        ]
        assert [one.status_code for one in answers] == [403] * 5
    assert len(admin.get("/webhooks").json["items"]) == 1
    assert shop.app.test_client().get("/api/v1/webhooks").status_code == 401
