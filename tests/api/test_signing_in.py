"""Tokens: only those whose key this server holds, and staff waited out where they were guessed."""

import jwt
import pytest
from city_world import LOGIN, PASSWORD, Caller, by_phone, founded

from api.signing_in import TokenUnreadable, _key
from shared.sealing import keyring


@pytest.mark.parametrize("key_id", ["nobody", "", None, ["k1"], {"k1": 1}])
def test_a_key_id_that_is_not_held_is_no_key(key_id):
    with pytest.raises(TokenUnreadable):
        _key(key_id)


def test_a_key_that_is_held_is_given_at_full_length():
    assert len(_key(keyring("tokens").current)) == 44


@pytest.mark.parametrize("headers", [{"kid": "nobody"}, {"kid": ""}, {}])
def test_a_token_that_names_another_key_opens_nothing(app, headers):
    caller = by_phone(app)
    for kind in ("access_token", "refresh_token"):
        claims = jwt.decode(caller.tokens[kind], options={"verify_signature": False})
        forged = jwt.encode(claims, "a key of the stranger's, long enough", headers=headers)
        if kind == "access_token":
            answer = Caller(app, {"access_token": forged}).get("/me")
        else:
            answer = Caller(app).post("/session-refreshes", {"refresh_token": forged})
        assert (answer.status_code, answer.json["code"]) == (401, "TokenUnreadable")


def test_guesses_from_one_address_leave_the_owner_another(app):
    founded(app)
    guess = {"json": {"login": LOGIN, "password": "wrong password"}}
    right = {"json": {"login": LOGIN, "password": PASSWORD}}

    def answered(address, sent):
        client = app.test_client()
        path = "/api/v1/staff-sessions"
        return client.post(path, **sent, environ_base={"REMOTE_ADDR": address}).status_code

    assert [answered("192.0.2.1", guess) for _ in range(11)] == [401] * 10 + [429]
    assert answered("192.0.2.1", right) == 429
    assert answered("192.0.2.2", right) == 201


@pytest.mark.parametrize("path", ["/me", "/tasks/nearby?datum=wgs84&lat=26.09&lon=119.29"])
@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("Bearer {}", 200),
        ("bearer {}", 200),
        ("BEARER {}", 200),
        ("Bearer  {}", 200),
        ("Bearer\t{}", 200),
        ("  Bearer {} ", 200),
        ("Bearer", 401),
        ("Bearer ", 401),
        ("{}", 401),
        ("Bearer {} b", 401),
        ("Bearer a {}", 401),
        ("Basic {}", 401),
        ("Bearer{}", 401),
        ("", 401),
    ],
)
def test_how_a_token_may_be_shown(app, path, written, status):
    token = by_phone(app).tokens["access_token"]
    shown = {"Authorization": written.format(token)}
    answer = app.test_client().get(f"/api/v1{path}", headers=shown)
    assert answer.status_code == status, answer.json
    if status == 401:
        assert answer.json["code"] == "TokenUnreadable"
