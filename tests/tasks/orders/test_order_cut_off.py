"""Orders cut off after each of their writes: what is repeated or swept ends as if never cut."""

import pytest
from crew_world import officer_at, ordered, reloaded, silence, told

from shared.ids import new_id
from tasks import Order, Participation, accept_order, refuse_order, task_of, withdraw_order
from tasks.orders.answering import finish_orders, pass_orders_on
from tests.cutting import was_cut


@pytest.fixture
def officer(town):
    return officer_at(town.street)


def every_cut(play, least):
    """Play with a cut after the first write, the second, … until none is left; how many."""
    cuts = 0
    while play(cuts + 1):
        cuts += 1
        assert cuts < 60
    assert cuts >= least


def test_an_order_repeated_with_its_key_is_there_once_and_told_once(officer, published, guard):
    def play(number):
        task, asked, key = published(), guard(), new_id()
        cut = was_cut(lambda: ordered(task, officer, asked, key=key), number)
        order = ordered(task, officer, asked, key=key)
        silence(order)
        finish_orders()
        assert Order.objects(task_id=task.id).count() == 1
        assert told(asked) == ["order_asked"]
        return cut

    every_cut(play, 2)


@pytest.mark.parametrize("again", [True, False])
def test_an_acceptance_ends_in_one_claim_or_in_none(officer, published, guard, again):
    def play(number):
        task, asked = published(), guard()
        order = ordered(task, officer, asked)
        cut = was_cut(lambda: accept_order(order.id, by=asked), number)
        if again:
            accept_order(order.id, by=asked)
        else:
            silence(order)
            finish_orders()
        claim = Participation.objects.get(task_id=task.id)
        assert reloaded(order).state == "accepted"
        assert reloaded(order).participation_id == claim.id
        assert task_of(task.id).slots_left == 4
        return cut

    every_cut(play, 5)


def test_a_refusal_asks_the_next_once(officer, published, guard):
    def play(number):
        task, first, second = published(), guard(), guard()
        order = ordered(task, officer, first, second)
        cut = was_cut(lambda: refuse_order(order.id, "忙", by=first), number)
        refuse_order(order.id, "忙", by=first)
        row = reloaded(order)
        if row.tail_since:
            Order.objects(id=order.id).update_one(
                set__tail_since=order.ordered_at.replace(year=2020)
            )
        finish_orders()
        assert [ask.outcome for ask in reloaded(order).asks] == ["declined", None]
        assert told(second) == ["order_asked"]
        return cut

    every_cut(play, 3)


def test_a_withdrawal_and_a_time_out_are_told_once(officer, published, guard):
    def play(number):
        withdrawn, silent = guard(), guard()
        one = ordered(published(), officer, withdrawn)
        two = ordered(published(), officer, silent)
        silence(two)

        def both():
            withdraw_order(one.id, by=officer)
            pass_orders_on()

        cut = was_cut(both, number)
        both()
        Order.objects(tail_since__ne=None).update(set__tail_since=one.ordered_at.replace(year=2020))
        finish_orders()
        assert told(withdrawn) == ["order_asked", "order_withdrawn"]
        assert (reloaded(one).state, reloaded(two).state) == ("withdrawn", "unanswered")
        return cut

    every_cut(play, 4)
    asked_in_vain = Order.objects(state="unanswered").count()
    assert told(officer) == ["order_nobody_left"] * asked_in_vain
