"""Orders over HTTP: asked, accepted, declined, withdrawn, and what nobody else sees."""

import pytest
from crew_callers import street_callers, town

from shared.ids import new_id

__all__ = ["street_callers", "town"]


def order(callers, task, *people, key=None, crew_role="uniformed_guard", **more):
    place = {"crew_role": crew_role, "candidates": [one.person_id for one in people]}
    body = {"places": [place], "answer_within_minutes": 30} | more
    header = {"Idempotency-Key": key or new_id()}
    return callers.officer.call("POST", f"/tasks/{task.id}/orders", body, **header)


@pytest.fixture
def guards(street_callers):
    return [street_callers.person(serves_as=["uniformed_guard"]) for _ in range(2)]


def test_an_order_from_the_asking_to_the_claim(street_callers, guards):
    task = street_callers.task(crew=[{"crew_role": "uniformed_guard", "at_least": 1}])
    first, second = guards
    key = new_id()
    made = order(street_callers, task, first, second, key=key)
    assert made.status_code == 201, made.json
    assert order(street_callers, task, first, second, key=key).json == made.json
    order_id = made.json["items"][0]["id"]
    (shown,) = first.get("/me/orders").json["items"]
    assert (shown["id"], shown["state"]) == (order_id, "asked")
    assert "candidates" not in shown
    assert second.get("/me/orders").json["items"] == []
    declined = first.post(f"/orders/{order_id}/refusal", {"reason": "孩子生病"})
    assert (declined.status_code, declined.json["state"]) == (201, "asked")
    accepted = second.post(f"/orders/{order_id}/acceptance")
    assert (accepted.status_code, accepted.json["state"]) == (201, "accepted")
    listed = street_callers.officer.get(f"/tasks/{task.id}/orders").json
    assert [ask["outcome"] for ask in listed["items"][0]["asks"]] == ["declined", "accepted"]
    assert listed["missing_roles"] == []
    claims = second.get("/me/participations").json["items"]
    assert [one["id"] for one in claims] == [accepted.json["participation_id"]]


def test_refusals_are_told_in_words(street_callers, guards):
    task = street_callers.task()
    stranger = street_callers.person()
    unfit = order(street_callers, task, stranger)
    assert (unfit.status_code, unfit.json["code"]) == (422, "UnfitCandidate")
    assert "uniformed guards" in unfit.json["detail"]
    order_id = order(street_callers, task, guards[0]).json["items"][0]["id"]
    again = order(street_callers, task, guards[0])
    assert (again.status_code, again.json["code"]) == (409, "AlreadyAsked")
    for path in ("acceptance", "refusal"):
        body = {"reason": "x"} if path == "refusal" else None
        assert stranger.post(f"/orders/{order_id}/{path}", body).status_code == 404
    assert street_callers.officer.post(f"/orders/{order_id}/withdrawal").status_code == 201
    late = guards[0].post(f"/orders/{order_id}/acceptance")
    assert (late.status_code, late.json["code"]) == (409, "AnsweredAlready")


@pytest.mark.parametrize(
    "body",
    [
        {"places": []},
        {"places": [{"candidates": []}]},
        {"places": [{"candidates": ["x"]}]},
        {"places": [{"candidates": ["0" * 24]}], "answer_within_minutes": 0},
        {"places": [{"candidates": ["0" * 24]}], "answer_within_minutes": True},
        {"places": [{"candidates": ["0" * 24], "crew_role": "\x00"}]},
        {"places": "x"},
    ],
)
def test_what_makes_no_sense_is_422(street_callers, body):
    task = street_callers.task()
    answer = street_callers.officer.call(
        "POST",
        f"/tasks/{task.id}/orders",
        {"answer_within_minutes": 30} | body,
        **{"Idempotency-Key": new_id()},
    )
    assert answer.status_code == 422


def test_a_refusal_needs_a_reason(street_callers, guards):
    order_id = order(street_callers, street_callers.task(), guards[0]).json["items"][0]["id"]
    for reason in ("", "   ", None, "x" * 501):
        answer = guards[0].post(f"/orders/{order_id}/refusal", {"reason": reason})
        assert answer.status_code == 422
    assert guards[0].get("/me/orders").json["items"][0]["state"] == "asked"


def test_only_the_centre_orders_and_withdraws(street_callers, guards):
    task = street_callers.task()
    order_id = order(street_callers, task, guards[0]).json["items"][0]["id"]
    assert guards[0].post(f"/orders/{order_id}/withdrawal").status_code == 403
    assert guards[0].get(f"/tasks/{task.id}/orders").status_code == 403
    answer = guards[0].call("POST", f"/tasks/{task.id}/orders", {}, **{"Idempotency-Key": new_id()})
    assert answer.status_code == 403
