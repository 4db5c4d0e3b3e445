"""Whose sealed data and trail a role reaches: those who belong below it, by no doing of its own."""

from people.actor import Actor
from people.person import Person
from people.questions import units_of
from people.roles import Role
from shared.errors import NotAllowed


def must_reach(person: Person, *roles: Role, by: Actor) -> None:
    """Raises NotAllowed unless one of `roles` is held at or above a home of the person.

    A role that was granted to the person makes no home: else an admin could grant one in order
    to reach them. Who has no home is reached from the root only.
    """
    home_ids = [held.unit_id for held in person.memberships if held.is_home]
    homes = units_of(home_ids).values()
    if not any(by.holds(*roles, at=home) for home in homes):
        must_hold_at_root(*roles, by=by)


def must_hold_at_root(*roles: Role, by: Actor) -> None:
    """Raises NotAllowed unless one of `roles` is held at the root: for what is the whole city's."""
    if not any(not unit.parent_id for unit in units_of(by.units_of(*roles)).values()):
        raise NotAllowed
