"""Roles: granted and revoked within reach, once, with a trail that cannot fall behind."""

import pytest
from people_town import resident

from people import (
    Act,
    Actor,
    Held,
    PersonNotFound,
    Role,
    TrailRecord,
    UnitNotFound,
    actor_of,
    grant_role,
    granting,
    person_of,
    revoke_role,
    set_level,
    set_role_levels,
    trail_about,
    unit_of,
)
from people.granting import LastAdmin, TooManyRoles
from people.levels import LevelTooLowForRole
from people.person import Person
from shared.database import collection, in_transaction
from shared.errors import NotAllowed
from shared.ids import random_id
from tests.racing import at_once


def admin_at(unit):
    return Actor(random_id(), "s", (Held(Role.ADMIN, unit.id),))


def test_a_granted_role_reaches_down_the_subtree_at_once(town):
    somebody = resident()
    grant_role(somebody.person_id, Role.CAPTAIN, town.street.id, by=town.admin)
    actor = actor_of(somebody.person_id, somebody.session_id)
    assert actor.holds(Role.CAPTAIN, at=unit_of(town.grid.id))
    assert actor.holds(Role.CAPTAIN, at=unit_of(town.street.id))
    assert not actor.holds(Role.CAPTAIN, at=unit_of(town.district.id))


def test_granting_twice_and_at_once_grants_once(town):
    somebody = resident()
    at_once(8, lambda _one: grant_role(somebody.person_id, Role.CLERK, town.grid.id, by=town.admin))
    assert len(person_of(somebody.person_id).memberships) == 1
    assert TrailRecord.objects(about_id=somebody.person_id).count() == 1


@pytest.mark.parametrize("moves", ["the person's level", "the role's"])
def test_a_level_that_moves_beside_a_grant_is_not_missed(town, monkeypatch, moves):
    somebody = resident()
    set_level(somebody.person_id, 3)
    in_transaction(lambda session: set_role_levels({Role.CAPTAIN: 3}, session=session))
    transact = granting.in_transaction

    def after_the_move(decide):
        if moves == "the role's":
            transact(lambda session: set_role_levels({Role.CAPTAIN: 4}, session=session))
        else:
            set_level(somebody.person_id, 2)
        return transact(decide)

    monkeypatch.setattr(granting, "in_transaction", after_the_move)
    with pytest.raises(LevelTooLowForRole):
        grant_role(somebody.person_id, Role.CAPTAIN, town.street.id, by=town.admin)
    assert person_of(somebody.person_id).memberships == []
    assert trail_about(somebody.person_id, by=town.admin) == []


def test_revoking_takes_the_role_and_repeating_changes_nothing(town):
    somebody = resident()
    grant_role(somebody.person_id, Role.CLERK, town.grid.id, by=town.admin)
    grant_role(somebody.person_id, Role.CLERK, town.street.id, by=town.admin)
    for _ in range(2):
        person = revoke_role(somebody.person_id, Role.CLERK, town.grid.id, by=town.admin)
        assert [held.unit_id for held in person.memberships] == [town.street.id]
    acts = [record.act for record in trail_about(somebody.person_id, by=town.admin)]
    assert acts == [Act.ROLE_REVOKED, Act.ROLE_GRANTED, Act.ROLE_GRANTED]


def test_an_admin_grants_and_revokes_within_reach_only(town):
    somebody, local = resident(), admin_at(town.street)
    grant_role(somebody.person_id, Role.CLERK, town.grid.id, by=local)
    for verb in (grant_role, revoke_role):
        with pytest.raises(NotAllowed):
            verb(somebody.person_id, Role.CLERK, town.district.id, by=local)
        with pytest.raises(NotAllowed):
            verb(somebody.person_id, Role.ADMIN, town.grid.id, by=somebody)
    assert len(person_of(somebody.person_id).memberships) == 1


def test_unknown_people_and_units_are_refused(town):
    with pytest.raises(PersonNotFound):
        grant_role(random_id(), Role.CLERK, town.grid.id, by=town.admin)
    with pytest.raises(UnitNotFound):
        grant_role(town.admin.person_id, Role.CLERK, random_id(), by=town.admin)
    assert TrailRecord.objects(act=Act.ROLE_GRANTED, role="clerk").count() == 0


def test_a_person_holds_a_hundred_roles_at_most(town):
    somebody = resident()
    held = {"role": "clerk", "since": person_of(somebody.person_id).created_at}
    many = [{**held, "unit_id": random_id()} for _ in range(100)]
    collection(Person).update_one({"_id": somebody.person_id}, {"$set": {"memberships": many}})
    with pytest.raises(TooManyRoles):
        grant_role(somebody.person_id, Role.CAPTAIN, town.grid.id, by=town.admin)


def test_the_last_admin_of_the_city_stays(town):
    with pytest.raises(LastAdmin):
        revoke_role(town.admin.person_id, Role.ADMIN, town.root.id, by=town.admin)
    assert person_of(town.admin.person_id).is_member(Role.ADMIN, town.root.id)


def test_two_admins_who_revoke_one_another_at_once_leave_one(town):
    second = resident()
    grant_role(second.person_id, Role.ADMIN, town.root.id, by=town.admin)
    pair = [town.admin.person_id, second.person_id]
    answers = at_once(
        2, lambda one: revoke_role(pair[one], Role.ADMIN, town.root.id, by=town.admin)
    )
    assert sum(isinstance(answer, LastAdmin) for answer in answers) == 1
    admins = [person_of(one).is_member(Role.ADMIN, town.root.id) for one in pair]
    assert sorted(admins) == [False, True]


def test_the_trail_is_for_those_who_watch(town):
    with pytest.raises(NotAllowed):
        trail_about(town.admin.person_id, by=resident())
    with pytest.raises(NotAllowed):
        trail_about(town.admin.person_id, by=admin_at(town.district))
    with pytest.raises(PersonNotFound):
        trail_about(random_id(), by=town.admin)
    assert trail_about(town.admin.person_id, by=town.admin)
