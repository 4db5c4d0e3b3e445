"""Fixtures for tests of orders: guards to ask, an officer, what each was told, time passing."""

from datetime import timedelta

import pytest

from notices import Notice
from people import Actor, Held, Membership, Person, Role
from shared.clock import now
from shared.database import collection
from shared.ids import new_id, random_id
from tasks import Order, Place, order_people


def officer_at(unit):
    """A centre officer of the unit who is a person as well."""
    held = Membership(role=Role.CENTRE_OFFICER, unit_id=unit.id, since=now(), is_home=True)
    person = Person(id=random_id(), memberships=[held]).save()
    return Actor(person.id, "s", (Held(Role.CENTRE_OFFICER, unit.id),))


@pytest.fixture
def guard(volunteer):
    """A uniformed guard who may be asked."""
    return lambda **more: volunteer(serves_as=["uniformed_guard"], **more)


def ordered(task, officer, *people, crew_role="uniformed_guard", minutes=30, key=None):
    """One order of a task to these people, asked in this sequence."""
    place = Place(tuple(one.person_id for one in people), crew_role)
    (order,) = order_people(
        task.id, [place], answer_within_minutes=minutes, key=key or new_id(), by=officer
    )
    return order


def told(actor):
    """The names of the notices that somebody got, in their order."""
    return [one.name for one in Notice.objects(person_id=actor.person_id).order_by("id")]


def silence(order, by=timedelta(hours=1)):
    """Let the time to answer, and that of tails, lie in the past."""
    row = collection(Order).find_one({"_id": order.id})
    changes = {"answer_by": row["answer_by"] - by}
    if row.get("tail_since"):
        changes["tail_since"] = row["tail_since"] - by
    collection(Order).update_one({"_id": order.id}, {"$set": changes})


def reloaded(order):
    """The order as it stands now."""
    return Order.objects.with_id(order.id)
