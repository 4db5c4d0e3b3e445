"""The territory asked about in bulk: all that lies below a unit, whose ground many points are."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry import shape

from people.territory import layers
from people.unit import Unit
from shared.database import collection


def ids_below(unit_id: str) -> list[str]:
    """The ids of a unit and of all units below it; none where there is no such unit."""
    return [row["_id"] for row in collection(Unit).find({"lineage": unit_id}, {"_id": 1})]


def ground_under(points: Sequence[tuple[float, float]]) -> list[frozenset[str]]:
    """For each (lat, lon) in WGS-84 the units whose ground it is, in every layer, root included.

    As `grids_at` finds them and those above, for many points at once: on the plane of degrees,
    which differs from the sphere by centimetres at the edges of a grid.
    """
    found: list[set[str]] = [set() for _ in points]
    positions = np.array([[lon, lat] for lat, lon in points], dtype=float).reshape(-1, 2)
    for layer in layers():
        for place, lineage in _first_of(layer.id, layer.keys[-1], positions).items():
            found[place].update(lineage)
    return [frozenset(ids) for ids in found]


def _first_of(kind: str, level: str, positions: np.ndarray) -> dict[int, list[str]]:
    """Place among the positions → the lineage of the unit there with the lowest code."""
    seen = {"boundary": 1, "lineage": 1}
    wanted = {"kind": kind, "level": level, "boundary": {"$ne": None}}
    units = list(collection(Unit).find(wanted, seen).sort("code", 1))
    if not units or not len(positions):
        return {}
    tree = shapely.STRtree([shape(unit["boundary"]) for unit in units])
    lows: dict[int, int] = {}
    for place, number in tree.query(shapely.points(positions), predicate="intersects").T.tolist():
        lows[place] = min(number, lows.get(place, number))
    return {place: units[number]["lineage"] for place, number in lows.items()}
