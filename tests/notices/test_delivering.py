"""Delivering: signed, once as far as one can know, again after failures, given up after a day."""

import hashlib
import hmac
from datetime import timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from racing import at_once

from notices import jobs, make_webhook, remove_webhook, secret_of, tell, tell_people, try_webhook
from notices.delivering import (
    FIRST_WAIT_S,
    LEASE,
    LONGEST_WAIT_S,
    body_of,
    claim,
    send,
    settle,
    wait_s,
)
from notices.delivery import Delivery
from notices.notice import Notice
from notices.posting import Answer
from notices.webhook import Webhook
from shared.clock import pretending, real_now
from shared.database import collection
from shared.ids import new_id, random_id
from shared.queue import queue, valkey

FACTS = {"title": "夜巡", "task_id": "t1"}
NAME = "order_nobody_left"  # urgent, so that no hour of the day holds it back


@pytest.fixture
def webhook(admin, receiver):
    return make_webhook(receiver.url, events=[], key=new_id(), by=admin)


def told(key="k", name=NAME, who=""):
    tell(who or random_id(), name, FACTS, key=key)


def the_delivery():
    (found,) = Delivery.objects
    return found


def make_due():
    """Let the waits and rests written so far be over."""
    past = real_now() - timedelta(seconds=1)
    collection(Delivery).update_many({}, {"$set": {"next_try_at": past}})
    collection(Webhook).update_many({}, {"$unset": {"resting_until": 1}})


def signed_by(secret, got):
    """Whether a request is signed with the secret, reckoned apart from our own code."""
    given = dict(part.split("=", 1) for part in got.headers["Fuxun-Signature"].split(","))
    signed = given["t"].encode() + b"." + got.body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    fresh = abs(int(given["t"]) - real_now().timestamp()) < 60
    return fresh and hmac.compare_digest(digest, given["v1"])


class TestTheWay:
    def test_a_notice_is_pushed_signed_with_its_words_and_no_more(self, webhook, receiver):
        who = random_id()
        told(who=who)
        assert jobs.sweep() == {"hand_on_forgotten": 1, "give_up_overdue": 0, "deliver_due": 1}
        (got,) = receiver.got
        (notice,) = Notice.objects
        assert orjson.loads(got.body) == {
            "id": notice.id,
            "notice": NAME,
            "person_id": who,
            "title": {"zh-CN": "指派无人应答", "en": "Nobody is left to ask"},
            "body": {
                "zh-CN": "“夜巡”的指派人员均已谢绝或未在时限内答复。",
                "en": "Everybody named for “夜巡” declined or did not answer.",
            },
            "urgent": True,
            "created_at": notice.created_at.isoformat(timespec="microseconds").replace(
                "+00:00", "Z"
            ),
        }
        assert signed_by(secret_of(webhook), got)
        assert not signed_by("another secret", got)
        assert got.headers["Idempotency-Key"] == the_delivery().id
        assert got.headers["Content-Type"] == "application/json"
        delivery = the_delivery()
        assert (delivery.state, delivery.tries, delivery.last_status) == ("sent", 1, 200)
        jobs.sweep()
        assert len(receiver.got) == 1

    def test_the_job_does_what_the_sweep_would(self, webhook, receiver):
        tell_people([random_id(), random_id()], NAME, FACTS, key="k")
        jobs.deliver([one.id for one in Notice.objects])
        assert len(receiver.got) == 2
        assert {one.state for one in Delivery.objects} == {"sent"}
        assert jobs.sweep() == {"hand_on_forgotten": 0, "give_up_overdue": 0, "deliver_due": 0}

    def test_telling_puts_that_job_into_the_queue(self, webhook, receiver):
        told()
        (job,) = queue().jobs
        assert job.func_name == "notices.jobs.deliver"
        job.perform()
        assert (len(receiver.got), the_delivery().state) == (1, "sent")

    def test_an_emptied_valkey_loses_nothing(self, webhook, receiver):
        told()
        valkey().flushall()
        jobs.sweep()
        assert len(receiver.got) == 1

    def test_only_what_a_webhook_asks_for_goes_there(self, admin, receiver):
        make_webhook(receiver.url, events=["order_asked"], key="k", by=admin)
        told()
        jobs.sweep()
        assert (receiver.got, Notice.objects(to_hand_on=True).count()) == ([], 0)

    def test_every_webhook_gets_it_once(self, webhook, admin, receiver):
        make_webhook(receiver.url + "/2", events=[NAME], key="k", by=admin)
        told()
        for _ in range(2):
            jobs.sweep()
        assert sorted(got.path for got in receiver.got) == ["/push", "/push/2"]
        assert len({got.headers["Idempotency-Key"] for got in receiver.got}) == 2

    def test_quiet_hours_hold_it_back_too(self, webhook, receiver):
        evening = real_now().replace(hour=15, minute=0)  # 23:00 in Fuzhou
        with pretending(evening):
            told(name="claim_lapsed")
        jobs.sweep()
        assert receiver.got == []
        wait = the_delivery().next_try_at - real_now()
        assert timedelta(hours=7.9) < wait < timedelta(hours=8.1)

    def test_a_trial_comes_through_while_the_webhook_rests(self, webhook, admin, receiver):
        rest = real_now() + timedelta(hours=1)
        collection(Webhook).update_one({}, {"$set": {"resting_until": rest, "failures": 3}})
        delivery = try_webhook(webhook.id, key="k", by=admin)
        jobs.deliver_one(delivery.id)
        (got,) = receiver.got
        assert orjson.loads(got.body)["notice"] == "trial"
        assert signed_by(secret_of(webhook), got)
        assert Webhook.objects.get(id=webhook.id).failures == 0


class TestFailures:
    def test_a_500_is_tried_again_later_under_the_same_key(self, webhook, receiver):
        receiver.answers = [500, 503, 200]
        told()
        for tries in (1, 2):
            make_due()
            jobs.sweep()
            delivery = the_delivery()
            assert (delivery.state, delivery.tries) == ("pending", tries)
            wait_at_least = FIRST_WAIT_S * 2 ** (tries - 1) * 0.75
            assert delivery.next_try_at > real_now() + timedelta(seconds=wait_at_least)
            jobs.sweep()  # not due, nothing happens
            assert len(receiver.got) == tries
        make_due()
        jobs.sweep()
        assert (the_delivery().state, the_delivery().tries) == ("sent", 3)
        assert len({got.headers["Idempotency-Key"] for got in receiver.got}) == 1
        assert len({got.body for got in receiver.got}) == 1
        assert Webhook.objects.get(id=webhook.id).resting_until is None

    def test_a_dead_receiver_costs_one_try_and_holds_up_no_other(self, admin, receiver):
        make_webhook("http://127.0.0.1:1/", events=[], key="dead", by=admin)
        make_webhook(receiver.url, events=[], key="alive", by=admin)
        for number in range(5):
            told(key=f"k{number}")
        assert jobs.sweep()["deliver_due"] == 5
        assert len(receiver.got) == 5
        dead = Webhook.objects.get(key="dead")
        assert dead.failures == 1
        assert dead.resting_until > real_now()
        pending = Delivery.objects(webhook_id=dead.id)
        assert sorted(one.tries for one in pending) == [0, 0, 0, 0, 1]
        assert {one.last_error for one in pending} == {None, "no_answer"}

    def test_after_a_day_it_is_given_up_and_shown(self, webhook, receiver):
        receiver.answers = [500]
        told()
        jobs.sweep()
        make_due()
        collection(Delivery).update_one(
            {}, {"$set": {"give_up_at": real_now() + timedelta(seconds=10)}}
        )
        jobs.sweep()
        assert (the_delivery().state, the_delivery().last_status) == ("failed", 500)
        make_due()
        jobs.sweep()
        assert len(receiver.got) == 2

    def test_what_nobody_came_to_for_a_day_is_given_up(self, webhook, receiver):
        told()
        jobs.deliver([])
        jobs.handing_on.hand_on(Notice.objects.get().id)
        past = real_now() - timedelta(seconds=1)
        collection(Delivery).update_one({}, {"$set": {"give_up_at": past, "next_try_at": past}})
        assert jobs.sweep()["give_up_overdue"] == 1
        assert (the_delivery().state, receiver.got) == ("failed", [])

    def test_a_410_says_never_again(self, webhook, receiver):
        receiver.answers = [410]
        told()
        jobs.sweep()
        assert (the_delivery().state, the_delivery().tries) == ("failed", 1)

    def test_nothing_goes_to_a_removed_webhook(self, webhook, admin, receiver):
        receiver.answers = [500]
        told()
        jobs.sweep()
        remove_webhook(webhook.id, by=admin)
        make_due()
        jobs.sweep()
        assert (the_delivery().state, len(receiver.got)) == ("failed", 1)

    def test_a_forgotten_notice_is_not_sent(self, webhook, receiver):
        receiver.answers = [500]
        told()
        jobs.sweep()
        Notice.objects.delete()
        make_due()
        jobs.sweep()
        assert (the_delivery().state, len(receiver.got)) == ("failed", 1)


class TestRacesAndDeaths:
    def test_of_workers_that_come_at_once_one_sends(self, webhook, receiver):
        told()
        (notice,) = Notice.objects
        results = at_once(8, lambda _: jobs.deliver([notice.id]))
        assert results == [None] * 8
        assert len(receiver.got) == 1
        assert Delivery.objects.count() == 1

    def test_who_died_after_sending_is_followed_under_the_same_key(self, webhook, receiver):
        told()
        jobs.handing_on.hand_on(Notice.objects.get().id)
        # What a worker does that is killed before it can note the answer.
        claimed = claim({"webhook_id": webhook.id})
        assert send(webhook, claimed["_id"], body_of(claimed)).is_taken
        jobs.sweep()
        assert len(receiver.got) == 1  # the dead one's lease still runs
        assert the_delivery().next_try_at <= real_now() + LEASE
        make_due()
        jobs.sweep()
        first, second = receiver.got
        assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
        assert first.body == second.body
        assert the_delivery().state == "sent"

    def test_who_died_between_telling_and_handing_on_loses_nothing(self, webhook, receiver):
        told()
        assert (Delivery.objects.count(), Notice.objects(to_hand_on=True).count()) == (0, 1)
        jobs.sweep()
        assert (len(receiver.got), Notice.objects(to_hand_on=True).count()) == (1, 0)

    def test_a_late_failure_undoes_nothing_that_somebody_else_did(self, webhook, receiver):
        told()
        jobs.handing_on.hand_on(Notice.objects.get().id)
        slow = claim({"webhook_id": webhook.id})
        make_due()
        jobs.sweep()
        settle(slow, Answer(None, "timeout"))
        assert (the_delivery().state, the_delivery().last_error) == ("sent", None)

    def test_a_late_failure_does_not_shorten_the_wait_after_a_later_one(self, webhook, receiver):
        receiver.answers = [500]
        told()
        jobs.handing_on.hand_on(Notice.objects.get().id)
        slow = claim({"webhook_id": webhook.id})
        make_due()
        jobs.sweep()
        before = the_delivery().next_try_at
        settle(slow, Answer(None, "timeout"))
        assert (the_delivery().next_try_at, the_delivery().last_status) == (before, 500)


@given(st.integers(1, 1_000), st.integers(0, 999))
def test_waits_double_up_to_the_longest_and_are_never_quite_alike(tries, thousandths):
    chance = thousandths / 1_000
    wait = wait_s(tries, chance)
    middle = min(FIRST_WAIT_S * 2 ** (tries - 1), LONGEST_WAIT_S)
    assert 0.8 * middle <= wait <= 1.2 * middle
    assert (wait_s(tries, 0.0) < wait) == (chance > 0)


def test_due_deliveries_are_found_by_their_index(webhook):
    told()
    jobs.handing_on.hand_on(Notice.objects.get().id)
    due = {"webhook_id": webhook.id, "state": "pending", "next_try_at": {"$lte": real_now()}}
    plan = collection(Delivery).find(due).sort("next_try_at", 1).explain()["queryPlanner"]
    assert "'indexName': 'due'" in str(plan["winningPlan"])
    waiting = collection(Notice).find({"to_hand_on": True}).explain()["queryPlanner"]
    assert "'indexName': 'to_hand_on'" in str(waiting["winningPlan"])
    late = {"state": "pending", "give_up_at": {"$lte": real_now()}}
    overdue = collection(Delivery).find(late).explain()["queryPlanner"]
    assert "'indexName': 'overdue'" in str(overdue["winningPlan"])
