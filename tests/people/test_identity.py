"""Opening seals: for a reason, within reach, and on the trail before anything is read."""

import pytest
from cryptography.exceptions import InvalidTag
from people_town import id_number, resident

from people import (
    Act,
    Actor,
    Held,
    Person,
    PersonNotFound,
    Role,
    TrailRecord,
    open_identity,
    record_real_name,
)
from people.identity import NoReason
from shared.database import collection
from shared.errors import NotAllowed
from shared.ids import random_id


@pytest.fixture
def somebody(town):
    by = resident()
    record_real_name("林小福", id_number(), home_unit_id=town.grid.id, by=by)
    return by


def ombudsman_at(unit):
    return Actor(random_id(), "s", (Held(Role.OMBUDSMAN, unit.id),))


def test_an_ombudsman_opens_and_the_trail_tells(town, somebody):
    by = ombudsman_at(town.district)
    identity = open_identity(somebody.person_id, reason="申诉复核", by=by)
    assert (identity.phone, identity.real_name) == ("+8613800138000", "林小福")
    assert identity.id_number == id_number()
    assert "林小福" not in repr(identity)
    record = TrailRecord.objects(act=Act.SEAL_OPENED).get()
    assert (record.by_id, record.about_id) == (by.person_id, somebody.person_id)
    assert record.opened == ["id_number", "phone", "real_name"]
    assert record.reason == "申诉复核"


def test_nothing_opens_without_role_reach_reason_or_person(town, somebody):
    with pytest.raises(NotAllowed):
        open_identity(somebody.person_id, reason="x", by=somebody)
    newcomer = resident("13800138001")
    with pytest.raises(NotAllowed):
        open_identity(newcomer.person_id, reason="x", by=ombudsman_at(town.district))
    with pytest.raises(NoReason):
        open_identity(somebody.person_id, reason=" ", by=town.admin)
    with pytest.raises(PersonNotFound):
        open_identity(random_id(), reason="x", by=town.admin)
    assert TrailRecord.objects(act=Act.SEAL_OPENED).count() == 0


def test_who_belongs_nowhere_is_reached_from_the_root(town):
    newcomer = resident("13800138001")
    identity = open_identity(newcomer.person_id, reason="x", by=town.admin)
    assert (identity.phone, identity.real_name) == ("+8613800138001", "")


def test_a_seal_moved_to_another_person_does_not_open(town, somebody):
    newcomer = resident("13800138001")
    stolen = collection(Person).find_one({"_id": somebody.person_id})["phone_sealed"]
    collection(Person).update_one({"_id": newcomer.person_id}, {"$set": {"phone_sealed": stolen}})
    with pytest.raises(InvalidTag):
        open_identity(newcomer.person_id, reason="x", by=town.admin)
