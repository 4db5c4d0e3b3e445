"""Where people belong: their homes and memberships, asked for many people at once."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from bson import ObjectId

from people.person import Person
from people.roles import Role
from people.trail_record import Act, TrailRecord
from shared.database import collection

_ACTS = [Act.ROLE_GRANTED.value, Act.ROLE_REVOKED.value]


class Belonging(NamedTuple):
    """One role somebody holds at a unit, since when, and whether it is a home of theirs."""

    unit_id: str
    role: Role
    since: datetime
    is_home: bool


def belongings_of(person_ids: Iterable[str]) -> dict[str, list[Belonging]]:
    """What each of these people holds and where, the oldest first; unknown ids are left out."""
    rows = collection(Person).find({"_id": {"$in": list(person_ids)}}, {"memberships": 1})
    return {row["_id"]: _belongings(row) for row in rows}


def belongings_at(unit_ids: Iterable[str]) -> Iterator[tuple[str, list[Belonging]]]:
    """(person id, all that they hold, the oldest first) of everybody with a role at these units."""
    held = {"memberships.unit_id": {"$in": list(unit_ids)}}
    for row in collection(Person).find(held, {"memberships": 1}):
        yield row["_id"], _belongings(row)


def moved_since(moment: datetime) -> dict[str, set[str]]:
    """Who gained or lost a role or a home since a moment: person id → the units concerned."""
    found: dict[str, set[str]] = {}
    # Ids of the trail rise with time, by whole seconds.
    first = str(ObjectId.from_datetime(moment))
    changed = {"_id": {"$gte": first}, "act": {"$in": _ACTS}}
    for act in collection(TrailRecord).find(changed, {"about_id": 1, "unit_id": 1}):
        found.setdefault(act["about_id"], set()).add(act["unit_id"])
    # A role held before the real-name step becomes a home by it, without an act of its own.
    for person in collection(Person).find({"real_name_at": {"$gte": moment}}, {"memberships": 1}):
        homes = {one.unit_id for one in _belongings(person) if one.is_home}
        found.setdefault(person["_id"], set()).update(homes)
    return found


def _belongings(row: dict[str, Any]) -> list[Belonging]:
    held = [
        Belonging(one["unit_id"], Role(one["role"]), one["since"], bool(one.get("is_home")))
        for one in row.get("memberships") or ()
    ]
    return sorted(held, key=lambda one: (one.since, one.unit_id, one.role))
