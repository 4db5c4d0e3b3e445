"""Who looks into commendations, who awards them, and who speaks for a unit that is commended."""

from people import Actor, Role, Unit, units_of

# Who looks into a nomination, and who awards in the unit's name; at the unit or above it.
CHECKERS = (Role.CENTRE_OFFICER, Role.POLICE_OFFICER, Role.ADMIN)
AWARDERS = (Role.CENTRE_OFFICER, Role.ADMIN)
# Who speaks for a unit that is commended: at this very unit, for those above it award.
SPEAKERS = (
    Role.CENTRE_OFFICER,
    Role.POLICE_OFFICER,
    Role.DEPARTMENT_HANDLER,
    Role.CAPTAIN,
    Role.ADMIN,
)


def belongs_to(by: Actor, unit: Unit) -> bool:
    """Whether the caller holds a role in the unit or in one below it, as more than a resident."""
    held = [one.unit_id for one in by.roles if one.role != Role.RESIDENT]
    return any(unit.id in own.lineage for own in units_of(held).values())


def speaks_for(by: Actor, unit_id: str | None) -> bool:
    """Whether the caller is an officer of this very unit."""
    return any(held.role in SPEAKERS and held.unit_id == unit_id for held in by.roles)
