"""Pools of codes over HTTP: the file in, the report out, and the ticket opened by its owner."""

import pytest
from shop_world import Shop

from people import Role
from shared.ids import new_id


@pytest.fixture
def shop(app):
    return Shop(app)


def film_of(shop, *lines, offered=True):
    terms = {"title": "电影票", "price": 100, "validity_days": 30, "kind": "ticket"}
    body = {"unit_id": shop.district.id, **terms}
    reward_id = shop.officer.post("/rewards", body).json["id"]
    if lines:
        answer = bring(shop, reward_id, *lines)
        assert answer.status_code == 201, answer.json
    if offered:
        shop.officer.post(f"/rewards/{reward_id}/offer")
    return reward_id


def bring(shop, reward_id, *lines, by=None, key=None, content_type="text/csv"):
    raw = "\r\n".join(["code,valid_until", *lines]).encode("utf-8-sig")
    return (by or shop.officer).call(
        "POST",
        f"/rewards/{reward_id}/codes",
        key=key,
        query_string={"point_id": shop.point.id},
        data=raw,
        content_type=content_type,
    )


def ordered(shop, reward_id, resident):
    answer = resident.post(f"/rewards/{reward_id}/orders", {"point_id": shop.point.id})
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def test_a_file_is_reported_line_by_line(shop):
    reward_id = film_of(shop, offered=False)
    answer = bring(shop, reward_id, "FILM-0001,2099-12-31", "FILM-0001,", "x,", "FILM-0002")
    assert answer.status_code == 201
    counted = {name: answer.json[name] for name in ("added", "duplicates", "bad", "available")}
    assert counted == {"added": 2, "duplicates": 1, "bad": 1, "available": 2}
    assert answer.json["flawed"] == [
        {"line": 3, "flaw": "duplicate"},
        {"line": 4, "flaw": "bad_code"},
    ]
    assert "FILM-0001" not in answer.text


def test_the_same_upload_again_answers_the_same(shop):
    reward_id, key = film_of(shop, offered=False), new_id()
    first = bring(shop, reward_id, "FILM-0001,", key=key)
    assert bring(shop, reward_id, "FILM-0001,", key=key).json == first.json
    again = bring(shop, reward_id, "FILM-0001,")
    assert (again.json["added"], again.json["duplicates"]) == (0, 1)


def test_what_is_no_csv_is_refused(shop):
    reward_id = film_of(shop, offered=False)
    assert bring(shop, reward_id, "FILM-0001,", content_type="application/json").status_code == 415
    path = f"/rewards/{reward_id}/codes"
    sent = {"query_string": {"point_id": shop.point.id}, "content_type": "text/csv"}
    no_header = shop.officer.call("POST", path, data=b"FILM-0001", **sent)
    assert (no_header.status_code, no_header.json["code"]) == (422, "CodeFileUnreadable")
    too_big = shop.officer.call("POST", path, data=b"x" * 2_000_001, **sent)
    assert too_big.status_code == 413
    no_point = shop.officer.call("POST", path, data=b"code", content_type="text/csv")
    assert no_point.status_code == 422


def test_officers_alone_bring_codes_and_see_the_counts(shop):
    reward_id = film_of(shop, "FILM-0001,2099-12-31", "FILM-0002,")
    path = f"/rewards/{reward_id}/codes"
    for other in (shop.clerk, shop.resident(), shop.caller(Role.ADMIN, shop.point)):
        assert bring(shop, reward_id, "FILM-0003,", by=other).status_code == 403
        assert other.get(path).status_code == 403
    (pool,) = shop.officer.get(path).json["items"]
    assert (pool["free"], pool["taken"], pool["point"]["id"]) == (2, 0, shop.point.id)
    assert pool["soonest_end"].startswith("2099-12-31T16:00:00")


def test_the_owner_opens_the_ticket_once_and_reads_it_ever_after(shop):
    resident = shop.resident(500)
    voucher_id = ordered(shop, film_of(shop, "FILM-0001,"), resident)
    path = f"/vouchers/{voucher_id}/opening"
    assert resident.get(path).status_code == 404
    opened = resident.post(path)
    assert (opened.status_code, opened.json["code"]) == (201, "FILM-0001")
    assert resident.post(path).json == opened.json == resident.get(path).json
    assert resident.get(f"/vouchers/{voucher_id}").json["state"] == "redeemed"
    cancelled = resident.post(f"/vouchers/{voucher_id}/cancellation")
    assert (cancelled.status_code, cancelled.json["code"]) == (409, "VoucherAlreadyRedeemed")


def test_others_neither_open_nor_read_it(shop):
    resident, other = shop.resident(500), shop.resident()
    path = f"/vouchers/{ordered(shop, film_of(shop, 'FILM-0001,'), resident)}/opening"
    assert other.post(path).status_code == 404
    resident.post(path)
    for somebody in (other, shop.officer, shop.clerk):
        assert somebody.get(path).status_code == 404


def test_goods_are_not_opened_over_http(shop):
    resident = shop.resident(500)
    refused = resident.post(f"/vouchers/{shop.ordered(resident)['id']}/opening")
    assert (refused.status_code, refused.json["code"]) == (409, "NoTicket")
