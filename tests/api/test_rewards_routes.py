"""Rewards over HTTP: officers offer, everybody looks, residents order."""

import pytest
from shop_world import TERMS, Shop

from ledger import balance_of, wallet

NOWHERE = "0" * 24


@pytest.fixture
def shop(app):
    return Shop(app)


def draft(shop, **terms):
    return {"unit_id": shop.district.id, **TERMS, **terms}


def test_a_reward_is_drafted_stocked_offered_seen_and_withdrawn(shop):
    answer = shop.officer.post("/rewards", draft(shop))
    assert (answer.status_code, answer.json["state"]) == (201, "draft")
    path = f"/rewards/{answer.json['id']}"
    resident = shop.resident()
    assert resident.get(path).status_code == 404
    assert shop.officer.get(path).json["title_en"] == "Laundry liquid"
    stock = shop.officer.put(f"{path}/stocks/{shop.point.id}", {"supplied": 5})
    assert (stock.json["supplied"], stock.json["available"]) == (5, 5)
    assert shop.officer.post(f"{path}/offer").json["state"] == "offered"
    shown = resident.get(path)
    assert shown.json["stocks"][0]["available"] == 5
    assert shown.json["stocks"][0]["point"]["address"] == "鼓西路 1 号"
    assert shop.officer.post(f"{path}/withdrawal").json["state"] == "withdrawn"
    assert resident.get("/rewards").json["items"] == []


def test_the_same_key_drafts_once(shop):
    answers = [shop.officer.post("/rewards", draft(shop), key="draft-0001") for _ in range(2)]
    assert answers[0].json == answers[1].json
    other = shop.officer.post("/rewards", draft(shop, price=7), key="draft-0001")
    assert (other.status_code, other.json["code"]) == (409, "DraftKeyUsed")


def test_who_may_call_what(shop):
    reward_id, resident = shop.offered(), shop.resident(100)
    nobody = type(resident)(shop.app, "", "")
    officers_only = [
        ("POST", "/rewards", draft(shop)),
        ("PATCH", f"/rewards/{reward_id}", {"price": 1}),
        ("POST", f"/rewards/{reward_id}/offer", None),
        ("POST", f"/rewards/{reward_id}/recall", None),
        ("PUT", f"/rewards/{reward_id}/stocks/{shop.point.id}", {"supplied": 11}),
        ("POST", f"/rewards/{reward_id}/withdrawal", None),
    ]
    anybody = [
        ("GET", "/rewards", None),
        ("GET", f"/rewards/{reward_id}", None),
        ("POST", f"/rewards/{reward_id}/orders", {"point_id": shop.point.id}),
    ]
    for method, path, body in officers_only + anybody:
        assert nobody.call(method, path, json=body).status_code == 401, path
    for method, path, body in officers_only:
        assert resident.call(method, path, json=body).status_code == 403, path
        assert shop.clerk.call(method, path, json=body).status_code == 403, path
    for method, path, body in anybody:
        assert resident.call(method, path, json=body).status_code in (200, 201), path


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price", 0),
        ("price", 1.5),
        ("price", "100"),
        ("price", True),
        ("price", 10**18),
        ("price", -1),
        ("validity_days", None),
        ("cost_fen", 0),
        ("per_day_limit", 0),
        ("buyers", {"roles": ["king"]}),
        ("buyers", {"unit_id": NOWHERE}),
        ("buyers", []),
        ("on_sale_from", "2030-01-01T00:00:00"),
        ("on_sale_until", "2020-01-01T00:00:00Z"),
        ("sale_hours", [{"weekdays": [8], "from_minute": 0, "until_minute": 1}]),
        ("sale_hours", [{"weekdays": [1], "from_minute": 9, "until_minute": 9}]),
        ("expiry_rule", "burnt"),
        ("refund_days", 91),
        ("can_be_gifted", "yes"),
        ("provider_id", "sample"),
        ("title", ""),
        ("title", "  "),
        ("title", ["x"]),
        ("kind", "money"),
        ("unit_id", "here"),
        ("surprise", 1),
    ],
)
def test_a_draft_that_cannot_be_meant_names_its_field(shop, field, value):
    answer = shop.officer.post("/rewards", draft(shop, **{field: value}))
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert [path for path in answer.json["errors"] if path.split(".")[0] == field]


def test_the_list_tells_distances_in_the_callers_datum(shop):
    shop.offered()
    resident = shop.resident()
    wgs = resident.get("/rewards", lat=26.09, lon=119.29, datum="wgs84").json
    assert wgs["items"][0]["stocks"][0]["distance_m"] == pytest.approx(0, abs=0.1)
    gcj = resident.get("/rewards", lat=26.09, lon=119.29, datum="gcj02").json
    assert gcj["items"][0]["stocks"][0]["distance_m"] > 300
    assert resident.get("/rewards").json["items"][0]["stocks"][0]["distance_m"] is None


@pytest.mark.parametrize(
    "query",
    [
        {"lat": 26},
        {"lat": 26, "lon": 119},
        {"datum": "wgs84"},
        {"lat": "nan", "lon": 119, "datum": "wgs84"},
        {"lat": 26, "lon": "inf", "datum": "wgs84"},
        {"lat": 91, "lon": 119, "datum": "wgs84"},
        {"lat": 26, "lon": 119, "datum": "mars"},
        {"limit": 0},
        {"limit": 1000},
        {"cursor": "%%%"},
        {"point_id": "x"},
        {"colour": "red"},
    ],
)
def test_a_list_asked_for_wrongly_is_refused(shop, query):
    answer = shop.resident().get("/rewards", **query)
    assert answer.status_code == 422
    assert answer.json["errors"]


def test_the_list_pages_by_cursor_and_filters_by_point(shop):
    made = [shop.offered() for _ in range(3)]
    resident = shop.resident()
    first = resident.get("/rewards", limit=2, point_id=shop.point.id).json
    rest = resident.get(
        "/rewards", limit=2, point_id=shop.point.id, cursor=first["next_cursor"]
    ).json
    assert [reward["id"] for reward in first["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None
    assert resident.get("/rewards", point_id=shop.far_point.id).json["items"] == []


def test_a_stock_is_a_whole_number_at_a_redemption_point(shop):
    path = f"/rewards/{shop.offered()}/stocks"
    for supplied in (-1, 1.5, "7", None):
        answer = shop.officer.put(f"{path}/{shop.point.id}", {"supplied": supplied})
        assert answer.status_code == 422
    not_a_point = shop.officer.put(f"{path}/{shop.district.id}", {"supplied": 1})
    assert (not_a_point.status_code, not_a_point.json["code"]) == (422, "NotARedemptionPoint")
    assert shop.officer.put(f"{path}/{NOWHERE}", {"supplied": 1}).status_code == 404


def test_an_order_answers_a_voucher_with_its_code_and_repeats_the_same(shop):
    resident = shop.resident(250)
    path, body = f"/rewards/{shop.offered()}/orders", {"point_id": shop.point.id}
    first, again = (resident.post(path, body, key="order-0001") for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json == again.json
    assert len(first.json["code"].split("-")) == 6
    assert (first.json["state"], first.json["price"]) == ("issued", 100)
    assert first.json["reward"]["title"] == "洗衣液"
    assert balance_of(wallet(resident.person_id)) == 150
    elsewhere = resident.post(path, {"point_id": shop.far_point.id}, key="order-0001")
    assert (elsewhere.status_code, elsewhere.json["code"]) == (409, "OrderKeyUsed")


def test_an_order_needs_an_idempotency_key(shop):
    resident = shop.resident(100)
    path, body = f"/rewards/{shop.offered()}/orders", {"point_id": shop.point.id}
    for key in ("short", "with space in it", "x" * 101):
        answer = resident.post(path, body, key=key)
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["Idempotency-Key"])
    assert balance_of(wallet(resident.person_id)) == 100


def test_every_refusal_of_an_order_says_why(shop):
    body = {"point_id": shop.point.id}
    poor = shop.resident(30).post(f"/rewards/{shop.offered()}/orders", body)
    assert (poor.status_code, poor.json["code"]) == (409, "InsufficientCoins")
    assert (poor.json["facts"]["available"], poor.json["facts"]["needed"]) == (30, 100)
    rich = shop.resident(1000)
    none_left = rich.post(f"/rewards/{shop.offered(supplied=0)}/orders", body)
    assert (none_left.status_code, none_left.json["code"]) == (409, "OutOfStock")
    elsewhere = rich.post(f"/rewards/{shop.offered()}/orders", {"point_id": shop.far_point.id})
    assert (elsewhere.status_code, elsewhere.json["code"]) == (409, "NotAtThisPoint")
    unknown = rich.post(f"/rewards/{NOWHERE}/orders", body)
    assert (unknown.status_code, unknown.json["code"]) == (404, "RewardNotFound")
    limited = f"/rewards/{shop.offered(per_person_limit=1)}/orders"
    assert rich.post(limited, body).status_code == 201
    second = rich.post(limited, body)
    assert (second.status_code, second.json["code"]) == (409, "LimitReached")


# ---- drafts, launches, who may buy


def test_a_draft_is_read_changed_and_read_again_with_every_term(shop):
    terms = {
        "kind": "coupon",
        "price": 0,
        "cost_fen": 900,
        "per_day_limit": 2,
        "buyers": {"least_level": 3, "groups": ["茶艺队"], "unit_id": shop.district.id},
        "on_sale_from": "2090-01-01T00:00:00+00:00",
        "sale_hours": [{"weekdays": [6, 7], "from_minute": 540, "until_minute": 1_080}],
        "cancel_hours": 24,
        "refund_days": 7,
        "expiry_rule": "forfeits",
        "can_be_gifted": False,
    }
    drafted = shop.officer.post("/rewards", draft(shop, **terms)).json
    for name, said in terms.items():
        if name != "buyers":
            assert drafted[name] == said, name
    assert drafted["buyers"] == {**terms["buyers"], "trades": [], "roles": []}
    changes = {"price": 80, "buyers": None, "on_sale_from": None, "sale_hours": []}
    path = f"/rewards/{drafted['id']}"
    changed = patch(shop.officer, path, changes, version=1)
    assert changed.status_code == 200, changed.json
    assert changed.json == {**drafted, **changes, "version": 2, "opens_at": None}
    stale = patch(shop.officer, path, changes, version=1)
    assert (stale.status_code, stale.json["code"]) == (409, "RewardChanged")
    for refused in ({"kind": "goods"}, {"unit_id": shop.district.id}, {"title": None}):
        assert patch(shop.officer, path, refused, version=2).status_code == 422


def patch(caller, path, changes, *, version):
    headers = {"Authorization": f"Bearer {caller.token}", "If-Match": str(version)}
    return caller.app.test_client().patch(f"/api/v1{path}", json=changes, headers=headers)


def test_a_launch_is_announced_and_says_when_it_opens(shop):
    drafted = shop.officer.post("/rewards", draft(shop)).json
    path, opens_at = f"/rewards/{drafted['id']}", "2090-01-01T00:00:00+00:00"
    nothing = shop.officer.post(f"{path}/offer", {"on_sale_from": opens_at})
    assert (nothing.status_code, nothing.json["code"]) == (409, "NothingToHandOver")
    shop.supply(drafted["id"], 5)
    assert shop.officer.post(f"{path}/offer", {"on_sale_from": opens_at}).json["state"] == "offered"
    resident = shop.resident(500)
    (shown,) = resident.get("/rewards").json["items"]
    assert (shown["opens_at"], shown["may_order"]) == (opens_at, False)
    assert shown["why_not"]["code"] == "NotYetOnSale"
    early = resident.post(f"{path}/orders", {"point_id": shop.point.id})
    assert (early.status_code, early.json["code"]) == (409, "NotYetOnSale")
    assert early.json["facts"]["opens_local"] == "2090-01-01 08:00"
    assert early.json["detail"] == shown["why_not"]["detail"]


def test_who_may_not_buy_reads_why_in_their_language(shop):
    reward_id = shop.offered(buyers={"least_level": 3})
    resident = shop.resident(500)
    (shown,) = resident.get("/rewards").json["items"]
    assert shown["why_not"] == {
        "code": "BuyerLevelTooLow",
        "detail": "This reward is from level 3 on; you are at level 0.",
    }
    refused = resident.post(f"/rewards/{reward_id}/orders", {"point_id": shop.point.id})
    assert (refused.status_code, refused.json["code"]) == (409, "BuyerLevelTooLow")


def test_who_may_buy_reads_what_is_left_and_whether_they_may(shop):
    reward_id = shop.offered(supplied=3)
    shown = shop.resident(100).get(f"/rewards/{reward_id}").json
    assert (shown["may_order"], shown["why_not"], shown["available"]) == (True, None, 3)
    assert shop.officer.post(f"/rewards/{reward_id}/offer").json["may_order"] is None


def test_the_list_is_asked_for_a_kind_and_for_what_the_coins_pay(shop):
    cheap, dear = shop.offered(price=50), shop.offered(price=500, kind="coupon")
    resident = shop.resident(100)

    def listed(**query):
        return [item["id"] for item in resident.get("/rewards", **query).json["items"]]

    assert listed() == [dear, cheap]
    assert listed(affordable="true") == [cheap]
    assert listed(kind="coupon") == [dear]


def test_officers_list_their_drafts_and_nobody_else_does(shop):
    drafted = shop.officer.post("/rewards", draft(shop)).json["id"]
    query = {"state": "draft", "unit_id": shop.district.id}
    assert [one["id"] for one in shop.officer.get("/rewards", **query).json["items"]] == [drafted]
    for caller in (shop.clerk, shop.resident()):
        assert caller.get("/rewards", **query).status_code == 403
    assert shop.officer.get("/rewards", **{**query, "unit_id": NOWHERE}).status_code == 404
    for wrong in ({"state": "draft"}, {**query, "affordable": "true"}, {**query, "state": "x"}):
        assert shop.officer.get("/rewards", **wrong).status_code == 422


def test_an_order_may_leave_the_point_out_where_one_carries_it(shop):
    reward_id, resident = shop.offered(), shop.resident(100)
    answer = resident.post(f"/rewards/{reward_id}/orders", {})
    assert (answer.status_code, answer.json["point"]["id"]) == (201, shop.point.id)


def test_a_recalled_reward_gives_back_what_was_not_handed_over(shop):
    reward_id, resident = shop.offered(), shop.resident(100)
    resident.post(f"/rewards/{reward_id}/orders", {"point_id": shop.point.id})
    for given_back in (1, 0):
        answer = shop.officer.post(f"/rewards/{reward_id}/recall")
        assert (answer.status_code, answer.json) == (201, {"given_back": given_back})
    assert balance_of(wallet(resident.person_id)) == 100
    assert resident.get(f"/rewards/{reward_id}").json["state"] == "withdrawn"


def test_a_stock_says_when_it_is_low(shop):
    path = f"/rewards/{shop.offered()}/stocks/{shop.point.id}"
    assert shop.officer.put(path, {"supplied": 9, "low_at": 2}).json["low_at"] == 2
    assert shop.officer.put(path, {"supplied": 9}).json["low_at"] == 2
    assert shop.officer.put(path, {"supplied": 9, "low_at": None}).json["low_at"] is None
