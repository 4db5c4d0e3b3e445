"""Ordering people to a task: what works, each refusal, each repeat, races, withdrawal."""

import pytest
from crew_world import ordered, reloaded, told

from people import Role
from shared.errors import NotAllowed
from shared.ids import new_id, random_id
from tasks import (
    Order,
    Place,
    cancel_task,
    claim_task,
    order_people,
    orders_of_task,
    orders_to,
    withdraw_order,
)
from tasks.claims.requirements import NotOpen
from tasks.orders.answering import pass_orders_on
from tasks.orders.ordering import (
    AlreadyAsked,
    CandidateTwice,
    OrderKeyReused,
    OrderNotFound,
    OrderSettled,
    TakesPartAlready,
    TooFewSlots,
    UnfitCandidate,
    UnknownCandidate,
)
from tests.racing import at_once


class TestOrdering:
    def test_the_first_of_each_place_is_asked_and_told(self, town, published, guard, volunteer):
        task, first, second, squad = published(), guard(), guard(), volunteer(serves_as=["squad"])
        places = [
            Place((squad.person_id,), "squad"),
            Place((first.person_id, second.person_id), "uniformed_guard"),
        ]
        orders = order_people(
            task.id, places, answer_within_minutes=30, key=new_id(), by=town.officer
        )
        assert [order.asked_id for order in orders] == [squad.person_id, first.person_id]
        assert {order.state for order in orders} == {"asked"}
        assert (told(squad), told(first), told(second)) == (["order_asked"], ["order_asked"], [])
        assert [one.id for one in orders_to(first.person_id, before_id=None, limit=9)] == [
            orders[1].id
        ]
        listed = orders_of_task(task.id, before_id=None, limit=9, by=town.officer)
        assert {one.id for one in listed} == {one.id for one in orders}

    def test_nobody_has_longer_to_answer_than_the_task_lasts(self, town, published, guard):
        task = published()
        assert ordered(task, town.officer, guard(), minutes=10_000).answer_by == task.ends_at

    def test_the_same_key_again_makes_no_second_order(self, town, published, guard):
        task, asked, key = published(), guard(), new_id()
        first = ordered(task, town.officer, asked, key=key)
        assert ordered(task, town.officer, asked, key=key).id == first.id
        assert Order.objects.count() == 1
        assert told(asked) == ["order_asked"]

    def test_the_same_order_sent_ten_times_at_once_is_one(self, town, published, guard):
        task, asked, key = published(), guard(), new_id()
        answers = at_once(10, lambda _: ordered(task, town.officer, asked, key=key))
        assert {getattr(one, "id", one) for one in answers} == {Order.objects.get().id}
        assert told(asked) == ["order_asked"]

    def test_a_key_for_something_else_is_refused(self, town, published, guard):
        task, key = published(), new_id()
        ordered(task, town.officer, guard(), key=key)
        with pytest.raises(OrderKeyReused):
            ordered(task, town.officer, guard(), key=key)

    def test_of_two_officers_who_ask_the_same_person_at_once_one_does(self, town, published, guard):
        task, asked = published(), guard()
        officers = [town.officer, town.other_officer]
        answers = at_once(2, lambda number: ordered(task, officers[number], asked))
        assert sorted(type(one).__name__ for one in answers) == ["AlreadyAsked", "Order"]
        assert Order.objects.count() == 1

    def test_a_request_that_cannot_be_done_whole_does_nothing(self, town, published, guard):
        task, asked, other = published(), guard(), guard()
        ordered(task, town.officer, asked)
        places = [Place((other.person_id,)), Place((asked.person_id,))]
        with pytest.raises(AlreadyAsked) as refusal:
            order_people(task.id, places, answer_within_minutes=30, key=new_id(), by=town.officer)
        assert refusal.value.facts["person_id"] == asked.person_id
        assert Order.objects.count() == 1
        assert told(other) == []

    def test_who_runs_another_centre_orders_nobody(self, town, published, guard, volunteer):
        with pytest.raises(NotAllowed):
            ordered(published(), volunteer(), guard())

    def test_a_task_called_off_is_ordered_to_nobody(self, town, published, guard):
        task = cancel_task(published().id, by=town.officer)
        with pytest.raises(NotOpen):
            ordered(task, town.officer, guard())

    def test_no_more_places_than_slots(self, town, published, guard):
        task = published(slots=1)
        ordered(task, town.officer, guard())
        with pytest.raises(TooFewSlots):
            ordered(task, town.officer, guard())

    def test_candidates_are_known_fit_named_once_and_not_there_yet(
        self, town, published, guard, volunteer
    ):
        task, one, there = published(), guard(), guard()
        claim_task(task.id, position=None, by=there)
        with pytest.raises(CandidateTwice):
            ordered(task, town.officer, one, one)
        with pytest.raises(UnfitCandidate):
            ordered(task, town.officer, one, volunteer())
        with pytest.raises(TakesPartAlready):
            ordered(task, town.officer, one, there)
        nobody = Place((one.person_id, random_id()))
        with pytest.raises(UnknownCandidate) as refusal:
            order_people(task.id, [nobody], answer_within_minutes=30, key=new_id(), by=town.officer)
        assert refusal.value.field == "places.0.candidates.1"
        assert Order.objects.count() == 0

    def test_a_role_held_is_fit_too(self, town, published, volunteer):
        auxiliary = volunteer(
            memberships=[{"role": Role.AUXILIARY, "unit_id": town.street.id, "since": "2020-01-01"}]
        )
        order = ordered(published(), town.officer, auxiliary, crew_role="auxiliary")
        assert order.asked_id == auxiliary.person_id
        actor = volunteer()
        with pytest.raises(UnfitCandidate):
            ordered(published(), town.officer, actor, crew_role="auxiliary")


class TestWithdrawing:
    def test_who_was_asked_is_told_and_may_be_asked_anew(self, town, published, guard):
        task, asked = published(), guard()
        order = ordered(task, town.officer, asked)
        for _ in range(2):
            assert withdraw_order(order.id, by=town.other_officer).state == "withdrawn"
        assert told(asked) == ["order_asked", "order_withdrawn"]
        assert ordered(task, town.officer, asked).state == "asked"
        assert withdraw_order(ordered(task, town.officer, guard()).id, by=town.officer)

    def test_an_answered_order_is_not_withdrawn(self, town, published, guard):
        order = ordered(published(), town.officer, guard())
        Order.objects(id=order.id).update_one(set__state="declined")
        with pytest.raises(OrderSettled):
            withdraw_order(order.id, by=town.officer)

    def test_only_its_centre_withdraws_it(self, town, published, guard, volunteer):
        order = ordered(published(), town.officer, guard())
        with pytest.raises(NotAllowed):
            withdraw_order(order.id, by=volunteer())
        with pytest.raises(OrderNotFound):
            withdraw_order(new_id(), by=town.officer)

    def test_the_orders_of_a_task_called_off_are_withdrawn(self, town, published, guard):
        task, asked = published(), guard()
        order = ordered(task, town.officer, asked)
        assert pass_orders_on() == 0
        cancel_task(task.id, by=town.officer)
        assert pass_orders_on() == 1
        assert reloaded(order).state == "withdrawn"
        assert told(asked)[-1] == "order_withdrawn"
