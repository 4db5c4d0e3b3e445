"""The table of levels: read by everybody, put by an admin of the whole city, with the reason."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from honours.levels.level import LevelLine, LevelTable
from honours.levels.levelling import first_that_falls
from honours.levels.standard_levels import STANDARD_LEVELS
from people import (
    LEVELLED_ROLES,
    Actor,
    Role,
    must_hold_at_root,
    record_change,
    root_unit_id,
    set_role_levels,
    sound_why,
    unit_of,
)
from shared.clock import now
from shared.database import collection, in_transaction
from shared.errors import Conflict, Invalid
from shared.i18n import Text

# As high as a task can ask for.
MAX_LEVELS, MAX_HOURS, MAX_WEEKS, MAX_NAME = 100, 100_000, 5_000, 50


class LevelsChanged(Conflict):
    """Raised when the table of levels is at another version than the one named in If-Match."""

    message = Text(
        "The levels are at version {version} now (0: as they came).",
        "等级表当前版本为 {version}（0 表示初始版本）。",
    )


class BadLevels(Invalid):
    """Raised when there are no levels or too many, or a line cannot be read."""

    message = Text(
        "There must be 1 to {most} levels, each with a name in en and zh, least_hours and "
        "least_weeks.",
        "须有 1 至 {most} 个等级，每级含 en 和 zh 名称、least_hours 和 least_weeks。",
    )


class BadLevelRoles(Invalid):
    """Raised when a level opens a role that is no volunteer's, or that another level opens."""

    message = Text(
        "A level may open these roles, each once in the table: {wanted}.",
        "等级可开放的角色为：{wanted}，且每个角色只能出现一次。",
    )


class LevelsDoNotRise(Invalid):
    """Raised when a level asks for no more than the one below it, or for less of something."""

    message = Text(
        "Each level must ask for more than the one below it, and for less of nothing.",
        "每一级的要求须高于前一级，且任何一项都不得低于前一级。",
    )


def level_table() -> LevelTable:
    """The newest table of levels; version 0, as it came, where no admin put one."""
    put: LevelTable | None = LevelTable.objects.order_by("-id").first()
    return put or LevelTable(id=0, lines=[LevelLine(**line) for line in STANDARD_LEVELS])


def put_levels(
    lines: Sequence[Mapping[str, Any]], *, version: int, why: str, by: Actor
) -> LevelTable:
    """Put the next version of the table after `version`; everybody is counted anew by it.

    Each line is {"name": {"en", "zh"}, "least_hours", "least_weeks", "roles"}. Repeating it
    answers the version it made. Raises NotAllowed, WhyMissing, BadLevels, BadLevelRoles,
    LevelsDoNotRise, LevelsChanged.
    """
    must_hold_at_root(Role.ADMIN, by=by)
    reason, sound = sound_why(why), _sound_lines(lines)
    made = LevelTable(
        id=version + 1,
        lines=[LevelLine(**line) for line in sound],
        put_by=by.person_id,
        put_at=now(),
    )
    current = level_table()
    if current.version == version:
        try:
            in_transaction(lambda session: _put(made, current, reason, session))
        except DuplicateKeyError:
            current = level_table()  # somebody put this version meanwhile
        else:
            return made
    if current.lines == made.lines and current.put_by == made.put_by and current.id == made.id:
        return current
    raise LevelsChanged(version=current.version)


def _put(made: LevelTable, before: LevelTable, why: str, session: ClientSession) -> None:
    collection(LevelTable).insert_one(made.to_mongo().to_dict(), session=session)
    opened = {Role(role): n for n, line in enumerate(made.lines, 1) for role in line.roles}
    set_role_levels(opened, session=session)
    record_change(
        "levels",
        "levels",
        "put",
        unit=unit_of(root_unit_id()),
        before={"lines": _plain(before)},
        after={"lines": _plain(made)},
        why=why,
        by_id=made.put_by,
        session=session,
    )


def _plain(table: LevelTable) -> list[dict[str, Any]]:
    return [
        {
            "name": dict(line.name),
            "least_hours": line.least_hours,
            "least_weeks": line.least_weeks,
            "roles": list(line.roles),
        }
        for line in table.lines
    ]


def _sound_lines(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if not 1 <= len(lines) <= MAX_LEVELS:
        raise BadLevels("levels", most=MAX_LEVELS)
    sound = [_sound_line(line, f"levels.{place}") for place, line in enumerate(lines)]
    _refuse_roles([line["roles"] for line in sound])
    fallen = first_that_falls(sound)
    if fallen is not None:
        raise LevelsDoNotRise(f"levels.{fallen}")
    return sound


def _sound_line(line: Mapping[str, Any], field: str) -> dict[str, Any]:
    names = line.get("name")
    if not isinstance(names, Mapping) or set(names) != {"en", "zh"}:
        raise BadLevels(f"{field}.name", most=MAX_LEVELS)
    said = {language: str(name).strip() for language, name in names.items()}
    if not all(1 <= len(name) <= MAX_NAME for name in said.values()):
        raise BadLevels(f"{field}.name", most=MAX_LEVELS)
    least = {}
    for name, most in (("least_hours", MAX_HOURS), ("least_weeks", MAX_WEEKS)):
        number = line.get(name, 0)
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= most:
            raise BadLevels(f"{field}.{name}", most=MAX_LEVELS)
        least[name] = number
    return {"name": said, **least, "roles": list(line.get("roles") or [])}


def _refuse_roles(roles: Sequence[Sequence[str]]) -> None:
    seen: set[str] = set()
    for place, opened in enumerate(roles):
        for role in opened:
            if role not in LEVELLED_ROLES or role in seen:
                raise BadLevelRoles(f"levels.{place}.roles", wanted=", ".join(LEVELLED_ROLES))
            seen.add(role)
