"""Quotes of tasks: priced by what is in force where they lie, frozen when they are published."""

from datetime import timedelta

import pytest
from street import PATROL_RATE, played, staff

from fixtures.factories import put_card
from people import Person, Role
from people.person import Membership
from rates import Occasion, declare_weather, quote_action
from shared.clock import now, pretending, stored
from shared.ids import new_id
from tasks import (
    Participation,
    Task,
    claim_task,
    confirm_offer,
    give_up_participation,
    join_waiting_list,
    order_people,
    publish_task,
    quoting,
)
from tasks.jobs import verify_participation
from tasks.orders.answering import accept_order, refuse_order
from tasks.orders.ordering import Place

KILOMETRES = {**PATROL_RATE[0], "per_km": 20, "maximum": 500, "caps": {"per_day": 150}}


@pytest.fixture
def card(town):
    """Another card of the city, in force for an hour."""

    def put(line=None, **more):
        with pretending(now() - timedelta(hours=2)):
            return put_card(
                town.city.id,
                now() + timedelta(hours=1),
                [line or PATROL_RATE[0]],
                fen_per_10000_coins=20_000,
                by=town.rate_admin,
                **more,
            )

    return put


def paid_member(town, role=Role.GRID_MEMBER, **more):
    held = Membership(role=role, unit_id=town.street.id, since=now(), is_home=True)
    return {"memberships": [held], **more}


def parts(task):
    return [(line["part"], line["coins"]) for line in task.breakdown]


def test_a_task_keeps_price_caps_duty_and_cards(town, card, published):
    put = card(KILOMETRES, caps={"per_week": 400})
    task = Task.objects.get(id=published().id)
    # Two hours, and the half kilometre that its check asks for.
    assert parts(task) == [("time", 100), ("distance", 10)]
    assert (task.coins, task.distance_m) == (110, 500.0)
    assert task.rate_card_ids == [put.id]
    assert [cap["span"] for cap in task.caps] == ["day", "week"]
    assert "grid_member" in task.duty["roles"]


def test_a_later_card_changes_nothing_of_what_is_published(town, card, published, volunteer):
    task = published()
    card({**PATROL_RATE[0], "per_hour": 500})
    claimed = claim_task(task.id, position=None, by=volunteer())
    assert (Task.objects.get(id=task.id).coins, claimed.coins) == (100, 100)


def test_a_warning_counts_for_what_is_published_while_it_stands(town, card, published):
    card(multipliers=[{"occasion": "heat", "percent": 150}])
    declare_weather(
        town.district.id,
        Occasion.HEAT,
        now(),
        now() + timedelta(days=1),
        why="高温橙色预警",
        key=new_id(),
        by=staff(Role.CENTRE_OFFICER, town.district),
    )
    assert parts(published()) == [("time", 100), ("heat", 50)]


def test_ground_short_of_volunteers_is_where_the_task_lies(town, card, published):
    card(multipliers=[{"occasion": "gap_area", "percent": 120, "unit_ids": [town.street.id]}])
    assert parts(published()) == [("time", 100), ("gap_area", 20)]


def test_a_quote_is_what_is_frozen_and_what_is_paid(town, card, published, volunteer):
    card(
        KILOMETRES,
        multipliers=[
            {"occasion": "heat", "percent": 150},
            {"occasion": "night", "percent": 120, "from_minute": 1_080, "until_minute": 360},
            {"occasion": "gap_area", "percent": 130, "unit_ids": [town.street.id]},
        ],
    )
    officer = staff(Role.CENTRE_OFFICER, town.district)
    until = now() + timedelta(days=1)
    declare_weather(
        town.district.id, Occasion.HEAT, now(), until, why="高温", key=new_id(), by=officer
    )
    task = Task.objects.get(id=published().id)
    asked = quote_action(
        town.street.id,
        task.kind,
        task.starts_at,
        task.ends_at,
        distance_m=task.distance_m,
        at=task.published_at,
        by=town.officer,
    )
    assert {"heat", "gap_area", "distance"} <= {line["part"] for line in asked.breakdown}
    assert (asked.coins, asked.breakdown) == (task.coins, task.breakdown)
    assert [cap.plain() for cap in asked.caps] == task.caps
    # Nothing is cut: one walk alone stays below the cap of its day.
    Task.objects(id=task.id).update_one(set__caps=[])
    walk = played(task, volunteer())
    verify_participation(walk.id)
    assert Participation.objects.get(id=walk.id).paid_coins == asked.coins


def test_a_task_is_priced_by_the_moment_of_its_publication(town, card, published, monkeypatch):
    card(multipliers=[{"occasion": "heat", "percent": 150}])
    real, moments = quoting.terms_in_force, []

    def asked(unit, at):
        moments.append(stored(at))
        # Declared while it is being priced: not a warning that stood when it was published, were
        # it only a millisecond, the smallest time that is kept.
        while stored(now()) == stored(at):
            pass
        declare_weather(
            town.district.id,
            Occasion.HEAT,
            now(),
            now() + timedelta(days=1),
            why="高温",
            key=new_id(),
            by=staff(Role.CENTRE_OFFICER, town.district),
        )
        return real(unit, at)

    monkeypatch.setattr(quoting, "terms_in_force", asked)
    task = Task.objects.get(id=published().id)
    assert moments == [task.published_at]
    assert parts(task) == [("time", 100)]


class TestDuty:
    @pytest.fixture
    def member(self, town, volunteer):
        return lambda **more: volunteer(**paid_member(town, **more))

    def asked(self, task, officer, person):
        place = Place((person.person_id,), "uniformed_guard")
        (order,) = order_people(
            task.id, [place], answer_within_minutes=30, key=new_id(), by=officer
        )
        return order

    def ordered(self, task, officer, asked):
        accept_order(self.asked(task, officer, asked).id, by=asked)
        return Participation.objects.get(person_id=asked.person_id)

    @pytest.fixture
    def guard(self, member):
        return member(serves_as=["uniformed_guard"])

    def test_who_claims_before_answering_the_order_is_on_duty_all_the_same(
        self, town, published, guard
    ):
        task = published()
        order = self.asked(task, town.officer, guard)
        walk = claim_task(task.id, position=None, by=guard)
        assert (walk.on_duty, walk.coins) == (True, 0)
        accept_order(order.id, by=guard)
        assert Participation.objects.get(id=walk.id).order_id == order.id

    def test_a_claim_that_met_the_order_under_way_becomes_duty_when_it_is_accepted(
        self, town, published, guard
    ):
        task = published()
        order = self.asked(task, town.officer, guard)
        walk = claim_task(task.id, position=None, by=guard)
        self.as_before_the_order(walk)
        accept_order(order.id, by=guard)
        walk.reload()
        assert (walk.on_duty, walk.coins, walk.order_id) == (True, 0, order.id)

    def test_a_place_in_the_line_is_duty_once_the_order_stands(
        self, town, published, guard, volunteer
    ):
        task = published(slots=1)
        self.asked(task, town.officer, guard)
        holder = claim_task(task.id, position=None, by=(other := volunteer()))
        place = join_waiting_list(task.id, position=None, by=guard)
        assert place.on_duty
        self.as_before_the_order(place)
        give_up_participation(holder.id, by=other)
        walk = confirm_offer(place.id, by=guard)
        assert (walk.state, walk.on_duty, walk.coins) == ("claimed", True, 0)

    def test_an_order_to_somebody_else_makes_no_duty(self, town, published, guard, member):
        task = published()
        self.asked(task, town.officer, guard)
        assert claim_task(task.id, position=None, by=member()).coins == 100

    def test_an_order_that_was_declined_is_none(self, town, published, guard):
        task = published()
        refuse_order(self.asked(task, town.officer, guard).id, "病假", by=guard)
        assert claim_task(task.id, position=None, by=guard).coins == 100

    def as_before_the_order(self, found):
        """As it stands where the order came between the look for one and the claim."""
        Participation.objects(id=found.id).update_one(set__on_duty=False, set__coins=100)

    def test_a_paid_member_who_was_ordered_earns_nothing(self, town, published, member):
        task = published(by_order=True)
        walk = self.ordered(task, town.officer, member(serves_as=["uniformed_guard"]))
        assert (walk.on_duty, walk.coins) == (True, 0)

    def test_a_resident_who_was_ordered_is_paid(self, town, published, volunteer):
        task = published(by_order=True)
        walk = self.ordered(task, town.officer, volunteer(serves_as=["uniformed_guard"]))
        assert (walk.on_duty, walk.coins) == (False, 100)

    def test_in_their_own_time_a_paid_member_earns_like_anybody(self, published, member):
        walk = claim_task(published().id, position=None, by=member())
        assert (walk.on_duty, walk.coins) == (False, 100)

    def test_the_cards_hours_of_duty_earn_nothing_either(self, card, published, member, volunteer):
        all_week = {"weekdays": [1, 2, 3, 4, 5, 6, 7], "from_minute": 0, "until_minute": 1_440}
        card(paid_roles=["grid_member"], duty_hours=[all_week])
        task = published()
        assert claim_task(task.id, position=None, by=member()).coins == 0
        assert claim_task(task.id, position=None, by=volunteer()).coins == 100

    def test_unless_the_line_pays_on_duty(self, town, card, draft, member):
        card({**PATROL_RATE[0], "paid_on_duty": True})
        task = publish_task(draft(by_order=True).id, by=town.officer)
        walk = self.ordered(task, town.officer, member(serves_as=["uniformed_guard"]))
        assert walk.coins == 100


def test_a_person_without_the_role_any_more_is_paid(published, volunteer, town):
    person = volunteer(**paid_member(town))
    Person.objects(id=person.person_id).update_one(set__memberships=[])
    assert claim_task(published().id, position=None, by=person).coins == 100
