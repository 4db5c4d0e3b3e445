"""Whom a rule of a unit concerns: holders of roles at it, above it, and below it."""

from people.ground import ids_below
from people.person import Person
from people.roles import Role
from people.unit import Unit


def holders_around(*roles: Role, at: Unit) -> list[str]:
    """The ids of the people who hold one of `roles` at the unit, above it or below it."""
    unit_ids = {*at.lineage, *ids_below(at.id)}
    held = {"unit_id__in": sorted(unit_ids), "role__in": list(roles)}
    return [person.id for person in Person.objects(memberships__match=held).only("id")]
