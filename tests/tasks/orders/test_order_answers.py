"""Answering an order: accepting, declining, silence, and their races."""

import pytest
from crew_world import officer_at, ordered, reloaded, silence, told

from people import Person
from shared.clock import pretending
from shared.database import collection
from tasks import (
    Order,
    Participation,
    accept_order,
    cancel_task,
    claim_task,
    refuse_order,
    task_of,
    withdraw_order,
)
from tasks.claiming import HoursTaken
from tasks.claims.requirements import NotOpen
from tasks.orders.answering import (
    AnsweredAlready,
    AnswerTooLate,
    finish_orders,
    pass_orders_on,
)
from tasks.orders.ordering import OrderNotFound, OrderSettled
from tests.racing import at_once


@pytest.fixture
def officer(town):
    return officer_at(town.street)


class TestAccepting:
    def test_acceptance_claims_the_place_as_what_was_ordered(self, officer, published, guard):
        task, asked = published(by_order=True), guard()
        order = ordered(task, officer, asked)
        accepted = accept_order(order.id, by=asked)
        claim = Participation.objects.get()
        assert (accepted.state, accepted.participation_id) == ("accepted", claim.id)
        assert (claim.order_id, claim.crew_role) == (order.id, "uniformed_guard")
        assert task_of(task.id).slots_left == 4
        assert [ask.outcome for ask in accepted.asks] == ["accepted"]

    def test_accepting_again_changes_nothing(self, officer, published, guard):
        asked = guard()
        order = ordered(published(), officer, asked)
        answers = at_once(8, lambda _: accept_order(order.id, by=asked))
        assert {getattr(one, "participation_id", one) for one in answers} == {
            Participation.objects.get().id
        }
        assert accept_order(order.id, by=asked).state == "accepted"

    def test_only_who_is_asked_may_answer(self, officer, published, guard):
        first, second = guard(), guard()
        order = ordered(published(), officer, first, second)
        for nobody in (second, officer):
            with pytest.raises(OrderNotFound):
                accept_order(order.id, by=nobody)
            with pytest.raises(OrderNotFound):
                refuse_order(order.id, "忙", by=nobody)

    def test_after_the_time_it_is_too_late(self, officer, published, guard):
        asked = guard()
        order = ordered(published(), officer, asked)
        with pretending(order.answer_by), pytest.raises(AnswerTooLate):
            accept_order(order.id, by=asked)
        silence(order)
        pass_orders_on()
        with pytest.raises(AnswerTooLate):
            accept_order(order.id, by=asked)
        assert Participation.objects.count() == 0

    def test_where_the_claim_is_refused_the_order_waits_on(self, officer, published, guard):
        asked, other = guard(), published()
        taken = claim_task(other.id, position=None, by=asked)
        order = ordered(published(), officer, asked)
        with pytest.raises(HoursTaken):
            accept_order(order.id, by=asked)
        assert (reloaded(order).state, reloaded(order).asks[0].outcome) == ("asked", None)
        cancel_task(other.id, by=officer)
        assert Participation.objects.with_id(taken.id).state == "withdrawn"
        assert accept_order(order.id, by=asked).state == "accepted"

    def test_a_task_called_off_is_not_accepted(self, officer, published, guard):
        task, asked = published(), guard()
        order = ordered(task, officer, asked)
        cancel_task(task.id, by=officer)
        with pytest.raises(NotOpen):
            accept_order(order.id, by=asked)


class TestDeclining:
    def test_the_next_in_turn_is_asked(self, officer, published, guard):
        first, second = guard(), guard()
        order = ordered(published(), officer, first, second)
        for _ in range(2):
            passed = refuse_order(order.id, "孩子生病", by=first)
        assert (passed.state, passed.asked_id) == ("asked", second.person_id)
        assert passed.asks[0].reason == "孩子生病"
        assert [ask.outcome for ask in passed.asks] == ["declined", None]
        assert told(second) == ["order_asked"]
        with pytest.raises(AnsweredAlready):
            accept_order(order.id, by=first)
        assert accept_order(order.id, by=second).state == "accepted"

    def test_when_nobody_is_left_the_officer_is_told_once(self, officer, published, guard):
        asked = guard()
        order = ordered(published(), officer, asked)
        assert refuse_order(order.id, "忙", by=asked).state == "declined"
        Order.objects(id=order.id).update_one(set__tail_since=order.ordered_at)
        silence(order)
        assert finish_orders() == 1
        assert told(officer) == ["order_nobody_left"]

    def test_who_accepted_does_not_decline_and_the_reverse(self, officer, published, guard):
        asked = guard()
        order = ordered(published(), officer, asked)
        accept_order(order.id, by=asked)
        with pytest.raises(AnsweredAlready):
            refuse_order(order.id, "忙", by=asked)
        with pytest.raises(OrderSettled):
            withdraw_order(order.id, by=officer)

    def test_who_was_asked_elsewhere_or_is_there_or_no_longer_fits_is_passed_over(
        self, officer, published, guard
    ):
        task = published()
        first, elsewhere, there, unfit, last = (guard() for _ in range(5))
        order = ordered(task, officer, first, elsewhere, there, unfit, last)
        ordered(task, officer, elsewhere)
        claim_task(task.id, position=None, by=there)
        collection(Person).update_one({"_id": unfit.person_id}, {"$set": {"serves_as": []}})
        assert refuse_order(order.id, "忙", by=first).asked_id == last.person_id
        assert told(elsewhere) == ["order_asked"]

    def test_of_accepting_and_declining_at_once_one_counts(self, officer, published, guard):
        for _ in range(5):
            asked = guard()
            order = ordered(published(slots=1), officer, asked)
            verbs = [
                lambda order=order, by=asked: accept_order(order.id, by=by),
                lambda order=order, by=asked: refuse_order(order.id, "忙", by=by),
            ]
            answers = at_once(2, lambda number, verbs=verbs: verbs[number]())
            state = reloaded(order).state
            assert state in ("accepted", "declined")
            assert sum(isinstance(one, AnsweredAlready) for one in answers) == 1
            claims = Participation.objects(order_id=order.id).count()
            assert claims == (1 if state == "accepted" else 0)


class TestSilence:
    def test_silence_passes_the_order_on_until_nobody_is_left(self, officer, published, guard):
        first, second = guard(), guard()
        order = ordered(published(), officer, first, second)
        assert pass_orders_on() == 0
        for _ in range(2):
            silence(order)
            assert pass_orders_on() == 1
        assert pass_orders_on() == 0
        assert [ask.outcome for ask in reloaded(order).asks] == ["unanswered", "unanswered"]
        assert reloaded(order).state == "unanswered"
        assert (told(second), told(officer)) == (["order_asked"], ["order_nobody_left"])

    def test_two_sweeps_at_once_ask_one_next_person(self, officer, published, guard):
        people = [guard() for _ in range(4)]
        order = ordered(published(), officer, *people)
        silence(order)
        at_once(6, lambda _: pass_orders_on())
        assert len(reloaded(order).asks) == 2
        assert reloaded(order).asked_id == people[1].person_id

    def test_of_acceptance_and_time_out_at_once_one_counts(self, officer, published, guard):
        for _ in range(6):
            first, second = guard(), guard()
            order = ordered(published(slots=1), officer, first, second)
            moment = order.answer_by
            collection(Order).update_one(
                {"_id": order.id}, {"$set": {"answer_by": order.ordered_at}}
            )

            def accept(order=order, by=first, moment=moment):
                # By the clock of the request there is time left; by the sweep's there is none.
                with pretending(order.ordered_at - (moment - order.ordered_at)):
                    return accept_order(order.id, by=by)

            answers = at_once(2, lambda n, a=accept: a() if n else pass_orders_on())
            now_is = reloaded(order)
            claims = Participation.objects(order_id=order.id).count()
            if now_is.state == "accepted":
                assert (now_is.asked_id, claims, len(now_is.asks)) == (first.person_id, 1, 1)
            else:
                assert (now_is.asked_id, claims) == (second.person_id, 0)
                assert isinstance(answers[1], AnswerTooLate)


class TestCutOff:
    def test_a_notice_that_was_cut_off_is_told_later_and_once(self, officer, published, guard):
        asked = guard()
        order = ordered(published(), officer, asked)
        Order.objects(id=order.id).update_one(set__tail_since=order.ordered_at)
        assert finish_orders() == 0  # too soon: its own request may still be at it
        silence_tail(order)
        assert finish_orders() == 1
        assert finish_orders() == 0
        assert told(asked) == ["order_asked"]

    def test_an_acceptance_cut_off_before_its_claim_is_finished(self, officer, published, guard):
        asked = guard()
        order = ordered(published(), officer, asked)
        cut_off_after_accepting(order)
        assert finish_orders() == 1
        assert reloaded(order).participation_id == Participation.objects.get().id

    def test_where_that_claim_is_refused_the_next_is_asked(self, officer, published, guard):
        first, second = guard(), guard()
        claim_task(published().id, position=None, by=first)
        order = ordered(published(), officer, first, second)
        cut_off_after_accepting(order)
        finish_orders()
        now_is = reloaded(order)
        assert (now_is.state, now_is.asked_id) == ("asked", second.person_id)
        assert (now_is.asks[0].outcome, now_is.asks[0].hindrance) == ("declined", "HoursTaken")
        assert told(second) == ["order_asked"]


def silence_tail(order):
    """Let an unfinished tail be an hour old."""
    row = collection(Order).find_one({"_id": order.id})
    collection(Order).update_one(
        {"_id": order.id}, {"$set": {"tail_since": row["tail_since"].replace(year=2020)}}
    )


def cut_off_after_accepting(order):
    """The order as it is where the process died right after the deciding write."""
    changes = {"state": "accepted", "asks.0.outcome": "accepted", "tail_since": order.ordered_at}
    collection(Order).update_one({"_id": order.id}, {"$set": changes})
    silence_tail(order)
