"""Shapes of the territory: read from untrusted hands, turned to WGS-84, fit for the index."""

from typing import Any

import numpy as np
import shapely
from pymongo.errors import OperationFailure
from shapely.geometry import mapping, shape

from people.unit import Unit
from shared.database import collection
from shared.datums import Floats, to_wgs84
from shared.geo import CrossesItself, validated_geometry

AREAS = ("Polygon", "MultiPolygon")
# A prefecture is some 200 km across; its outline has thousands of corners.
MAX_ACROSS_M = 400_000.0
MAX_VERTICES = 20_000
# 1e-7 degrees are a centimetre, and make a converted border equal on both of its sides.
DECIMALS = 7
_ASKED_AT_ONCE = 100
_BAD_VALUE = 2  # MongoDB's code for a query that cannot be read, a bad shape among them


def wgs84_geometry(value: Any, datum: str, kinds: tuple[str, ...], field: str) -> dict[str, Any]:
    """A GeoJSON geometry given in `datum`, checked and in WGS-84.

    Raises BadGeometry or one of its kinds, UnknownDatum.
    """
    geometry = _checked(value, kinds, field)
    if datum == "wgs84":
        return geometry

    def converted(positions: Floats) -> Floats:
        lats, lons = to_wgs84(positions[:, 1], positions[:, 0], datum)
        return np.column_stack([np.round(lons, DECIMALS), np.round(lats, DECIMALS)])

    turned = shapely.transform(shape(geometry), converted)
    return _checked(dict(mapping(turned)), kinds, field)


def _checked(value: Any, kinds: tuple[str, ...], field: str) -> dict[str, Any]:
    return validated_geometry(
        value, kinds, field, max_vertices=MAX_VERTICES, max_across_m=MAX_ACROSS_M
    )


def refuse_unindexable(geometries: dict[str, dict[str, Any]]) -> None:
    """Ask the server whether its spherical index will take shapes that are valid on the plane.

    A hole may be crossed by a long edge that bulges on the sphere. `geometries` are keyed by
    where they stood. Raises CrossesItself, which names the place.
    """
    places = list(geometries)
    for start in range(0, len(places), _ASKED_AT_ONCE):
        batch = places[start : start + _ASKED_AT_ONCE]
        if _objection([geometries[place] for place in batch]) is None:
            continue
        for place in batch:
            why = _objection([geometries[place]])
            if why is not None:
                raise CrossesItself(place, why=why)


def _objection(geometries: list[dict[str, Any]]) -> str | None:
    """Why the server does not take these shapes, or None; it looks at no document."""
    touching = [{"boundary": {"$geoIntersects": {"$geometry": one}}} for one in geometries]
    try:
        collection(Unit).find_one({"_id": "", "$or": touching}, {"_id": 1})
    except OperationFailure as error:
        if error.code != _BAD_VALUE:
            raise
        return str((error.details or {}).get("errmsg", error))[:120]
    return None
