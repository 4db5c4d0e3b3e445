"""How siblings of the territory cover their parent: holes, overlaps and what lies outside (pure).

Areas are geodesic square metres on the WGS-84 ellipsoid (pyproj's Geod after Karney 2013).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

import numpy as np
import shapely
from pyproj import Geod
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

_GEOD = Geod(ellps="WGS84")
# Whoever is nearer to a hole than this (degrees; some ten metres) lies at it.
_BESIDE_DEGREES = 1e-4
MAX_FINDINGS = 1_000


class Flaw(StrEnum):
    """What can be wrong with a coverage."""

    HOLE = "hole"
    OVERLAP = "overlap"
    OUTSIDE = "outside"


@dataclass(frozen=True)
class Piece:
    """One sibling: the unit's code and its shape in WGS-84 degrees."""

    code: str
    shape: BaseGeometry


@dataclass(frozen=True)
class Finding:
    """One flaw: its size, a point inside it, the siblings concerned."""

    flaw: Flaw
    codes: tuple[str, ...]
    area_m2: float
    lat: float
    lon: float


def area_m2(drawn: BaseGeometry) -> float:
    """Geodesic square metres of the areas in a shape; lines and points have none."""
    # The sign tells only the direction of the ring.
    return sum(abs(_GEOD.geometry_area_perimeter(part)[0]) for part in _areas(drawn))


def coverage_findings(
    parent: BaseGeometry | None, siblings: Sequence[Piece], tolerance_m2: float
) -> list[Finding]:
    """The flaws above `tolerance_m2` of siblings against their parent, the largest first.

    Without a parent's shape the holes are those that the siblings enclose. Of each flaw 1,000
    are told at most: whoever has more begins with these.
    """
    if not siblings:
        return []
    shapes = np.array([piece.shape for piece in siblings])
    codes = [piece.code for piece in siblings]
    tree = shapely.STRtree(shapes)
    found = [
        *islice(_overlaps(tree, shapes, codes, tolerance_m2), MAX_FINDINGS),
        *islice(_holes(parent, tree, shapes, codes, tolerance_m2), MAX_FINDINGS),
        *islice(_outsides(parent, shapes, codes, tolerance_m2), MAX_FINDINGS),
    ]
    return sorted(found, key=lambda finding: (-finding.area_m2, finding.flaw, finding.codes))


def _overlaps(
    tree: shapely.STRtree, shapes: np.ndarray, codes: list[str], tolerance_m2: float
) -> Iterator[Finding]:
    one, other = tree.query(shapes, predicate="intersects")
    pairs = one < other
    one, other = one[pairs], other[pairs]
    shared = shapely.intersection(shapes[one], shapes[other])
    # Neighbours share a line, which has no area; only the rest is worth measuring.
    for place in np.flatnonzero(shapely.area(shared) > 0):
        concerned = tuple(sorted((codes[one[place]], codes[other[place]])))
        yield from _finding(Flaw.OVERLAP, concerned, shared[place], tolerance_m2)


def _holes(
    parent: BaseGeometry | None,
    tree: shapely.STRtree,
    shapes: np.ndarray,
    codes: list[str],
    tolerance_m2: float,
) -> Iterator[Finding]:
    together = shapely.union_all(shapes)
    if parent is None:
        rings = [ring for part in _areas(together) for ring in part.interiors]
        holes: list[BaseGeometry] = [Polygon(ring) for ring in rings]
    else:
        holes = list(_areas(parent.difference(together)))
    for hole in holes:
        beside = tree.query(hole, predicate="dwithin", distance=_BESIDE_DEGREES)
        concerned = tuple(sorted(codes[place] for place in beside))
        yield from _finding(Flaw.HOLE, concerned, hole, tolerance_m2)


def _outsides(
    parent: BaseGeometry | None, shapes: np.ndarray, codes: list[str], tolerance_m2: float
) -> Iterator[Finding]:
    if parent is None:
        return
    beyond = shapely.difference(shapes, parent)
    for place in np.flatnonzero(shapely.area(beyond) > 0):
        yield from _finding(Flaw.OUTSIDE, (codes[place],), beyond[place], tolerance_m2)


def _finding(
    flaw: Flaw, codes: tuple[str, ...], drawn: BaseGeometry, tolerance_m2: float
) -> Iterator[Finding]:
    size_m2 = area_m2(drawn)
    if size_m2 > tolerance_m2:
        largest = max(_areas(drawn), key=lambda part: part.area)
        point = largest.representative_point()
        yield Finding(flaw, codes, round(size_m2, 1), round(point.y, 7), round(point.x, 7))


def _areas(drawn: BaseGeometry) -> Iterator[Polygon]:
    for part in shapely.get_parts(drawn):
        if isinstance(part, Polygon) and not part.is_empty:
            yield part
        elif isinstance(part, MultiPolygon):
            yield from _areas(part)
