"""Opening seals: for a reason, within reach, and on the trail before anything is read."""

import pytest
from cryptography.exceptions import InvalidTag
from people_town import id_number, resident

from people import (
    Act,
    Actor,
    Held,
    NewUnit,
    Person,
    PersonNotFound,
    Role,
    TrailRecord,
    UnitKind,
    add_staff,
    create_unit,
    grant_role,
    open_identity,
    person_of,
    record_real_name,
    trail_about,
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


@pytest.fixture
def other_admin(town):
    """An admin of the neighbouring district, where `somebody` does not live."""
    new = NewUnit(UnitKind.CIVIL, "350103", "台江区", town.root.id, level="district")
    other = create_unit(new, by=town.admin)
    return Actor(random_id(), "s", (Held(Role.ADMIN, other.id),))


@pytest.mark.parametrize("role", [Role.CLERK, Role.RESIDENT])
def test_an_admin_elsewhere_grants_no_way_in(town, somebody, other_admin, role):
    (elsewhere,) = other_admin.units_of(Role.ADMIN)
    grant_role(somebody.person_id, role, elsewhere, by=other_admin)
    newcomer = resident("13800138001")
    grant_role(newcomer.person_id, role, elsewhere, by=other_admin)
    for person_id in (somebody.person_id, newcomer.person_id):
        with pytest.raises(NotAllowed):
            open_identity(person_id, reason="x", by=other_admin)
        with pytest.raises(NotAllowed):
            trail_about(person_id, by=other_admin)
        assert open_identity(person_id, reason="x", by=town.admin).phone
    assert trail_about(somebody.person_id, by=ombudsman_at(town.street))


def test_staff_belong_where_they_were_added_and_not_where_roles_followed(town, other_admin):
    (elsewhere,) = other_admin.units_of(Role.ADMIN)
    roles = [Held(Role.CLERK, town.street.id)]
    person = add_staff("clerk", "a long enough one", nickname="店员", roles=roles, by=town.admin)
    grant_role(person.id, Role.CLERK, elsewhere, by=other_admin)
    with pytest.raises(NotAllowed):
        trail_about(person.id, by=other_admin)
    assert len(trail_about(person.id, by=ombudsman_at(town.district))) == 3


def test_a_home_given_in_the_step_counts_where_the_role_was_granted_before(town):
    by = resident()
    grant_role(by.person_id, Role.CLERK, town.street.id, by=town.admin)
    grant_role(by.person_id, Role.RESIDENT, town.grid.id, by=town.admin)
    with pytest.raises(NotAllowed):
        open_identity(by.person_id, reason="x", by=ombudsman_at(town.district))
    record_real_name("林小福", id_number(), home_unit_id=town.grid.id, by=by)
    assert [held.is_home for held in person_of(by.person_id).memberships] == [False, True]
    assert open_identity(by.person_id, reason="x", by=ombudsman_at(town.district)).real_name


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
