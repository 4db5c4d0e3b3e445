"""Levels: where a person stands, kept here and decided by their verified work; what it opens."""

from collections.abc import Mapping

from pymongo.client_session import ClientSession

from people.person import Person
from people.role_level import RoleLevel
from people.roles import Role
from shared.database import collection
from shared.errors import Refused
from shared.i18n import Text

# What volunteers grow into. The others are posts, and no level may stand before them.
LEVELLED_ROLES = (Role.CAPTAIN, Role.GRID_MEMBER, Role.CLERK)


class LevelTooLowForRole(Refused):
    """Raised when somebody would be given a role that is from a higher level on."""

    message = Text(
        "This role is given from level {least_level} on; they are at level {level}.",
        "该角色须达到 {least_level} 级方可授予，其目前为 {level} 级。",
    )


def set_level(person_id: str, level: int, *, session: ClientSession | None = None) -> bool:
    """Let the person stand at `level` from now on, up or down; False where they did already.

    Nobody asks for it: it follows from work that was verified or withdrawn, so it takes no `by`.
    Roles held already stay.
    """
    written = collection(Person).update_one(
        {"_id": person_id, "level": {"$ne": level}}, {"$set": {"level": level}}, session=session
    )
    return bool(written.modified_count)


def set_role_levels(levels: Mapping[Role, int], *, session: ClientSession) -> None:
    """From now on ask for these levels before a role is given, and for none before the others.

    Part of the transaction that puts a table of levels, whose verb says who may.
    """
    rows = collection(RoleLevel)
    others = [role.value for role in Role if role not in levels]
    rows.delete_many({"_id": {"$in": others}}, session=session)
    for role, level in levels.items():
        least = {"$set": {"least_level": level}}
        rows.update_one({"_id": role.value}, least, upsert=True, session=session)


def must_have_level_for(role: Role, person_id: str, *, session: ClientSession) -> None:
    """Part of the transaction that writes the role into the person, so that no level moves beside.

    Raises LevelTooLowForRole where the role is from a level on that the person is below.
    """
    row = collection(RoleLevel).find_one({"_id": role.value}, session=session)
    if row is None:
        return
    person = collection(Person).find_one({"_id": person_id}, {"level": 1}, session=session)
    level = (person or {}).get("level") or 0
    if level < row["least_level"]:
        raise LevelTooLowForRole(least_level=row["least_level"], level=level)
