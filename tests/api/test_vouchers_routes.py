"""Vouchers over HTTP: shown as a QR, scanned once by the right clerk, cancelled by the owner."""

import struct
import zlib

import numpy as np
import pytest
import zxingcpp
from shop_world import Shop

from ledger import balance_of, merchant, wallet


def pixels_of(png):
    """The grey values of a one-bit PNG (PNG 1.2, chapters 3 and 6; line filters None and Up)."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, place = {}, 8
    while place < len(png):
        length, name = struct.unpack(">I4s", png[place : place + 8])
        chunks[name] = chunks.get(name, b"") + png[place + 8 : place + 8 + length]
        place += length + 12
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, colour) == (1, 0)
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, -1)
    assert set(lines[:, 0]) <= {0, 2}
    above, plain = np.zeros_like(lines[0, 1:]), []
    for line in lines:
        above = line[1:] + above if line[0] == 2 else line[1:]
        plain.append(above)
    return np.unpackbits(np.array(plain), axis=1)[:, :width] * np.uint8(255)


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


def scan(clerk, shop, code, **more):
    return clerk.post("/voucher-scans", {"code": code, "point_id": shop.point.id}, **more)


def test_the_png_decodes_to_the_code_that_the_clerk_scans(shop, resident, held):
    answer = resident.get(f"/vouchers/{held['id']}/qr.png")
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    assert answer.headers["Cache-Control"] == "no-store"
    (read,) = zxingcpp.read_barcodes(pixels_of(answer.data))
    assert read.text == held["code"]
    scanned = scan(shop.clerk, shop, read.text)
    assert (scanned.status_code, scanned.json["state"]) == (201, "redeemed")


def test_the_svg_is_a_picture_that_runs_no_script(resident, held):
    answer = resident.get(f"/vouchers/{held['id']}/qr.svg")
    assert answer.status_code == 200
    assert answer.content_type.startswith("image/svg+xml")
    assert b"<svg" in answer.data
    assert b"<script" not in answer.data


def test_a_scan_answers_what_to_hand_over_and_not_to_whom(shop, resident, held):
    answer = scan(shop.clerk, shop, held["code"])
    assert answer.json["reward"]["title"] == "洗衣液"
    assert resident.person_id not in answer.text
    assert held["code"] not in answer.text
    assert balance_of(merchant(shop.point.id)) == 100


def test_a_second_scan_is_409_with_time_and_place_of_the_first(shop, resident, held):
    first = scan(shop.clerk, shop, held["code"], key="scan-0001")
    assert scan(shop.clerk, shop, held["code"], key="scan-0001").json == first.json
    second = scan(shop.clerk, shop, held["code"], key="scan-0002")
    assert (second.status_code, second.json["code"]) == (409, "AlreadyHandedOver")
    assert second.json["facts"]["redeemed_at"] == first.json["redeemed_at"]
    assert second.json["facts"]["point_name"] == "鼓西街道兑换点"
    assert resident.get(f"/vouchers/{held['id']}").json["state"] == "redeemed"


def test_every_refusal_of_a_scan_says_why(shop, resident, held):
    wrong = ("Z" if held["code"][0] != "Z" else "Y") + held["code"][1:]
    mistyped = scan(shop.clerk, shop, wrong)
    assert (mistyped.status_code, mistyped.json["code"]) == (422, "CodeMistyped")
    assert list(mistyped.json["errors"]) == ["code"]
    unknown = scan(shop.clerk, shop, "0" * 18)
    assert (unknown.status_code, unknown.json["code"]) == (404, "UnknownCode")
    body = {"code": held["code"], "point_id": shop.far_point.id}
    elsewhere = shop.far_clerk.post("/voucher-scans", body)
    assert (elsewhere.status_code, elsewhere.json["code"]) == (409, "WrongPoint")
    assert elsewhere.json["facts"]["point_id"] == shop.point.id
    resident.post(f"/vouchers/{held['id']}/cancellation")
    cancelled = scan(shop.clerk, shop, held["code"])
    assert (cancelled.status_code, cancelled.json["code"]) == (409, "CancelledAtPoint")


@pytest.mark.parametrize("code", ["", "x" * 201, 5, None, ["0" * 18], "𝟎" * 18, "\u0000" * 18])
def test_a_code_of_any_shape_gets_an_answer(shop, code):
    assert scan(shop.clerk, shop, code).status_code in (404, 422)


def test_a_clerk_of_another_point_may_not_scan_here(shop, held):
    assert scan(shop.far_clerk, shop, held["code"]).status_code == 403


def test_cancelling_gives_the_coins_back_and_repeats_the_same(resident, held):
    path = f"/vouchers/{held['id']}/cancellation"
    first, again = resident.post(path), resident.post(path)
    assert (first.status_code, first.json["state"]) == (201, "cancelled")
    assert again.json == first.json
    assert balance_of(wallet(resident.person_id)) == 100


def test_a_handed_over_voucher_is_not_cancelled(shop, resident, held):
    scan(shop.clerk, shop, held["code"])
    answer = resident.post(f"/vouchers/{held['id']}/cancellation")
    assert (answer.status_code, answer.json["code"]) == (409, "VoucherAlreadyRedeemed")


def test_who_may_call_what(shop, resident, held):
    nobody = type(resident)(shop.app, "", "")
    others = [
        ("GET", f"/vouchers/{held['id']}"),
        ("GET", f"/vouchers/{held['id']}/qr.svg"),
        ("GET", f"/vouchers/{held['id']}/qr.png"),
        ("POST", f"/vouchers/{held['id']}/cancellation"),
    ]
    for method, path in others:
        assert nobody.call(method, path).status_code == 401, path
        assert shop.resident().call(method, path).status_code == 404, path
        assert shop.clerk.call(method, path).status_code == 404, path
        assert resident.call(method, path).status_code in (200, 201), path
    assert nobody.get("/me/vouchers").status_code == 401
    assert scan(nobody, shop, held["code"]).status_code == 401
    for caller in (resident, shop.officer):
        assert scan(caller, shop, held["code"]).status_code == 403


def test_my_vouchers_are_mine_and_page_by_cursor(shop):
    resident, reward_id = shop.resident(300), shop.offered()
    body = {"point_id": shop.point.id}
    made = [resident.post(f"/rewards/{reward_id}/orders", body).json["id"] for _ in range(3)]
    shop.ordered(shop.resident(100))
    first = resident.get("/me/vouchers", limit=2).json
    rest = resident.get("/me/vouchers", limit=2, cursor=first["next_cursor"]).json
    assert [voucher["id"] for voucher in first["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None
    assert resident.get("/me/vouchers", cursor="not-ours").status_code == 422
