"""The main job as its people live it: a real walk earns coins, and the coins buy a voucher."""

from datetime import datetime, timedelta

import pytest
from evenings import (
    LAT,
    LON,
    claim_and_start,
    draft,
    publish,
    walk,
)

from fixtures.walk_simulator import simulate_drive
from shared.clock import now, pretending
from shared.queue import valkey
from tasks.jobs import sweep
from tests.racing import at_once

HERE = f"lat={LAT}&lon={LON}&datum=wgs84"


def balance(resident):
    return resident.get("/me/wallet")["balance"]


def put_soap_on_offer(street, stock=2):
    reward = street.officer.post(
        "/rewards",
        {"unit_id": street.unit["id"], "title": "洗衣液", "price": 80, "validity_days": 30},
        Idempotency_Key="draft-soap",
    )
    path = f"/rewards/{reward['id']}"
    street.officer.ask("PUT", f"{path}/stocks/{street.point['id']}", {"supplied": stock})
    street.officer.post(f"{path}/offer")
    return reward


def test_a_real_walk_earns_coins_and_the_coins_buy_a_voucher_that_is_scanned(street, phone, work):
    task = publish(street)
    assert task["coins"] == 100

    resident = phone("13800000001", number=1)
    card = resident.get(f"/tasks/nearby?{HERE}")["items"][0]
    assert (card["id"], card["slots_left"], card["coins"]) == (task["id"], 5, 100)
    assert (card["address"], card["distance_m"] < 1) == ("鼓西派出所", True)

    done = walk(resident, task)
    assert done["state"] == "finished"
    work()
    judged = resident.get(f"/participations/{done['id']}")
    assert (judged["state"], judged["settled"]) == ("verified", True)
    assert all(check["passed"] and check["reason"] for check in judged["verdict"]["checks"])
    assert balance(resident) == 100

    line = resident.get("/me/wallet/statement")["items"][0]
    assert (line["amount"], line["balance"], line["about"]["id"]) == (100, 100, done["id"])

    soap = put_soap_on_offer(street)
    order = {"point_id": street.point["id"]}
    path = f"/rewards/{soap['id']}/orders"
    voucher = resident.post(path, order, Idempotency_Key="order-0001")
    again = resident.post(path, order, Idempotency_Key="order-0001")
    assert (voucher["id"], balance(resident)) == (again["id"], 20)
    shelf = resident.get(f"/rewards/{soap['id']}")["stocks"][0]
    assert shelf["available"] == 1

    qr = resident.get(f"/vouchers/{voucher['id']}/qr")["text"]
    scan = {"code": qr, "point_id": street.point["id"]}
    handed_over = street.clerk.post("/voucher-scans", scan, Idempotency_Key="scan-0001")
    assert handed_over["state"] == "redeemed"
    refusal = street.clerk.post("/voucher-scans", scan, Idempotency_Key="scan-0002", status=409)
    assert refusal["code"] == "AlreadyHandedOver"
    assert handed_over["redeemed_at"][:19] in refusal["detail"].replace(" ", "T") or (
        handed_over["redeemed_at"][:19] in str(refusal["facts"])
    )
    assert street.point["name_en"] in refusal["detail"] or street.point["name"] in refusal["detail"]

    trial = street.auditor.get("/trial-balance")
    assert trial["agrees"]
    assert [currency["total"] for currency in trial["currencies"]] == [0]


def test_cancelling_before_the_scan_returns_the_coins_and_the_stock(street, phone, work):
    resident = phone("13800000002", number=2)
    walk(resident, publish(street))
    work()
    soap = put_soap_on_offer(street, stock=1)
    voucher = resident.post(
        f"/rewards/{soap['id']}/orders",
        {"point_id": street.point["id"]},
        Idempotency_Key="order-0001",
    )
    qr = resident.get(f"/vouchers/{voucher['id']}/qr")["text"]
    for _ in range(2):
        assert resident.post(f"/vouchers/{voucher['id']}/cancellation")["state"] == "cancelled"
    assert balance(resident) == 100
    assert resident.get(f"/rewards/{soap['id']}")["stocks"][0]["available"] == 1
    scan = {"code": qr, "point_id": street.point["id"]}
    refusal = street.clerk.post("/voucher-scans", scan, Idempotency_Key="scan-0001", status=409)
    assert refusal["code"] == "CancelledAtPoint"


def test_valkey_emptied_between_any_two_steps_costs_nobody_a_coin(street, phone):
    valkey().flushdb()
    task = publish(street)
    valkey().flushdb()
    resident = phone("13800000003", number=3)
    valkey().flushdb()
    done = walk(resident, task)
    valkey().flushdb()
    with pretending(None):
        wait_for_the_sweep_to_judge(resident, done)
    assert balance(resident) == 100


def wait_for_the_sweep_to_judge(resident, done):
    """The sweep leaves a fresh finish to its job for some seconds, then takes it over."""
    deadline = now() + timedelta(seconds=30)
    while resident.get(f"/participations/{done['id']}")["state"] != "verified":
        assert now() < deadline
        sweep()


def test_a_drive_is_refused_and_says_why_in_the_callers_language(street, phone, work):
    resident = phone("13800000004", number=4)
    done = walk(resident, publish(street), simulate_drive)
    work()
    judged = resident.get(f"/participations/{done['id']}")
    assert (judged["state"], balance(resident)) == ("refused", 0)
    speed = [c for c in judged["verdict"]["checks"] if c["check"] == "plausible_speed"]
    assert "walking" in speed[0]["reason"] or "fast" in speed[0]["reason"]
    chinese = resident.get(f"/participations/{done['id']}", Accept_Language="zh-CN")
    assert chinese["verdict"]["reason"] != ""


def test_fifty_phones_on_five_slots_get_exactly_five(street, phone):
    task = publish(street)
    crowd = [phone(f"1380001{number:04d}", number=100 + number) for number in range(50)]
    path = f"/api/v1/tasks/{task['id']}/claims"

    def claim(number):
        caller = crowd[number]
        client = caller.client.application.test_client()
        headers = {"Authorization": f"Bearer {caller.token}"}
        return client.post(path, json={}, headers=headers)

    answers = at_once(50, claim)
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201] * 5 + [409] * 45
    assert {a.json["code"] for a in answers if a.status_code == 409} == {"TaskFull"}
    assert street.officer.get(f"/tasks/{task['id']}")["slots_left"] == 0


def test_a_task_beyond_the_budget_is_refused_with_what_is_missing(street):
    task = draft(street, slots=11)
    refusal = street.officer.post(f"/tasks/{task['id']}/publication", status=409)
    assert (refusal["code"], refusal["facts"]["missing"]) == ("BudgetShort", 100)


def test_what_is_somebody_elses_is_not_there(street, phone, work):
    owner, thief = phone("13800000005", number=5), phone("13800000006", number=6)
    done = walk(owner, publish(street))
    work()
    soap = put_soap_on_offer(street)
    voucher = owner.post(
        f"/rewards/{soap['id']}/orders",
        {"point_id": street.point["id"]},
        Idempotency_Key="order-0001",
    )
    points = {"upload_key": "x", "datum": "wgs84", "points": [{}]}
    thief.get(f"/participations/{done['id']}", status=404)
    thief.post(f"/participations/{done['id']}/finish", status=404)
    thief.post(f"/participations/{done['id']}/track-points", points, status=404)
    thief.get(f"/vouchers/{voucher['id']}", status=404)
    thief.post(f"/vouchers/{voucher['id']}/cancellation", status=404)


def test_without_the_real_name_step_nothing_is_claimed(street, phone):
    task, resident = publish(street), phone("13800000007")
    refusal = resident.post(f"/tasks/{task['id']}/claims", status=409)
    assert refusal["code"] == "RealNameMissing"


def test_signing_out_everywhere_ends_every_token(street, phone):
    resident = phone("13800000008", number=8)
    resident.ask("DELETE", "/sessions")
    assert resident.get("/me", status=401)["code"]


# A right guess among six has a chance of six in a million.
CODES = ["000000", "111111", "222222", "333333", "444444", "555555"]


class TestBadInput:
    @pytest.fixture
    def walking(self, street, phone):
        resident = phone("13800000009", number=9)
        return resident, claim_and_start(resident, publish(street))

    def test_a_batch_with_some_bad_points_keeps_the_good_ones(self, walking):
        resident, participation = walking
        at = participation["started_at"]
        points = [{"at": at, "lat": LAT, "lon": LON}, {"at": at, "lat": 95, "lon": LON}, "x"]
        body = {"upload_key": "u1", "datum": "wgs84", "points": points}
        path = f"/participations/{participation['id']}/track-points"
        receipt = resident.at(datetime.fromisoformat(at)).post(path, body)
        assert receipt["accepted"] == 1
        assert [(one["index"], one["code"]) for one in receipt["rejected"]] == [
            (1, "bad_latitude"),
            (2, "not_a_point"),
        ]
        assert all(one["reason"] for one in receipt["rejected"])

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"upload_key": "u", "points": [{}]}, "datum"),
            ({"upload_key": "u", "datum": "mars", "points": [{}]}, "datum"),
            ({"datum": "wgs84", "points": [{}]}, "upload_key"),
            ({"upload_key": "u", "datum": "wgs84", "points": []}, "points"),
            ({"upload_key": "u", "datum": "wgs84", "points": [{}] * 2_001}, "points"),
            ({"upload_key": "u", "datum": "wgs84", "points": "no"}, "points"),
        ],
    )
    def test_an_upload_of_the_wrong_shape_names_the_field(self, walking, body, field):
        resident, participation = walking
        path = f"/participations/{participation['id']}/track-points"
        assert field in resident.post(path, body, status=422)["errors"]

    def test_a_batch_of_a_hundred_thousand_points_is_refused_unread(self, walking):
        resident, participation = walking
        points = [{"at": participation["started_at"], "lat": LAT, "lon": LON}] * 100_000
        body = {"upload_key": "u", "datum": "wgs84", "points": points}
        resident.post(f"/participations/{participation['id']}/track-points", body, status=413)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"title": " "}, "title"),
            ({"title": "夜巡\u202e"}, "title"),
            ({"address": "a\nb"}, "address"),
            ({"brief": "\u0000"}, "brief"),
            ({"slots": 0}, "slots"),
            ({"slots": 2.5}, "slots"),
            ({"slots": "5"}, "slots"),
            ({"kind": "sleep"}, "kind"),
            ({"starts_at": "tomorrow"}, "starts_at"),
            ({"starts_at": "2026-05-04T19:00:00"}, "starts_at"),
            ({"area": "here"}, "area"),
            ({"checks": []}, "checks"),
            ({"checks": [{"check": "mood"}]}, "checks.0.check"),
            ({"reward": 1_000}, "reward"),
            ({"unit_id": {"$ne": ""}}, "unit_id"),
        ],
    )
    def test_a_draft_of_the_wrong_shape_names_the_field(self, street, changes, field):
        answer = draft(street, status=422, **changes)
        assert field in answer["errors"]

    def test_a_polygon_that_crosses_itself_is_refused(self, street):
        bow = [[119.29, 26.09], [119.30, 26.10], [119.30, 26.09], [119.29, 26.10], [119.29, 26.09]]
        area = {"shape": "polygon", "geometry": {"type": "Polygon", "coordinates": [bow]}}
        answer = draft(street, status=422, area=area)
        assert answer["code"] == "CrossesItself"

    def test_a_claim_after_the_window_is_refused(self, street, phone):
        task, resident = publish(street), phone("13800000010", number=10)
        later = resident.at(datetime.fromisoformat(task["ends_at"]))
        assert later.post(f"/tasks/{task['id']}/claims", status=409)["code"] == "NotOpen"

    @pytest.mark.parametrize("place", ["lat=nan", "lat=inf", "lat=1e999", "lat=91", "lat=x"])
    def test_a_position_that_is_none_is_refused(self, phone, place):
        resident = phone("13800000011")
        path = f"/tasks/nearby?{place}&lon=119.3&datum=wgs84"
        assert "lat" in resident.get(path, status=422)["errors"]

    def test_a_code_guessed_six_times_is_blocked(self, nobody):
        nobody.post("/phone-codes", {"phone": "13800000012"})
        guess = {"phone": "13800000012", "code": "not it"}
        nobody.post("/sessions", guess, status=422)
        codes = [nobody.post("/sessions", guess | {"code": c}, status=409)["code"] for c in CODES]
        assert codes == ["WrongCode"] * 5 + ["CodeBlocked"]
