"""Webhooks: the city's admins make them once, and nobody reads their secrets in the database."""

import pytest
from racing import at_once

from notices import (
    DeliveryState,
    Webhook,
    deliveries_of,
    make_webhook,
    remove_webhook,
    secret_of,
    try_webhook,
    webhooks_of,
)
from notices.delivery import Delivery
from notices.webhook_addresses import BadWebhookUrl
from notices.webhooks import (
    MAX_WEBHOOKS,
    TooManyWebhooks,
    UnknownEvent,
    WebhookConflict,
    WebhookNotFound,
)
from people import Role
from shared.cursors import BadCursor
from shared.database import collection
from shared.errors import NotAllowed
from shared.ids import new_id

URL = "https://push.example.com/notices"


def made(by, url=URL, events=(), key=""):
    return make_webhook(url, events=list(events), key=key or new_id(), by=by)


class TestMaking:
    def test_again_with_the_same_key_answers_the_same_webhook(self, admin):
        first = made(admin, events=["order_asked", "claim_lapsed", "order_asked"], key="k")
        again = made(admin, events=["claim_lapsed", "order_asked"], key="k")
        assert again.id == first.id
        assert secret_of(again) == secret_of(first)
        assert len(secret_of(first)) >= 40
        for wanted in ({"url": URL + "2", "events": first.events}, {"events": []}):
            with pytest.raises(WebhookConflict):
                made(admin, key="k", **wanted)
        assert Webhook.objects.count() == 1

    def test_by_threads_at_once_makes_one(self, admin):
        results = at_once(8, lambda _: made(admin, key="k").id)
        assert len(set(results)) == 1
        assert Webhook.objects.count() == 1

    def test_seals_the_secret(self, admin):
        webhook = made(admin)
        assert secret_of(webhook) not in str(collection(Webhook).find_one())
        assert secret_of(made(admin)) != secret_of(webhook)

    def test_is_for_admins_of_the_whole_city(self, somebody, city, street, admin):
        webhook = made(admin)
        strangers = [somebody(), somebody(Role.ADMIN, street), somebody(Role.CENTRE_OFFICER, city)]
        for by in strangers:
            for act in (
                lambda by=by: made(by),
                lambda by=by: webhooks_of(by=by),
                lambda by=by: remove_webhook(webhook.id, by=by),
                lambda by=by: try_webhook(webhook.id, key="k", by=by),
                lambda by=by: deliveries_of(webhook.id, by=by),
            ):
                with pytest.raises(NotAllowed):
                    act()
        assert [one.id for one in webhooks_of(by=admin)] == [webhook.id]

    def test_refuses_an_address_and_events_that_cannot_be(self, admin):
        with pytest.raises(BadWebhookUrl):
            made(admin, "http://push.example.com/")
        with pytest.raises(UnknownEvent) as refused:
            made(admin, events=["claim_lapsed", "no_such_notice"])
        assert refused.value.field == "events.1"
        assert Webhook.objects.count() == 0

    def test_ends_at_as_many_as_may_be(self, admin):
        webhooks = [made(admin) for _ in range(MAX_WEBHOOKS)]
        with pytest.raises(TooManyWebhooks):
            made(admin)
        remove_webhook(webhooks[0].id, by=admin)
        made(admin)


class TestRemoving:
    def test_may_be_repeated_and_hides_it(self, admin):
        webhook = made(admin, key="k")
        for _ in range(2):
            remove_webhook(webhook.id, by=admin)
        assert webhooks_of(by=admin) == []
        for act in (
            lambda: try_webhook(webhook.id, key="k", by=admin),
            lambda: deliveries_of(webhook.id, by=admin),
            lambda: made(admin, key="k"),
        ):
            with pytest.raises(WebhookNotFound):
                act()

    def test_of_what_never_was_is_refused(self, admin):
        with pytest.raises(WebhookNotFound):
            remove_webhook("0" * 24, by=admin)


class TestTrying:
    def test_is_one_delivery_for_each_key_of_each_admin(self, admin, somebody, city):
        webhook, other = made(admin), somebody(Role.ADMIN, city)
        first = try_webhook(webhook.id, key="k", by=admin)
        assert try_webhook(webhook.id, key="k", by=admin).id == first.id
        try_webhook(webhook.id, key="k2", by=admin)
        try_webhook(webhook.id, key="k", by=other)
        assert Delivery.objects.count() == 3
        assert (first.is_trial, first.state) == (True, DeliveryState.PENDING)


def test_deliveries_are_listed_newest_first_page_by_page_and_by_state(admin):
    webhook, other = made(admin), made(admin)
    trials = [try_webhook(webhook.id, key=f"k{number}", by=admin).id for number in range(3)]
    try_webhook(other.id, key="k", by=admin)
    page = deliveries_of(webhook.id, by=admin, limit=2)
    rest = deliveries_of(webhook.id, by=admin, limit=2, cursor=page.next_cursor)
    assert {one.id for one in page.items + rest.items} == set(trials)
    assert rest.next_cursor is None
    assert deliveries_of(webhook.id, by=admin, state="sent").items == []
    with pytest.raises(BadCursor):
        deliveries_of(webhook.id, by=admin, cursor="made up")
