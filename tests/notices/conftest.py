"""A city whose admin may do what is the whole city's, and a receiver for its webhooks."""

import pytest
from receiver import Receiver

from people import Actor, Held, Person, Role, Unit, UnitKind
from shared.clock import now
from shared.ids import new_id, random_id


@pytest.fixture
def city():
    unit_id = new_id()
    return Unit(
        id=unit_id, kind=UnitKind.CITY, name="福州市", code=unit_id, lineage=[unit_id]
    ).save()


@pytest.fixture
def street(city):
    unit_id = new_id()
    return Unit(
        id=unit_id,
        kind=UnitKind.CIVIL,
        name="鼓西街道",
        code=unit_id,
        parent_id=city.id,
        lineage=[city.id, unit_id],
    ).save()


@pytest.fixture
def somebody():
    """Makes people, perhaps with a role at a unit; answers who acts."""

    def make(role=None, unit=None):
        held = [{"role": role, "unit_id": unit.id, "since": now()}] if role else []
        person = Person(id=random_id(), nickname="张", memberships=held).save()
        return Actor(person.id, "s", (Held(role, unit.id),) if role else ())

    return make


@pytest.fixture
def admin(somebody, city):
    return somebody(Role.ADMIN, city)


@pytest.fixture
def receiver():
    """A real HTTP server on a free port of this machine, that answers as it is told."""
    with Receiver() as running:
        yield running
