"""Scans over HTTP: a live QR read off its picture, looked at, handed over once, by the clerk."""

import struct
import zlib
from datetime import timedelta

import numpy as np
import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from shop_world import Shop

from catalog import Voucher
from catalog.code_keys import code_of
from catalog.scanning.shown_codes import accepted_at_point
from ledger import balance_of, merchant
from people import Person
from shared.clock import now
from shared.sealing import seal

LAST4 = "8042"


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
    made = shop.resident(300)
    person = Person.objects.get(id=made.person_id)
    person.phone_sealed = seal(f"+861380013{LAST4}", bound_to=person.seal_place("phone"))
    person.save()
    return made


@pytest.fixture
def held(shop, resident):
    """A voucher as its owner was answered it."""
    return shop.ordered(resident)


@pytest.fixture
def shown(resident, held):
    """The text that its holder's phone shows."""
    return qr(resident, held)


def qr(resident, held):
    return resident.get(f"/vouchers/{held['id']}/qr").json["text"]


def scan(clerk, shop, code, **more):
    key = more.pop("key", None)
    return clerk.post("/voucher-scans", {"code": code, "point_id": shop.point.id, **more}, key=key)


def test_the_png_decodes_to_the_qr_that_the_clerk_scans(shop, resident, held):
    answer = resident.get(f"/vouchers/{held['id']}/qr.png")
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    assert answer.headers["Cache-Control"] == "no-store"
    (read,) = zxingcpp.read_barcodes(pixels_of(answer.data))
    assert read.text.startswith("FX1")
    scanned = scan(shop.clerk, shop, read.text)
    assert (scanned.status_code, scanned.json["state"]) == (201, "redeemed")


def test_the_svg_is_a_picture_that_runs_no_script(resident, held):
    answer = resident.get(f"/vouchers/{held['id']}/qr.svg")
    assert answer.status_code == 200
    assert answer.content_type.startswith("image/svg+xml")
    assert b"<svg" in answer.data
    assert b"<script" not in answer.data


def test_the_qr_says_until_when_it_is_good_and_what_comes_next(resident, held):
    answer = resident.get(f"/vouchers/{held['id']}/qr", ahead=20)
    assert len(answer.json["ahead"]) == 20
    assert answer.json["ahead"][0]["shown_from"] == answer.json["shown_until"]
    assert resident.get(f"/vouchers/{held['id']}/qr", ahead=21).status_code == 422


def test_a_point_without_network_checks_the_qr_by_what_anybody_may_fetch(app, shop, shown):
    known = app.test_client().get("/api/v1/voucher-keys")
    assert known.status_code == 200
    keys = {
        one["id"]: Ed25519PublicKey.from_public_bytes(bytes.fromhex(one["public_key"]))
        for one in known.json["keys"]
    }
    town = known.json["town"]
    read = accepted_at_point(shown, keys, town=town, point_id=shop.point.id, moment=now())
    assert read.voucher_id == Voucher.objects.get().id
    assert (known.json["step_s"], known.json["steps_either_side"]) == (30, 1)


def test_a_scan_answers_what_to_hand_over_and_not_to_whom(shop, resident, held, shown):
    answer = scan(shop.clerk, shop, shown)
    assert answer.json["reward"]["title"] == "洗衣液"
    assert resident.person_id not in answer.text
    assert held["code"] not in answer.text
    assert balance_of(merchant(shop.point.id)) == 100


def test_look_then_confirm(shop, shown):
    body = {"code": shown, "point_id": shop.point.id}
    look = shop.clerk.post("/voucher-looks", body)
    assert (look.status_code, look.json["state"]) == (201, "issued")
    assert look.json["reward"]["picture_ids"] == []
    body = {"look_id": look.json["look_id"], "point_id": shop.point.id}
    first = shop.clerk.post("/voucher-scans", body, key="scan-0001")
    assert (first.status_code, first.json["state"]) == (201, "redeemed")
    assert shop.clerk.post("/voucher-scans", body, key="scan-0001").json == first.json
    second = shop.clerk.post("/voucher-scans", body, key="scan-0002")
    assert (second.status_code, second.json["code"]) == (409, "AlreadyHandedOver")
    for odd in ({}, {"code": shown, "look_id": look.json["look_id"]}):
        answer = shop.clerk.post("/voucher-scans", {"point_id": shop.point.id, **odd})
        assert answer.status_code == 422


def test_a_second_scan_is_409_with_time_and_place_of_the_first(shop, resident, held, shown):
    first = scan(shop.clerk, shop, shown, key="scan-0001")
    assert scan(shop.clerk, shop, shown, key="scan-0001").json == first.json
    second = scan(shop.clerk, shop, shown, key="scan-0002")
    assert (second.status_code, second.json["code"]) == (409, "AlreadyHandedOver")
    assert second.json["facts"]["redeemed_at"] == first.json["redeemed_at"]
    assert second.json["facts"]["point_name"] == "鼓西街道兑换点"
    assert resident.get(f"/vouchers/{held['id']}").json["state"] == "redeemed"
    assert resident.get(f"/vouchers/{held['id']}/qr").status_code == 409


def test_every_refusal_of_a_scan_says_why(shop, resident, held, shown):
    wrong = ("Z" if held["code"][0] != "Z" else "Y") + held["code"][1:]
    needed = scan(shop.clerk, shop, held["code"])
    failed = scan(shop.clerk, shop, held["code"], phone_last4="0000")
    answers = [
        (scan(shop.clerk, shop, wrong), 422, "CodeMistyped"),
        (scan(shop.clerk, shop, "0" * 18), 404, "UnknownCode"),
        (scan(shop.clerk, shop, shown[:-1]), 422, "QrForged"),
        (needed, 409, "SecondCheckNeeded"),
        (failed, 409, "SecondCheckFailed"),
    ]
    for answer, status, code in answers:
        assert (answer.status_code, answer.json["code"]) == (status, code)
    assert list(answers[0][0].json["errors"]) == ["code"]
    body = {"code": shown, "point_id": shop.far_point.id}
    elsewhere = shop.far_clerk.post("/voucher-scans", body)
    assert (elsewhere.status_code, elsewhere.json["code"]) == (409, "WrongPoint")
    assert elsewhere.json["facts"]["point_id"] == shop.point.id
    resident.post(f"/vouchers/{held['id']}/cancellation")
    cancelled = scan(shop.clerk, shop, shown)
    assert (cancelled.status_code, cancelled.json["code"]) == (409, "CancelledAtPoint")


def test_a_bare_code_serves_with_the_second_check(shop, held):
    assert code_of(Voucher.objects.get()) == held["code"].replace("-", "")
    assert scan(shop.clerk, shop, held["code"], phone_last4=LAST4).status_code == 201


def test_guessing_is_429_with_retry_after(shop):
    for _ in range(10):
        assert scan(shop.clerk, shop, "0" * 18).status_code == 404
    stopped = scan(shop.clerk, shop, "0" * 18)
    assert (stopped.status_code, stopped.json["code"]) == (429, "TooManyGuesses")
    assert 0 < int(stopped.headers["Retry-After"]) <= 600


@pytest.mark.parametrize("code", ["", "x" * 201, 5, None, ["0" * 18], "𝟎" * 18, "\u0000" * 18])
def test_a_code_of_any_shape_gets_an_answer(shop, code):
    assert scan(shop.clerk, shop, code).status_code in (404, 422)


@pytest.mark.parametrize("digits", ["1", "12345", "abcd", "１２３４", "123\n", 1234])
def test_digits_of_any_other_shape_are_422(shop, held, digits):
    assert scan(shop.clerk, shop, held["code"], phone_last4=digits).status_code == 422


def test_who_may_look_and_scan(shop, resident, held, shown):
    nobody = type(resident)(shop.app, "", "")
    body = {"code": shown, "point_id": shop.point.id}
    for path in ("/voucher-looks", "/voucher-scans"):
        assert nobody.post(path, body).status_code == 401
        for caller in (resident, shop.officer, shop.far_clerk):
            assert caller.post(path, body).status_code == 403
    for kind in ("qr", "qr.svg", "qr.png"):
        path = f"/vouchers/{held['id']}/{kind}"
        assert nobody.get(path).status_code == 401
        for caller in (shop.resident(), shop.clerk):
            assert caller.get(path).status_code == 404
        assert resident.get(path).status_code == 200


# ---- a point's devices


def with_key(caller, shop, secret, path, body):
    headers = {
        "Authorization": f"Bearer {caller.token}",
        "Accept-Language": "en",
        "Idempotency-Key": "scan-0001",
        "Point-Key": secret,
    }
    return shop.app.test_client().post(f"/api/v1{path}", json=body, headers=headers)


def test_a_device_is_given_a_key_and_loses_it(shop, shown):
    path = f"/points/{shop.point.id}/keys"
    assert shop.clerk.post(path, {"label": "平板"}).status_code == 403
    made = shop.officer.post(path, {"label": "平板"}, key="key-0001")
    assert made.status_code == 201
    assert shop.officer.post(path, {"label": "平板"}, key="key-0001").json == made.json
    secret = made.json["secret"]
    assert scan(shop.clerk, shop, shown).json["code"] == "PointKeyNeeded"
    body = {"code": shown, "point_id": shop.point.id}
    look = with_key(shop.clerk, shop, secret, "/voucher-looks", body)
    assert look.status_code == 201
    key_id = made.json["key"]["id"]
    revoked = shop.clerk.post(f"/point-keys/{key_id}/revocation", {"reason": "丢失"})
    assert revoked.status_code == 201
    refused = with_key(shop.clerk, shop, secret, "/voucher-scans", body)
    assert (refused.status_code, refused.json["code"]) == (403, "PointKeyRevoked")
    listed = shop.clerk.get(path)
    assert [one["revoked_reason"] for one in listed.json["items"]] == ["丢失"]
    assert secret.partition(".")[2] not in listed.text


def test_a_queue_of_hand_overs_is_resolved_line_by_line(shop, shown):
    keys, path = f"/points/{shop.point.id}/keys", f"/points/{shop.point.id}/offline-hand-overs"
    secret = shop.officer.post(keys, {"label": "平板"}).json["secret"]
    at = now().isoformat()
    lines = [
        {"code": shown, "handed_over_at": at, "key": f"line-{number:04d}"} for number in range(2)
    ]
    first = with_key(shop.clerk, shop, secret, path, {"items": lines})
    assert first.status_code == 201
    assert [one["outcome"] for one in first.json["items"]] == ["accepted", "disputed"]
    assert first.json["items"][1]["reason"]["code"] == "AlreadyHandedOver"
    assert set(first.json["items"][1]["reason"]) == {"code", "en", "zh-CN"}
    assert with_key(shop.clerk, shop, secret, path, {"items": lines}).json == first.json
    assert len(shop.clerk.get(path).json["items"]) == 2
    assert shop.far_clerk.get(path).status_code == 403
    assert shop.clerk.post(path, {"items": lines}).json["code"] == "PointKeyNeeded"
    odd = [[], lines * 101, [{**lines[0], "handed_over_at": "0001-01-01T00:00:00+14:00"}]]
    for items in odd:
        assert with_key(shop.clerk, shop, secret, path, {"items": items}).status_code == 422
    late = (now() - timedelta(days=9)).isoformat()
    line = {"code": shown, "handed_over_at": late, "key": "line-0009"}
    answer = with_key(shop.clerk, shop, secret, path, {"items": [line]})
    assert answer.json["items"][0]["reason"]["code"] == "BroughtTooLate"
