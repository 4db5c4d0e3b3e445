"""Who is acting: the signed-in person with the roles held, as every verb's `by`."""

from dataclasses import dataclass
from typing import Protocol

from people.roles import Role
from shared.errors import NotAllowed


class HasLineage(Protocol):
    """Anything that stands in the tree of units: `lineage` is root first, itself last."""

    lineage: list[str]


@dataclass(frozen=True)
class Held:
    """One role held at one unit."""

    role: Role
    unit_id: str


@dataclass(frozen=True)
class Actor:
    """A signed-in person; `roles` are those held at the moment of the request."""

    person_id: str
    session_id: str = ""
    roles: tuple[Held, ...] = ()

    def holds(self, *roles: Role, at: HasLineage | None = None) -> bool:
        """Whether one of `roles` is held at `at` or above it (anywhere, where `at` is None)."""
        return any(
            held.role in roles and (at is None or held.unit_id in at.lineage) for held in self.roles
        )

    def must_hold(self, *roles: Role, at: HasLineage | None = None) -> None:
        """Raises NotAllowed unless one of `roles` reaches `at`."""
        if not self.holds(*roles, at=at):
            raise NotAllowed

    def units_of(self, *roles: Role) -> list[str]:
        """The ids of the units at which one of `roles` is held."""
        return [held.unit_id for held in self.roles if held.role in roles]
