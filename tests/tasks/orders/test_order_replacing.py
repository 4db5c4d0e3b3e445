"""Somebody who accepted and does not come is replaced by the next in turn, once."""

from datetime import timedelta

import pytest
from crew_world import officer_at, ordered, reloaded, told

from shared.clock import now, pretending, real_now
from shared.database import collection
from tasks import (
    Order,
    Participation,
    accept_order,
    cancel_task,
    claim_task,
    give_up_participation,
    join_waiting_list,
    start_participation,
    task_of,
)
from tasks.agenda import Agenda
from tasks.orders.answering import AnsweredAlready, finish_orders
from tasks.orders.replacing import LOOK_AGAIN, replace_lost
from tasks.slots import end_unwalked, lapse_claim
from tests.racing import at_once


@pytest.fixture
def officer(town):
    return officer_at(town.street)


def due(order):
    """Let the next look at the order be due."""
    past = real_now() - timedelta(seconds=1)
    Order.objects(id=order.id, look_again_at__ne=None).update_one(set__look_again_at=past)


def accepted(order, actor):
    accept_order(order.id, by=actor)
    due(order)
    return Participation.objects.get(order_id=order.id, person_id=actor.person_id)


WAYS = {
    "given_up": lambda claim, actor: give_up_participation(claim.id, by=actor),
    "lapsed": lambda claim, actor: lapse_claim(claim, claim.held_until),
    "withdrawn": lambda claim, actor: end_unwalked(claim.id, "withdrawn"),
}


@pytest.mark.parametrize("way", WAYS)
def test_however_the_claim_ended_the_next_is_asked_and_can_accept(officer, published, guard, way):
    task, first, second = published(by_order=True), guard(), guard()
    order = ordered(task, officer, first, second)
    claim = accepted(order, first)
    WAYS[way](claim, first)
    assert replace_lost() == 1
    assert replace_lost() == 0
    passed = reloaded(order)
    assert (passed.state, passed.asked_id) == ("asked", second.person_id)
    assert (passed.participation_id, passed.look_again_at) == (None, None)
    assert (passed.asks[0].outcome, passed.asks[0].hindrance) == ("declined", way)
    assert told(second) == ["order_asked"]
    with pytest.raises(AnsweredAlready):
        accept_order(order.id, by=first)
    assert accept_order(order.id, by=second).participation_id != claim.id
    assert task_of(task.id).slots_left == 4


def test_when_nobody_is_left_who_ordered_is_told_once(officer, published, guard):
    asked = guard()
    order = ordered(published(), officer, asked)
    give_up_participation(accepted(order, asked).id, by=asked)
    assert replace_lost() == 1
    assert reloaded(order).state == "declined"
    Order.objects(id=order.id).update_one(set__tail_since=order.ordered_at.replace(year=2020))
    assert finish_orders() == 1
    assert told(officer) == ["order_place_empty"]


def test_a_place_that_went_to_who_waited_is_asked_of_nobody(officer, published, guard, volunteer):
    task, first, second, waiter = published(slots=1), guard(), guard(), volunteer()
    order = ordered(task, officer, first, second)
    claim = accepted(order, first)
    join_waiting_list(task.id, position=None, by=waiter)
    give_up_participation(claim.id, by=first)
    assert replace_lost() == 1
    assert (told(second), told(officer)) == ([], ["order_place_empty"])


def test_many_sweeps_at_once_ask_one_next_person(officer, published, guard):
    people = [guard() for _ in range(4)]
    order = ordered(published(), officer, *people)
    give_up_participation(accepted(order, people[0]).id, by=people[0])
    at_once(6, lambda _: replace_lost())
    due(order)
    replace_lost()
    assert [ask.person_id for ask in reloaded(order).asks] == [one.person_id for one in people[:2]]


def test_a_claim_that_stands_is_looked_at_again_and_a_started_one_no_more(
    officer, published, guard
):
    task, asked = published(), guard()
    order = ordered(task, officer, asked, guard())
    claim = accepted(order, asked)
    assert replace_lost() == 0
    assert reloaded(order).look_again_at > real_now() + LOOK_AGAIN / 2
    with pretending(task.starts_at):
        start_participation(claim.id, by=asked)
    due(order)
    assert replace_lost() == 0
    assert (reloaded(order).state, reloaded(order).look_again_at) == ("accepted", None)


def test_nobody_is_asked_for_a_task_that_was_called_off(officer, published, guard):
    task, first, second = published(), guard(), guard()
    order = ordered(task, officer, first, second)
    accepted(order, first)
    cancel_task(task.id, by=officer)
    assert replace_lost() == 0
    assert (reloaded(order).state, reloaded(order).look_again_at) == ("accepted", None)
    assert (told(second), told(officer)) == ([], [])


def test_as_long_as_the_slot_is_not_given_back_the_order_waits(officer, published, guard):
    first, second = guard(), guard()
    order = ordered(published(), officer, first, second)
    claim = accepted(order, first)
    collection(Participation).update_one({"_id": claim.id}, {"$set": {"state": "given_up"}})
    assert replace_lost() == 0
    give_up_participation(claim.id, by=first)
    due(order)
    assert replace_lost() == 1


def test_who_was_ordered_and_gives_up_in_time_has_no_more_of_a_mark_than_anybody(
    officer, published, guard
):
    times = {"starts_at": now() + timedelta(hours=5), "ends_at": now() + timedelta(hours=6)}
    task, asked, claimer = published(**times), guard(), guard()
    by_order = accepted(ordered(task, officer, asked), asked)
    by_wish = claim_task(task.id, position=None, by=claimer)
    assert by_order.free_until == by_wish.free_until == task.starts_at - timedelta(hours=2)
    for claim, actor in ((by_order, asked), (by_wish, claimer)):
        with pretending(task.starts_at - timedelta(hours=2)):
            assert not give_up_participation(claim.id, by=actor).missed
        assert Agenda.objects(person_id=actor.person_id).get().missed == []
