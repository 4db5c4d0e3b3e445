"""Tasks at a home: who neither holds a slot nor runs the centre sees the community only."""

from collections.abc import Mapping
from typing import Any

from people import Actor
from shared.database import collection
from tasks.task import Task

# A hundredth of a degree is about a kilometre: a community, and no door.
COMMUNITY_DIGITS = 2
# What in a check's parameters says where to go.
_PLACES = ("points", "places")


def location_shown(lon: float, lat: float, rules: Mapping[str, Any]) -> dict[str, Any]:
    """Where a task is drawn and searched, as GeoJSON, WGS-84; of a private place the community.

    Stored like this, so that no distance or order of a list gives the door away.
    """
    if is_private(rules):
        lon, lat = round(lon, COMMUNITY_DIGITS), round(lat, COMMUNITY_DIGITS)
    return {"type": "Point", "coordinates": [lon, lat]}


def is_private(rules: Mapping[str, Any] | None) -> bool:
    """Whether a task's frozen rules keep its place from strangers."""
    return bool((rules or {}).get("private_place"))


def holds_slot(task_id: str, by: Actor) -> bool:
    """Whether the slot is theirs; one offered and not yet taken is not."""
    own = {"$elemMatch": {"person_id": by.person_id, "offered_until": None}}
    return collection(Task).find_one({"_id": task_id, "claims": own}, {"_id": 1}) is not None


def hide_place(task: Task) -> Task:
    """The task as a stranger reads it, never to be saved: the unit's words in place of the door."""
    task.address, task.area = task.place, {}
    task.checks = [
        {**check, "parameters": _without_places(check.get("parameters") or {})}
        for check in task.checks
    ]
    return task


def _without_places(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if name not in _PLACES}


def card_shown(card: dict[str, Any]) -> dict[str, Any]:
    """A list's card without the mark of a private place, nor such a place's address."""
    if card.pop("has_private_place", False):
        card["address"] = card["place"]
    return card
