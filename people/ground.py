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


class Ground:
    """Whose ground points are, for many at once: each layer's boundaries are read once.

    As `grids_at` finds them, on the plane of degrees, which differs from the sphere by
    centimetres at the edges of a grid.
    """

    def __init__(self) -> None:
        self._levels: list[_Level] | None = None

    def under(self, points: Sequence[tuple[float, float]]) -> list[frozenset[str]]:
        """For each (lat, lon) in WGS-84 the units of every layer that hold it, root included."""
        if not points:
            return []
        if self._levels is None:
            self._levels = [_Level(layer.id, layer.keys[-1]) for layer in layers()]
        found: list[set[str]] = [set() for _ in points]
        positions = shapely.points([[lon, lat] for lat, lon in points])
        for level in self._levels:
            for place, lineage in level.first_of(positions).items():
                found[place].update(lineage)
        return [frozenset(ids) for ids in found]


class _Level:
    """The deepest level of a layer: its boundaries in a tree, the lowest code first."""

    def __init__(self, kind: str, key: str) -> None:
        seen = {"boundary": 1, "lineage": 1}
        wanted = {"kind": kind, "level": key, "boundary": {"$ne": None}}
        units = list(collection(Unit).find(wanted, seen).sort("code", 1))
        self._lineages = [unit["lineage"] for unit in units]
        self._tree = shapely.STRtree([shape(unit["boundary"]) for unit in units])

    def first_of(self, positions: np.ndarray) -> dict[int, list[str]]:
        """Place among the positions → the lineage of the unit there with the lowest code."""
        lows: dict[int, int] = {}
        for place, number in self._tree.query(positions, predicate="intersects").T.tolist():
            lows[place] = min(number, lows.get(place, number))
        return {place: self._lineages[number] for place, number in lows.items()}
