"""Vouchers over HTTP: the holder's list, giving away, exchanging, cancelling, refunds."""

import pytest
from shop_world import Shop

from catalog import live_qr
from ledger import balance_of, wallet
from people import Actor, card_of


@pytest.fixture
def shop(app):
    return Shop(app)


@pytest.fixture
def resident(shop):
    return shop.resident(100)


@pytest.fixture
def held(shop, resident):
    """A voucher as its owner was answered it."""
    return shop.ordered(resident)


def card(caller):
    return card_of(caller.person_id, by=Actor(caller.person_id)).text


def handed_over(shop, resident, voucher_id):
    qr = live_qr(voucher_id, by=Actor(resident.person_id)).text
    body = {"code": qr, "point_id": shop.point.id}
    assert shop.clerk.post("/voucher-scans", body).status_code == 201


def give(giver, voucher_id, to, **more):
    return giver.post(f"/vouchers/{voucher_id}/gift", {"card": card(to)}, **more)


def test_a_voucher_says_what_its_holder_may_expect(resident, held):
    seen = resident.get(f"/vouchers/{held['id']}").json
    assert seen == held
    assert (seen["state"], seen["kind"], seen["price"]) == ("issued", "goods", 100)
    assert (seen["can_be_cancelled"], seen["can_be_given"]) == (True, True)
    assert (seen["unused"], seen["is_award"], seen["is_given_away"]) == ("returns", False, False)
    nothing_yet = ("redeemed_at", "ended_at", "ended_reason", "gifted_at", "delivery")
    nothing_yet += ("refund_until", "substitutes", "substituted_by")
    assert {seen[name] for name in nothing_yet} == {None}


def test_cancelling_gives_the_coins_back_and_repeats_the_same(resident, held):
    path = f"/vouchers/{held['id']}/cancellation"
    first, again = resident.post(path), resident.post(path)
    assert (first.status_code, first.json["state"]) == (201, "cancelled")
    assert again.json == first.json
    assert balance_of(wallet(resident.person_id)) == 100


def test_a_handed_over_voucher_is_not_cancelled(shop, resident, held):
    handed_over(shop, resident, held["id"])
    answer = resident.post(f"/vouchers/{held['id']}/cancellation")
    assert (answer.status_code, answer.json["code"]) == (409, "VoucherAlreadyRedeemed")


def test_a_gift_answers_a_receipt_without_a_code_and_repeats_the_same(shop, resident, held):
    neighbour = shop.resident()
    first = give(resident, held["id"], neighbour, key="gift-0001")
    again = give(resident, held["id"], neighbour, key="gift-0001")
    assert (first.status_code, first.json["voucher_id"]) == (201, held["id"])
    assert again.json == first.json
    assert set(first.json) == {"voucher_id", "title", "title_en", "to_nickname", "gifted_at"}
    mine = resident.get(f"/vouchers/{held['id']}").json
    assert (mine["is_given_away"], mine["code"], mine["can_be_given"]) == (True, None, False)
    theirs = neighbour.get(f"/vouchers/{held['id']}").json
    assert (theirs["is_given_away"], theirs["unused"]) == (False, "gift")
    assert theirs["code"] not in (None, held["code"])
    assert resident.post(f"/vouchers/{held['id']}/cancellation").status_code == 404


def test_an_order_sent_again_after_the_gift_tells_the_giver_no_code(shop, resident):
    neighbour, path = shop.resident(), f"/rewards/{shop.offered()}/orders"
    body = {"point_id": shop.point.id}
    first = resident.post(path, body, key="order-0001").json
    assert give(resident, first["id"], neighbour).status_code == 201
    again = resident.post(path, body, key="order-0001")
    assert (again.status_code, again.json["id"]) == (201, first["id"])
    assert (again.json["code"], again.json["is_given_away"]) == (None, True)
    assert neighbour.get(f"/vouchers/{first['id']}").json["code"]
    for shown in ("qr", "qr.svg"):
        assert resident.get(f"/vouchers/{first['id']}/{shown}").status_code == 404


def test_no_cache_keeps_a_code(resident, held):
    for path in ("/me/vouchers", f"/vouchers/{held['id']}"):
        assert resident.get(path).headers["Cache-Control"] == "no-store"


def test_officers_find_what_was_handed_over_and_not_to_whom(shop, resident, held):
    handed_over(shop, resident, held["id"])
    path = f"/points/{shop.point.id}/hand-overs"
    (seen,) = shop.officer.get(path).json["items"]
    assert (seen["voucher_id"], seen["state"], seen["coins"]) == (held["id"], "redeemed", 100)
    assert (seen["reward"]["title_en"], seen["refund_until"]) == ("Laundry liquid", None)
    assert shop.officer.get(path, code=held["code"]).json["items"] == [seen]
    assert shop.officer.get(path, day="2026-01-01").json["items"] == []
    assert resident.person_id not in shop.officer.get(path).text
    wrong = shop.officer.get(path, code="ABC")
    assert (wrong.status_code, wrong.json["code"]) == (422, "CodeMistyped")
    for caller in (shop.clerk, resident):
        assert caller.get(path).status_code == 403


def test_every_refusal_of_a_gift_says_why(shop, resident, held):
    own = give(resident, held["id"], resident)
    assert (own.status_code, own.json["code"]) == (409, "GiftToOneself")
    unknown = resident.post(f"/vouchers/{held['id']}/gift", {"card": "no card"})
    assert (unknown.status_code, unknown.json["code"]) == (409, "UnknownCard")
    assert give(shop.resident(), held["id"], resident).status_code == 404
    for body in ({}, {"card": ""}, {"card": 5}, {"card": "x" * 201}, {"card": "x", "to": "y"}):
        assert resident.post(f"/vouchers/{held['id']}/gift", body).status_code == 422


def test_an_exchange_answers_the_new_voucher_and_names_the_old(shop, held, resident):
    cheaper = shop.offered(price=60)
    body = {"reward_id": cheaper, "point_id": shop.point.id}
    answer = resident.post(f"/vouchers/{held['id']}/substitution", body)
    assert (answer.status_code, answer.json["substitutes"]) == (201, held["id"])
    old = resident.get(f"/vouchers/{held['id']}").json
    assert (old["state"], old["substituted_by"]) == ("cancelled", answer.json["id"])
    assert balance_of(wallet(resident.person_id)) == 40


def test_a_refund_by_an_officer_tells_nothing_of_whose_it_was(shop, resident):
    path = f"/rewards/{shop.offered(refund_days=7)}/orders"
    voucher_id = resident.post(path, {"point_id": shop.point.id}).json["id"]
    handed_over(shop, resident, voucher_id)
    assert resident.get(f"/vouchers/{voucher_id}").json["refund_until"]
    body = {"reason": "goods_faulty", "restock": False}
    answer = shop.officer.post(f"/vouchers/{voucher_id}/refund", body)
    assert answer.status_code == 201
    assert (answer.json["state"], answer.json["coins"]) == ("refunded", 100)
    assert (answer.json["reason"], answer.json["restocked"]) == ("goods_faulty", False)
    assert resident.person_id not in answer.text
    assert balance_of(wallet(resident.person_id)) == 100
    for wrong in ({**body, "reason": "because"}, {"reason": "goods_faulty"}, {**body, "by": "x"}):
        assert shop.officer.post(f"/vouchers/{voucher_id}/refund", wrong).status_code == 422


def test_who_may_call_what(shop, resident, held):
    nobody = type(resident)(shop.app, "", "")
    others = [
        ("GET", f"/vouchers/{held['id']}", None),
        ("POST", f"/vouchers/{held['id']}/gift", {"card": card(shop.resident())}),
        ("POST", f"/vouchers/{held['id']}/cancellation", None),
    ]
    for method, path, body in others:
        sent = {} if body is None else {"json": body}
        assert nobody.call(method, path, **sent).status_code == 401, path
        assert shop.resident().call(method, path, **sent).status_code == 404, path
        assert shop.clerk.call(method, path, **sent).status_code == 404, path
    assert resident.call("POST", others[2][1]).status_code == 201
    assert nobody.get("/me/vouchers").status_code == 401
    refund = {"reason": "goods_faulty", "restock": False}
    for caller, status in ((nobody, 401), (resident, 403), (shop.clerk, 403), (shop.officer, 409)):
        assert caller.post(f"/vouchers/{held['id']}/refund", refund).status_code == status


def test_my_vouchers_are_mine_by_state_and_page_by_cursor(shop):
    resident, reward_id = shop.resident(300), shop.offered()
    body = {"point_id": shop.point.id}
    made = [resident.post(f"/rewards/{reward_id}/orders", body).json["id"] for _ in range(3)]
    shop.ordered(shop.resident(100))
    first = resident.get("/me/vouchers", limit=2).json
    rest = resident.get("/me/vouchers", limit=2, cursor=first["next_cursor"]).json
    assert [voucher["id"] for voucher in first["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None
    resident.post(f"/vouchers/{made[1]}/cancellation")
    cancelled = resident.get("/me/vouchers", state="cancelled").json["items"]
    assert [voucher["id"] for voucher in cancelled] == [made[1]]
    assert resident.get("/me/vouchers", cursor="not-ours").status_code == 422
    assert resident.get("/me/vouchers", state="lost").status_code == 422
