"""Questions about people and units that the other rooms ask."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from people.actor import Actor, Held
from people.person import Person
from people.roles import Role
from people.unit import Unit, UnitKind
from shared.cursors import from_cursor, to_cursor
from shared.database import collection
from shared.errors import NotFound, Refused
from shared.i18n import Text

# GB/T 2260: six digits, two each for province, prefecture, county; 00 is "the whole of it".
_DISTRICT_CODE = re.compile(r"\d{4}(?!00)\d{2}")
PAGE_MAX = 201


class PersonNotFound(NotFound):
    """Raised when there is no such person."""

    message = Text("There is no such person.", "未找到该人员。")


class RealNameMissing(Refused):
    """Raised when what only a known person may do comes before the real-name step."""

    message = Text("Please do the real-name step first.", "请先完成实名认证。")


class UnitNotFound(NotFound):
    """Raised when there is no such unit."""

    message = Text("There is no such unit.", "未找到该单位。")


def person_of(person_id: str) -> Person:
    """The person with this id. Raises PersonNotFound."""
    # Plain: it is in the way of every order and claim, and mongoengine's query takes twice as long.
    found = collection(Person).find_one({"_id": person_id})
    if found is None:
        raise PersonNotFound
    return Person._from_son(found)


def people_of(person_ids: Iterable[str]) -> dict[str, Person]:
    """The people with these ids, by id, in one query; unknown ids are left out."""
    return {person.id: person for person in Person.objects(id__in=list(person_ids))}


def must_be_known(person_id: str) -> None:
    """Raises PersonNotFound, or RealNameMissing where the real-name step is not done."""
    found = collection(Person).find_one({"_id": person_id}, {"real_name_at": 1})
    if found is None:
        raise PersonNotFound
    if found.get("real_name_at") is None:
        raise RealNameMissing


def known_person_of(person_id: str) -> Person:
    """The person, whose real name is known. Raises PersonNotFound, RealNameMissing."""
    found = person_of(person_id)
    if found.real_name_at is None:
        raise RealNameMissing
    return found


def staff_with_login(login: str) -> Person | None:
    """The member of staff with this login, or None."""
    return Person.objects(login=login.strip().lower()).first()


def actor_with_login(login: str) -> Actor:
    """The member of staff with this login as an Actor without a session, for commands.

    Raises PersonNotFound.
    """
    found = staff_with_login(login)
    if found is None:
        raise PersonNotFound
    return _without_session(found)


def actor_for(person_id: str) -> Actor:
    """The person as an Actor without a session, with the roles held now: for what they ordered.

    Raises PersonNotFound.
    """
    return _without_session(person_of(person_id))


def _without_session(person: Person) -> Actor:
    held = tuple(Held(Role(one.role), one.unit_id) for one in person.memberships)
    return Actor(person.id, roles=held)


def holders_of(*roles: Role, at: Unit) -> list[str]:
    """The ids of the people who hold one of `roles` at the unit or above it."""
    held = {"unit_id__in": at.lineage, "role__in": list(roles)}
    found = Person.objects(memberships__match=held).only("id")
    return [person.id for person in found]


def unit_of(unit_id: str) -> Unit:
    """The unit with this id. Raises UnitNotFound."""
    found = Unit.objects.with_id(unit_id)
    if found is None:
        raise UnitNotFound
    return found


def holders_at(unit_id: str, *roles: Role) -> list[str]:
    """The ids of the people who hold one of `roles` at this very unit, not above it."""
    held = {"unit_id": unit_id, "role__in": list(roles)}
    found = Person.objects(memberships__match=held).only("id")
    return [person.id for person in found]


def root_unit_id() -> str:
    """The id of the unit that the whole tree hangs from; empty where no city was founded yet."""
    root = collection(Unit).find_one({"parent_id": ""}, {"_id": 1})
    return str(root["_id"]) if root else ""


def unit_with_code(kind: UnitKind, code: str) -> Unit:
    """The unit of this kind and code. Raises UnitNotFound."""
    found = Unit.objects(kind=kind, code=code).first()
    if found is None:
        raise UnitNotFound
    return found


def units_of(unit_ids: list[str]) -> dict[str, Unit]:
    """The units with these ids, by id and without their boundaries; unknown ids are left out."""
    return {unit.id: unit for unit in Unit.objects(id__in=unit_ids).exclude("boundary")}


def units_in(
    *,
    kind: UnitKind | None = None,
    level: str = "",
    parent_id: str = "",
    after: tuple[str, str] | None = None,
    limit: int = 50,
) -> list[Unit]:
    """Units by code, without their boundaries, at most 201; `after` is the last (code, id) seen."""
    found = Unit.objects.exclude("boundary")
    if kind:
        found = found.filter(kind=kind)
    if level:
        found = found.filter(level=level)
    if parent_id:
        found = found.filter(parent_id=parent_id)
    if after:
        code, unit_id = after
        later = {"$or": [{"code": {"$gt": code}}, {"code": code, "_id": {"$gt": unit_id}}]}
        found = found.filter(__raw__=later)
    return list(found.order_by("code", "id").limit(min(limit, PAGE_MAX)))


@dataclass(frozen=True)
class UnitPage:
    """A page of units by code; `next_cursor` is None at the end."""

    items: list[Unit]
    next_cursor: str | None


def units_page(*, cursor: str = "", limit: int = 50, **which: Any) -> UnitPage:
    """The units that `units_in` finds, page by page. Raises BadCursor."""
    after = tuple(from_cursor(cursor, str, str)) if cursor else None
    found = units_in(**which, after=after, limit=limit + 1)
    items = found[:limit]
    more = len(found) > limit
    return UnitPage(items, to_cursor(items[-1].code, items[-1].id) if more else None)


def district_code_of(unit: Unit) -> str:
    """The six-digit code of the nearest district at or above the unit, else the root's code."""
    lineage = list(unit.lineage)
    codes = {
        row["_id"]: row["code"]
        for row in collection(Unit).find({"_id": {"$in": lineage}}, {"code": 1})
    }
    in_reach = [codes[unit_id] for unit_id in reversed(lineage) if unit_id in codes]
    districts = [code for code in in_reach if _DISTRICT_CODE.fullmatch(code)]
    return (districts or in_reach[-1:] or [unit.code])[0]
