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


def refuse_unindexable(geometry: dict[str, Any], field: str) -> None:
    """Ask the server whether its spherical index will take a shape that is valid on the plane.

    A ring that touches itself at a corner may pass the one and not the other. Raises
    CrossesItself.
    """
    asked = {"_id": "", "boundary": {"$geoIntersects": {"$geometry": geometry}}}
    try:
        collection(Unit).find_one(asked, {"_id": 1})
    except OperationFailure as error:
        if error.timeout or error.has_error_label("RetryableError"):
            raise
        why = str((error.details or {}).get("errmsg", error))[:120]
        raise CrossesItself(field, why=why) from None
