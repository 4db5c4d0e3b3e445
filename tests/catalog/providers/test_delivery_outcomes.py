"""Each way in which a provider misbehaves ends in exactly one delivery or one refund."""

import threading
from datetime import timedelta

import pytest
from catalog_town import add_person, coins_of
from delivery_steps import (
    assert_delivered_once,
    assert_refunded_once,
    change,
    time_is_over,
    try_again,
    until_ended,
)
from inboxes import names_in_inbox

from catalog import Voucher, cancel_voucher
from catalog.giving_back import UnderDelivery
from catalog.jobs import sweep
from catalog.providers.attempting import deliver, deliver_due
from catalog.providers.delivery import DeliveryState, Source, TopUpDelivery
from catalog.providers.discrepancy import Discrepancy
from catalog.providers.try_rules import CLOCK_MARGIN
from ledger import HoldState, balance_of, hold_of, merchant, wallet
from people import Actor, Held, Person, Role
from shared.clock import real_now
from shared.queue import valkey

DELIVERED_IN_THE_END = (
    "ok",
    "slow",
    "twice",
    "late",
    "call_back_first",
    "hang_delivered",
    "reset_delivered",
    "error_then_fine",
    "error_delivered",
    "garbage",
)


@pytest.mark.parametrize("manner", DELIVERED_IN_THE_END)
def test_it_ends_in_exactly_one_delivery(top_up, sandbox, manner):
    buyer = add_person(1_000)
    voucher_id = top_up(manner, by=buyer)
    until_ended(voucher_id, tries=60)
    assert_delivered_once(sandbox, voucher_id)
    assert coins_of(buyer) == 900
    told = names_in_inbox(buyer)
    assert told.count("top_up_delivered") == 1


def test_a_refusal_gives_coins_and_item_back_and_says_so(top_up, sandbox):
    buyer = add_person(1_000)
    voucher_id = top_up("refuse", by=buyer)
    assert until_ended(voucher_id).last_reason == "number_barred"
    assert_refunded_once(sandbox, voucher_id)
    assert coins_of(buyer) == 1_000
    assert names_in_inbox(buyer).count("top_up_given_back") == 1


def test_who_hangs_and_never_had_it_is_asked_twice_after_the_end_and_then_refunded(top_up, sandbox):
    voucher_id = top_up("hang_lost")
    assert not deliver(voucher_id)
    assert TopUpDelivery.objects.get(id=voucher_id).in_doubt
    time_is_over(voucher_id)
    assert not try_again(voucher_id), "one 'not found' is not enough"
    assert not try_again(voucher_id), "nor is another that comes too soon, say after a crash"
    change(voucher_id, not_found_at=real_now() - CLOCK_MARGIN)
    assert Voucher.objects.get(id=voucher_id).state.value == "delivering"
    assert try_again(voucher_id)
    assert_refunded_once(sandbox, voucher_id)
    assert TopUpDelivery.objects.get(id=voucher_id).ended_by == Source.NEVER_HAD


def test_while_it_is_valid_a_lost_request_is_sent_again_under_its_key(top_up, sandbox):
    voucher_id = top_up("error_then_fine")
    assert not deliver(voucher_id)
    assert try_again(voucher_id)
    assert sandbox.counts(voucher_id) == {"requests": 2, "deliveries": 1}


def test_in_doubt_it_is_asked_and_never_sent_again_blindly(top_up, sandbox):
    voucher_id = top_up("error_delivered")
    assert not deliver(voucher_id)
    assert try_again(voucher_id)
    assert sandbox.counts(voucher_id) == {"requests": 1, "deliveries": 1}
    assert TopUpDelivery.objects.get(id=voucher_id).ended_by == Source.QUESTION


def test_a_provider_that_is_away_costs_nothing_but_time(top_up, sandbox, put, provider):
    gone = put("http://127.0.0.1:9", version=provider.version)
    voucher_id = top_up()
    assert not deliver(voucher_id)
    found = TopUpDelivery.objects.get(id=voucher_id)
    assert (found.in_doubt, found.last_outcome) == (False, "not_sent")
    put(sandbox.url, version=gone.version)
    assert try_again(voucher_id)
    assert_delivered_once(sandbox, voucher_id)


def test_what_never_left_is_refunded_when_its_time_is_over(top_up, sandbox, put, provider):
    put("http://127.0.0.1:9", version=provider.version)
    voucher_id = top_up()
    assert not deliver(voucher_id)
    time_is_over(voucher_id)
    assert try_again(voucher_id)
    assert_refunded_once(sandbox, voucher_id)


def test_a_contradiction_after_the_refund_moves_no_coin_and_is_noted(top_up, sandbox, town):
    buyer = add_person(1_000)
    voucher_id = top_up("contradict", by=buyer)
    until_ended(voucher_id)
    wait_for(lambda: Discrepancy.objects(key=voucher_id).count())
    assert_refunded_once(sandbox, voucher_id, deliveries=1)
    assert coins_of(buyer) == 1_000
    (noted,) = Discrepancy.objects(key=voucher_id)
    assert (noted.kind.value, noted.source) == ("delivered_after_refund", "call_back")


def test_two_workers_at_once_send_once(top_up, sandbox):
    voucher_id = top_up("slow")
    gate, ended = threading.Barrier(4), []

    def work():
        gate.wait()
        ended.append(deliver(voucher_id))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sorted(ended) == [False, False, False, True]
    assert sandbox.counts(voucher_id) == {"requests": 1, "deliveries": 1}


def test_a_lost_job_is_found_by_the_sweep(top_up, sandbox):
    voucher_id = top_up()
    valkey().flushdb()
    assert sweep()["delivered"] == 1
    assert_delivered_once(sandbox, voucher_id)


def test_the_owner_cancels_before_it_is_sent_and_not_after(top_up, sandbox):
    buyer = add_person(1_000)
    early, late = top_up(by=buyer), top_up("hang_lost", by=buyer)
    cancel_voucher(early, by=buyer)
    deliver(late)
    with pytest.raises(UnderDelivery):
        cancel_voucher(late, by=buyer)
    assert deliver_due() == 0
    assert TopUpDelivery.objects.get(id=early).state == DeliveryState.CALLED_OFF
    assert sandbox.counts(early) == {"requests": 0, "deliveries": 0}
    assert hold_of(Voucher.objects.get(id=early).hold_id).state == HoldState.RELEASED
    assert hold_of(Voucher.objects.get(id=late).hold_id).state == HoldState.ACTIVE


def test_the_coins_wait_on_a_hold_until_the_outcome_is_known(top_up, town):
    buyer = add_person(150)
    voucher_id = top_up("hang_lost", by=buyer)
    deliver(voucher_id)
    assert balance_of(wallet(buyer.person_id)) == 150
    assert balance_of(merchant(town.point.id)) == 0
    hold = hold_of(Voucher.objects.get(id=voucher_id).hold_id)
    assert hold.state == HoldState.ACTIVE
    assert hold.expires_at - real_now() > timedelta(days=300)


def test_officers_hear_of_a_doubt_of_three_days_once(top_up, town):
    officer = add_officer(town)
    voucher_id = top_up("hang_lost")
    deliver(voucher_id)
    time_is_over(voucher_id)
    change(voucher_id, sent_at=real_now() - timedelta(days=3), not_found_times=-9)
    for _ in range(3):
        try_again(voucher_id)
    told = names_in_inbox(officer)
    assert told.count("delivery_in_doubt") == 1


def test_a_provider_that_is_silent_again_and_again_is_left_alone_for_a_while(top_up):
    silent = top_up("hang_lost")
    for _ in range(6):
        try_again(silent)
    assert not deliver(top_up())
    assert deliver_due() == 0


def wait_for(condition):
    """Until something that another process does is seen here."""
    pause = threading.Event()
    for _ in range(100):
        if condition():
            return
        pause.wait(0.05)
    raise AssertionError("it never came")


def add_officer(town):
    """An officer who has an inbox."""
    held = [{"role": Role.CENTRE_OFFICER, "unit_id": town.district.id, "since": real_now()}]
    person = Person(memberships=held).save()
    return Actor(person.id, "s", (Held(Role.CENTRE_OFFICER, town.district.id),))
