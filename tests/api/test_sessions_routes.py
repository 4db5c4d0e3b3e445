"""Signing in and out over HTTP: codes, passwords, rotation, and every refusal as a problem."""

import dataclasses

import pytest
from city_world import LOGIN, PASSWORD, PHONE, Caller, by_phone, founded

from api import sessions_routes
from settings import settings


@pytest.fixture
def nobody(app):
    return Caller(app)


def problem_of(answer):
    assert answer.content_type == "application/problem+json"
    return answer.status_code, answer.json["code"]


def with_settings(monkeypatch, **changed):
    others = dataclasses.replace(settings(), **changed)
    monkeypatch.setattr(sessions_routes, "settings", lambda: others)


def test_a_newcomer_signs_up_with_phone_and_code(nobody):
    sent = nobody.post("/phone-codes", {"phone": PHONE})
    assert sent.status_code == 201
    assert sent.json["phone"] == "138****8000"
    answer = nobody.post("/sessions", {"phone": PHONE, "code": sent.json["demo_code"]})
    assert answer.status_code == 201
    assert answer.json["is_new_person"] is True
    assert answer.json["expires_in_s"] == 900


def test_the_code_is_shown_in_the_demo_only(nobody, monkeypatch):
    with_settings(monkeypatch, demo=False)
    answer = nobody.post("/phone-codes", {"phone": PHONE})
    assert answer.status_code == 201
    assert set(answer.json) == {"phone", "expires_at"}


def test_a_code_guessed_six_times_is_refused_and_void(nobody):
    code = nobody.post("/phone-codes", {"phone": PHONE}).json["demo_code"]
    guess = {"phone": PHONE, "code": f"{(int(code) + 1) % 10**6:06d}"}
    for left in (4, 3, 2, 1, 0):
        answer = nobody.post("/sessions", guess)
        assert problem_of(answer) == (409, "WrongCode")
        assert answer.json["facts"] == {"tries_left": left}
    assert problem_of(nobody.post("/sessions", guess)) == (409, "CodeBlocked")
    right = nobody.post("/sessions", {"phone": PHONE, "code": code})
    assert problem_of(right) == (409, "CodeBlocked")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"phone": 7},
        {"phone": "10086"},
        {"phone": None},
        {"phone": PHONE, "more": 1},
        [PHONE],
        "phone",
    ],
)
def test_a_bad_phone_is_a_problem_that_names_the_field(nobody, body):
    answer = nobody.post("/phone-codes", body)
    assert answer.status_code == 422
    assert answer.json["errors"]


def test_codes_are_limited_per_phone_however_it_is_spelled(nobody, monkeypatch):
    with_settings(monkeypatch, limit_codes_per_phone="2 per hour")
    assert nobody.post("/phone-codes", {"phone": PHONE}).status_code == 201
    assert nobody.post("/phone-codes", {"phone": f"+86 {PHONE}"}).status_code == 201
    refused = nobody.post("/phone-codes", {"phone": f"0086{PHONE}"})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert nobody.post("/phone-codes", {"phone": "13800138001"}).status_code == 201


def test_codes_are_limited_per_address(nobody, monkeypatch):
    with_settings(monkeypatch, limit_codes_per_address="2 per hour")
    answers = [nobody.post("/phone-codes", {"phone": f"1380013800{one}"}) for one in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]


def test_staff_sign_in_and_a_wrong_password_says_no_more_than_an_unknown_login(app, nobody):
    founded(app)
    wrong = nobody.post("/staff-sessions", {"login": LOGIN, "password": "wrong password"})
    unknown = nobody.post("/staff-sessions", {"login": "nobody", "password": PASSWORD})
    assert problem_of(wrong) == (401, "WrongPassword")
    assert wrong.json == unknown.json


def test_a_refresh_gives_a_new_pair_and_an_old_one_ends_the_session(app, nobody):
    caller = by_phone(app)
    old = caller.tokens["refresh_token"]
    second = nobody.post("/session-refreshes", {"refresh_token": old}).json
    third = nobody.post("/session-refreshes", {"refresh_token": second["refresh_token"]}).json
    assert Caller(app, third).get("/me").status_code == 200
    stolen = nobody.post("/session-refreshes", {"refresh_token": old})
    assert problem_of(stolen) == (401, "SessionRevoked")
    assert Caller(app, third).get("/me").status_code == 401


def test_an_access_token_or_rubbish_does_not_refresh(app, nobody):
    caller = by_phone(app)
    for token in (caller.tokens["access_token"], "rubbish", "a.b.c"):
        answer = nobody.post("/session-refreshes", {"refresh_token": token})
        assert problem_of(answer) == (401, "TokenUnreadable")


def test_a_refresh_token_opens_nothing_by_itself(app):
    caller = by_phone(app)
    caller.tokens["access_token"] = caller.tokens["refresh_token"]
    assert problem_of(caller.get("/me")) == (401, "TokenUnreadable")


def test_signing_out_here_and_everywhere(app):
    here, there = by_phone(app), by_phone(app)
    assert here.delete("/sessions/current").status_code == 204
    assert here.get("/me").status_code == 401
    assert there.get("/me").status_code == 200
    third = by_phone(app)
    assert there.delete("/sessions").status_code == 204
    assert [one.get("/me").status_code for one in (there, third)] == [401, 401]


def test_nobody_signs_out_nobody(nobody):
    assert nobody.delete("/sessions").status_code == 401
    assert nobody.delete("/sessions/current").status_code == 401
