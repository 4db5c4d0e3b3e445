"""Units of one kind around a position, the nearest first."""

from collections.abc import Sequence
from typing import Any

from people.unit import Unit, UnitKind

MOST_NEARBY = 200


def units_near(
    kind: UnitKind,
    near: tuple[float, float],
    *,
    among: Sequence[str] | None = None,
    skip: int = 0,
    limit: int = 50,
) -> list[Unit]:
    """Units of this kind by their distance from `near`, (lat, lon) in WGS-84, at most 200.

    Without their boundaries; those without a location are nowhere near. `among` keeps to these ids.
    """
    lat, lon = near
    position = {"type": "Point", "coordinates": [lon, lat]}
    wanted: dict[str, Any] = {
        "kind": kind.value,
        "location": {"$nearSphere": {"$geometry": position}},
    }
    if among is not None:
        wanted["_id"] = {"$in": list(among)}
    found = Unit.objects(__raw__=wanted).exclude("boundary")
    return list(found.skip(skip).limit(min(limit, MOST_NEARBY)))
