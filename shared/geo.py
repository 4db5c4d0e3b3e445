"""Shapes and distances: GeoJSON from untrusted hands, metres on the ground, official lengths.

Plain positions are (lat, lon) in WGS-84 degrees; GeoJSON (RFC 7946) has longitude first.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from geopy.distance import geodesic
from numpy.typing import ArrayLike
from pyproj import Geod
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from shared.datums import Floats
from shared.errors import Invalid
from shared.i18n import Text

MAX_VERTICES = 2_000
MAX_ACROSS_M = 50_000.0

# The WGS-84 ellipsoid (NGA.STND.0036): semi-major axis, and eccentricity squared from 1/298.257…
_AXIS_M = 6378137.0
_ECCENTRICITY_SQUARED = 6.69437999014e-3
_GEOD = Geod(ellps="WGS84")
# How deep the positions lie in `coordinates`: 0 = one position, 1 = a list of them, and so on.
_DEPTHS = {"Point": 0, "LineString": 1, "Polygon": 2, "MultiPolygon": 3}
_METRES_PER_DEGREE = 111_000.0


class BadGeometry(Invalid):
    """Raised when something is no GeoJSON geometry of a kind that is allowed here."""

    message = Text(
        "This must be a GeoJSON geometry of type {kinds}.",
        "此处须为 GeoJSON 几何图形，类型为 {kinds}。",
    )


class BadPosition(BadGeometry):
    """Raised when a position is not [longitude, latitude] in finite numbers."""

    message = Text(
        "A position must be [longitude, latitude] in finite numbers.",
        "坐标须为 [经度, 纬度]，且为有限数值。",
    )


class PositionOutOfRange(BadGeometry):
    """Raised when a longitude is beyond 180 or a latitude beyond 90 degrees."""

    message = Text(
        "The position [{lon}, {lat}] is not on Earth: longitude first, within 180 and 90 degrees.",
        "坐标 [{lon}, {lat}] 超出范围：经度在前，经度不超过 180，纬度不超过 90。",
    )


class TooManyVertices(BadGeometry):
    """Raised when a shape has more corners than anybody can mean."""

    message = Text(
        "The shape has too many vertices; at most {limit} are allowed.",
        "图形顶点过多，最多允许 {limit} 个。",
    )


class RingNotClosed(BadGeometry):
    """Raised when a polygon's ring does not end where it begins, or has too few corners."""

    message = Text(
        "A polygon's ring needs at least four positions, and the last must equal the first.",
        "多边形的环至少需要四个坐标点，且首尾必须相同。",
    )


class CrossesItself(BadGeometry):
    """Raised when a polygon's outline crosses or touches itself, or a hole lies wrongly."""

    message = Text("The polygon's outline crosses itself: {why}.", "多边形边界自相交：{why}。")


class CrossesAntimeridian(BadGeometry):
    """Raised when a shape spans the 180th meridian."""

    message = Text(
        "The shape spans the 180th meridian; draw it on one side.",
        "图形跨越 180 度经线，请画在同一侧。",
    )


class NothingInside(BadGeometry):
    """Raised when a shape has no area, or a line no length."""

    message = Text("The shape covers nothing.", "图形没有面积或长度。")


class TooLarge(BadGeometry):
    """Raised when a shape is wider than a shape may be here."""

    message = Text(
        "The shape is larger than {limit_km} km across.", "图形跨度超过 {limit_km} 公里。"
    )


@dataclass(frozen=True)
class LocalFrame:
    """Metres east (x) and north (y) of one WGS-84 position: equirectangular about it.

    Uses the WGS-84 radii of curvature at the centre; within 10 km lengths are right to 0.1 %.
    """

    lat: float
    lon: float

    @property
    def _metres_per_degree(self) -> tuple[float, float]:
        """Of latitude and of longitude, from the meridional and prime-vertical radii."""
        latitude = math.radians(self.lat)
        flat = 1.0 - _ECCENTRICITY_SQUARED * math.sin(latitude) ** 2
        meridional_m = _AXIS_M * (1.0 - _ECCENTRICITY_SQUARED) / flat**1.5
        across_m = _AXIS_M / math.sqrt(flat) * max(math.cos(latitude), 1e-9)
        return math.radians(meridional_m), math.radians(across_m)

    def to_metres(self, lat: ArrayLike, lon: ArrayLike) -> tuple[Floats, Floats]:
        """Degrees as (x, y) arrays in metres; longitudes wrap, so the far side is never nearer."""
        north, east = self._metres_per_degree
        turned = (np.asarray(lon, np.float64) - self.lon + 180.0) % 360.0 - 180.0
        return turned * east, (np.asarray(lat, np.float64) - self.lat) * north

    def to_degrees(self, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        """Metres of this frame as (lat, lon) arrays in degrees."""
        north, east = self._metres_per_degree
        return (
            np.asarray(y, np.float64) / north + self.lat,
            np.asarray(x, np.float64) / east + self.lon,
        )

    def shape_of(self, geometry: dict[str, Any]) -> BaseGeometry:
        """A GeoJSON geometry as a shapely one in this frame's metres."""

        def projected(positions: Floats) -> Floats:
            return np.column_stack(self.to_metres(positions[:, 1], positions[:, 0]))

        return shapely.transform(shape(geometry), projected)

    def geometry_of(self, drawn: BaseGeometry) -> dict[str, Any]:
        """A shapely geometry in this frame's metres as GeoJSON in degrees (1e-7 steps)."""

        def unprojected(positions: Floats) -> Floats:
            lat, lon = self.to_degrees(positions[:, 0], positions[:, 1])
            return np.asarray(np.round(np.column_stack((lon, lat)), 7), np.float64)

        plain = mapping(shapely.transform(drawn, unprojected))
        return {"type": plain["type"], "coordinates": _as_lists(plain["coordinates"])}


@dataclass(frozen=True)
class BoundingCircle:
    """The smallest circle around a shape: its centre in WGS-84 degrees, its radius."""

    lat: float
    lon: float
    radius_m: float


def distance_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Geodesic metres between two (lat, lon) positions: for single distances, never a track."""
    return float(geodesic(a, b).m)


def leg_lengths_m(lat: ArrayLike, lon: ArrayLike) -> Floats:
    """Geodesic metres of each leg of a line of n positions: n - 1 values."""
    lats, lons = np.asarray(lat, np.float64), np.asarray(lon, np.float64)
    if len(lats) < 2:
        return np.zeros(0)
    return np.asarray(_GEOD.line_lengths(lons, lats), np.float64)


def line_length_m(lat: ArrayLike, lon: ArrayLike) -> float:
    """Geodesic metres along a line: the official distance."""
    return float(leg_lengths_m(lat, lon).sum())


def frame_around(geometry: dict[str, Any]) -> LocalFrame:
    """The local frame about the middle of a GeoJSON geometry's bounding box."""
    west, south, east, north = shape(geometry).bounds
    return LocalFrame(lat=(south + north) / 2, lon=(west + east) / 2)


def bounding_circle(geometry: dict[str, Any]) -> BoundingCircle:
    """The smallest circle around a valid GeoJSON geometry."""
    frame = frame_around(geometry)
    drawn = frame.shape_of(geometry)
    circle = shapely.minimum_bounding_circle(drawn)
    centre = drawn.centroid if circle.is_empty else circle.centroid
    lat, lon = frame.to_degrees(centre.x, centre.y)
    return BoundingCircle(float(lat), float(lon), float(shapely.minimum_bounding_radius(drawn)))


def validated_geometry(
    value: Any,
    kinds: Sequence[str] = ("Polygon",),
    field: str = "geometry",
    *,
    max_vertices: int = MAX_VERTICES,
    max_across_m: float = MAX_ACROSS_M,
) -> dict[str, Any]:
    """The GeoJSON geometry in `value`, cleaned: type, 2-D positions, rings right-handed.

    Raises BadGeometry or one of its kinds, with the dotted path to what is wrong.
    """
    if not isinstance(value, dict) or value.get("type") not in kinds:
        raise BadGeometry(f"{field}.type", kinds=", ".join(kinds))
    kind = value["type"]
    path = f"{field}.coordinates"
    reader = _Positions(max_vertices)
    coordinates = reader.read(value.get("coordinates"), _DEPTHS[kind], path)
    _refuse_open_rings(coordinates, _DEPTHS[kind], path)
    drawn = shape({"type": kind, "coordinates": coordinates})
    _refuse_bad_extent(drawn, path, max_across_m)
    _refuse_bad_shape(drawn, kind, path)
    if kind in ("Polygon", "MultiPolygon"):
        drawn = shapely.orient_polygons(drawn)
    return {"type": kind, "coordinates": _as_lists(mapping(drawn)["coordinates"])}


def validated_position(lat: Any, lon: Any, field: str) -> tuple[float, float]:
    """(lat, lon) as finite floats on Earth. Raises BadPosition, PositionOutOfRange."""
    read_lon, read_lat = _position([lon, lat], field)
    return read_lat, read_lon


class _Positions:
    """Reads nested lists of positions, and stops at the first one too many."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.left = limit

    def read(self, value: Any, depth: int, path: str) -> Any:
        """The positions `depth` lists down, as lists of floats. Raises kinds of BadGeometry."""
        if depth == 0:
            self.left -= 1
            if self.left < 0:
                raise TooManyVertices(path, limit=self.limit)
            return _position(value, path)
        if not isinstance(value, list | tuple):
            raise BadPosition(path)
        if not value:
            raise NothingInside(path)
        return [self.read(item, depth - 1, f"{path}.{index}") for index, item in enumerate(value)]


def _position(value: Any, path: str) -> list[float]:
    if not isinstance(value, list | tuple) or not 2 <= len(value) <= 3:
        raise BadPosition(path)
    for number in value:
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise BadPosition(path)
        # `abs(...) < 1e9` also keeps whole numbers too long for a float from overflowing it.
        if not abs(number) < 1e9:
            raise BadPosition(path)
    lon, lat = float(value[0]), float(value[1])
    if abs(lon) > 180 or abs(lat) > 90:
        raise PositionOutOfRange(path, lon=lon, lat=lat)
    return [lon, lat]


def _refuse_open_rings(coordinates: Any, depth: int, path: str) -> None:
    if depth == 1 and len(coordinates) < 2:
        raise NothingInside(path)
    if depth == 2:
        for index, ring in enumerate(coordinates):
            if len(ring) < 4 or ring[0] != ring[-1]:
                raise RingNotClosed(f"{path}.{index}")
    if depth == 3:
        for index, polygon in enumerate(coordinates):
            _refuse_open_rings(polygon, 2, f"{path}.{index}")


def _refuse_bad_extent(drawn: BaseGeometry, path: str, max_across_m: float) -> None:
    west, south, east, north = drawn.bounds
    if east - west > 180:
        raise CrossesAntimeridian(path)
    nearest_equator = 0.0 if south <= 0 <= north else min(abs(south), abs(north))
    width_m = (east - west) * _METRES_PER_DEGREE * math.cos(math.radians(nearest_equator))
    height_m = (north - south) * _METRES_PER_DEGREE
    if max(width_m, height_m) <= max_across_m:
        frame = LocalFrame(lat=(south + north) / 2, lon=(west + east) / 2)
        radius_m = shapely.minimum_bounding_radius(frame.shape_of(mapping(drawn)))
        if 2 * radius_m <= max_across_m:
            return
    raise TooLarge(path, limit_km=round(max_across_m / 1000, 1))


def _refuse_bad_shape(drawn: BaseGeometry, kind: str, path: str) -> None:
    if kind == "Point":
        return
    if kind == "LineString":
        if drawn.length == 0:
            raise NothingInside(path)
        return
    if all(part.convex_hull.area == 0 for part in shapely.get_parts(drawn)):
        raise NothingInside(path)
    why = shapely.is_valid_reason(drawn)
    if why != "Valid Geometry":
        raise CrossesItself(path, why=why)


def _as_lists(coordinates: Any) -> Any:
    """Nested tuples as nested lists, which is what JSON and BSON give back."""
    if isinstance(coordinates, tuple | list):
        return [_as_lists(item) for item in coordinates]
    return float(coordinates)
