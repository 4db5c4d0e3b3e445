"""Commendations over HTTP: from a neighbour's word to the public list, each side its own view."""

import pytest
from shop_world import Shop

from people import Person, Role

WISH = {"kind": "brave_deed", "title": "勇救落水儿童", "words": "他跳入河中，救起一名儿童。"}


@pytest.fixture
def shop(app):
    return Shop(app)


@pytest.fixture
def cast(shop):
    """The hero, the neighbour who nominates, the checker and the awarder."""
    hero, neighbour = shop.resident(), shop.resident()
    Person.objects(id=hero.person_id).update(set__nickname="热心人")
    return hero, neighbour, shop.caller(Role.POLICE_OFFICER, shop.district), shop.officer


@pytest.fixture
def path(shop, cast):
    hero, neighbour, *_ = cast
    body = WISH | {"unit_id": shop.district.id, "person_id": hero.person_id}
    answer = neighbour.post("/commendations", body)
    assert answer.status_code == 201, answer.json
    assert (answer.json["side"], answer.json["state"]) == ("nominator", "nominated")
    return f"/commendations/{answer.json['id']}"


def public(shop, **query):
    return shop.app.test_client().get("/api/v1/commendations", query_string=query)


def test_the_whole_way_to_the_public_list_and_off_it_again(shop, cast, path):
    hero, neighbour, checker, awarder = cast
    early = awarder.post(f"{path}/award", {"why": "突出"})
    assert (early.status_code, early.json["code"]) == (409, "NotYetChecked")
    found = checker.post(f"{path}/check", {"found": "属实"})
    assert (found.status_code, found.json["found"]) == (201, "属实")
    done = awarder.post(f"{path}/award", {"why": "突出"})
    assert (done.status_code, done.json["state"], done.json["is_public"]) == (201, "awarded", False)
    assert public(shop).json["items"] == []
    consent = hero.put(f"{path}/consent", {"shown_as": "nickname"})
    assert (consent.status_code, consent.json["side"]) == (200, "subject")
    (shown,) = public(shop, unit_id=shop.district.id).json["items"]
    assert (shown["name"]["en"], shown["title"], shown["words"]) == ("热心人", "", "")
    hero.put(f"{path}/consent", {"shown_as": "nickname", "with_words": True})
    assert public(shop).json["items"][0]["words"] == WISH["words"]
    assert hero.call("DELETE", f"{path}/consent").json["is_public"] is False
    assert public(shop).json["items"] == []
    assert neighbour.get(path).json["found"] is None
    assert shop.resident().get(path).status_code == 404


def test_lists_are_for_their_own(shop, cast, path):
    hero, neighbour, checker, _ = cast
    unit = f"/units/{shop.district.id}"
    assert hero.get("/me/commendations").json["items"] == []
    assert hero.get("/me/commendations", side="nominator").json["items"] == []
    assert len(neighbour.get("/me/commendations", side="nominator").json["items"]) == 1
    waiting = checker.get(f"{unit}/commendations", state="nominated").json["items"]
    assert [one["side"] for one in waiting] == ["officer"]
    assert checker.get(f"{unit}/commendations", state="awarded").json["items"] == []
    assert hero.get(f"{unit}/commendations").status_code == 403
    assert hero.get(f"{unit}/received-commendations").status_code == 403
    assert shop.officer.get(f"{unit}/received-commendations").json["items"] == []
    assert public(shop, unit_id="0" * 24).status_code == 404
    assert public(shop, cursor="x").status_code == 422


def test_a_repeat_is_the_same_nomination(shop, cast):
    hero, neighbour, *_ = cast
    body = WISH | {"unit_id": shop.district.id, "person_id": hero.person_id}
    first, again = (neighbour.post("/commendations", body, key="wish-0001") for _ in range(2))
    assert first.json == again.json
    other = neighbour.post("/commendations", body | {"title": "x"}, key="wish-0001")
    assert (other.status_code, other.json["code"]) == (409, "NominationKeyUsed")
    own = hero.post("/commendations", body)
    assert (own.status_code, own.json["code"]) == (409, "NominationOfOneself")


def test_odd_bodies_are_told_what_is_wrong(shop, cast, path):
    hero, neighbour, checker, awarder = cast
    body = WISH | {"unit_id": shop.district.id, "person_id": hero.person_id}
    for wrong in (
        {"kind": "medal"},
        {"title": ""},
        {"title": "a\nb"},
        {"words": " "},
        {"words": "\u202e"},
        {"deed_on": "yesterday"},
        {"deed_on": "2999-01-01"},
        {"card": "x"},
        {"unit_id": "1"},
    ):
        assert neighbour.post("/commendations", body | wrong).status_code == 422, wrong
    assert checker.post(f"{path}/check", {"found": ""}).status_code == 422
    assert awarder.post(f"{path}/decline", {}).status_code == 422
    assert hero.put(f"{path}/consent", {"shown_as": "real_name"}).status_code == 422
    assert hero.put(f"{path}/consent", {}).status_code == 404  # not awarded yet
    checker.post(f"{path}/check", {"found": "属实"})
    awarder.post(f"{path}/award", {"why": "突出"})
    assert hero.put(f"{path}/consent", {}).json["code"] == "ShownNameMissing"


def test_a_nomination_is_taken_back_and_a_declined_one_tells_why(shop, cast, path):
    hero, neighbour, checker, _ = cast
    gone = hero.post(f"{path}/withdrawal", {"why": "x"})
    assert gone.status_code == 404
    declined = checker.post(f"{path}/decline", {"why": "不符"})
    assert (declined.status_code, declined.json["state"]) == (201, "declined")
    assert neighbour.get(path).json["why"] == "不符"
    assert hero.get(path).status_code == 404
    late = neighbour.post(f"{path}/withdrawal", {"why": "弄错了"})
    assert (late.status_code, late.json["code"]) == (409, "CommendationMoved")
