"""Call-backs: signed, taken once, never a second movement, whatever they say."""

import json
import time
from datetime import timedelta

import pytest
from catalog_town import add_person, coins_of
from delivery_steps import assert_delivered_once, assert_refunded_once, change, try_again
from running_sandbox import SECRET

from catalog.providers.attempting import deliver
from catalog.providers.delivery import TopUpDelivery
from catalog.providers.discrepancy import Discrepancy
from catalog.providers.provider import Provider
from catalog.providers.wire import request_signature
from ledger import balance_of, merchant
from shared.clock import real_now

PATH = "/api/v1/provider-callbacks/sandbox"


@pytest.fixture
def call_back(app):
    """Sends one call-back, signed at `at_s` with `secret`."""

    def send(said, *, secret=SECRET, at_s=None, path=PATH, signed_body=None):
        body = json.dumps(said).encode()
        at_s = int(time.time()) if at_s is None else at_s
        signature = request_signature(secret, at_s, "POST", path, signed_body or body)
        headers = {"Fuxun-Signature": signature, "Content-Type": "application/json"}
        return app.test_client().post(path, data=body, headers=headers)

    return send


def news(key, status="delivered", event="e-1", **more):
    more = more or ({"reference": "r-1"} if status == "delivered" else {"reason": "no"})
    return {"event": event, "key": key, "status": status, **more}


@pytest.fixture
def in_doubt(top_up):
    """A delivery that was sent, and nothing is known of it here."""
    voucher_id = top_up("error_delivered")
    deliver(voucher_id)
    return voucher_id


def test_it_ends_a_delivery_once_and_the_same_event_is_answered_the_same(
    in_doubt, call_back, sandbox, town
):
    first = call_back(news(in_doubt))
    assert (first.status_code, first.json) == (200, {"key": in_doubt, "news": "ended_it"})
    assert call_back(news(in_doubt)).json == first.json
    assert call_back(news(in_doubt, event="e-2")).json["news"] == "agrees"
    assert_delivered_once(sandbox, in_doubt)
    assert not try_again(in_doubt)


def test_an_event_stands_for_one_content(in_doubt, call_back):
    call_back(news(in_doubt))
    again = call_back(news(in_doubt, status="refused"))
    assert (again.status_code, again.json["code"]) == (409, "EventReused")


def test_late_news_of_a_delivery_that_was_refunded_moves_nothing(top_up, call_back, sandbox):
    buyer = add_person(1_000)
    voucher_id = top_up("refuse", by=buyer)
    deliver(voucher_id)
    said = call_back(news(voucher_id))
    assert (said.status_code, said.json["news"]) == (200, "contradicts")
    assert call_back(news(voucher_id, event="e-2")).json["news"] == "contradicts"
    assert [one.kind.value for one in Discrepancy.objects(key=voucher_id)] == [
        "delivered_after_refund"
    ]
    assert_refunded_once(sandbox, voucher_id)
    assert coins_of(buyer) == 1_000


def test_a_refusal_of_what_was_delivered_moves_nothing(top_up, call_back, town):
    voucher_id = top_up()
    deliver(voucher_id)
    assert call_back(news(voucher_id, status="refused")).json["news"] == "contradicts"
    assert balance_of(merchant(town.point.id)) == 100
    assert Discrepancy.objects.get(key=voucher_id).kind.value == "refused_after_delivery"


def test_what_was_never_sent_is_not_ended_by_a_call_back(top_up, call_back):
    voucher_id = top_up()
    assert call_back(news(voucher_id)).json["news"] == "contradicts"
    assert TopUpDelivery.objects.get(id=voucher_id).state.value == "waiting"
    assert Discrepancy.objects.get(key=voucher_id).kind.value == "never_sent"


@pytest.mark.parametrize(
    "how",
    [
        {"secret": "another secret of forty letters, no more"},
        {"at_s": 1},
        {"at_s": 2**33},
        {"signed_body": b"{}"},
    ],
)
def test_what_is_not_signed_now_by_the_provider_is_turned_away(in_doubt, call_back, how):
    assert call_back(news(in_doubt), **how).status_code == 401
    assert TopUpDelivery.objects.get(id=in_doubt).state.value == "sent"


def test_an_unknown_provider_is_answered_as_a_bad_signature(in_doubt, call_back):
    other = PATH.replace("sandbox", "nobody")
    assert call_back(news(in_doubt), path=other).status_code == 401


def test_an_unknown_key_is_404_and_a_delivery_of_it_is_noted(in_doubt, call_back):
    assert call_back(news("f" * 24)).status_code == 404
    assert Discrepancy.objects.get(key="f" * 24).kind.value == "unknown_key"


@pytest.mark.parametrize("said", [{"reference": ""}, {"reference": "has space"}])
def test_a_delivery_without_a_reference_is_incomplete(in_doubt, call_back, said):
    answer = call_back(news(in_doubt, **said))
    assert (answer.status_code, answer.json["code"]) == (422, "CallBackInvalid")


def test_an_old_secret_is_taken_for_a_while_after_a_rotation(
    in_doubt, call_back, put, provider, sandbox
):
    put(sandbox.url, secret="a new secret that both sides will hold", version=provider.version)
    assert call_back(news(in_doubt)).status_code == 200
    Provider.objects.update(set__old_secrets__0__taken_until=real_now() - timedelta(seconds=1))
    assert call_back(news(in_doubt, event="e-2")).status_code == 401


def test_a_call_back_between_two_tries_leaves_nothing_to_ask(in_doubt, call_back, sandbox):
    before = sandbox.counts(in_doubt)
    call_back(news(in_doubt))
    change(in_doubt, next_try_at=real_now() - timedelta(days=1))
    assert not deliver(in_doubt)
    assert sandbox.counts(in_doubt) == before
