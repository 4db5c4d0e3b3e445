"""Where a task happens: a polygon, a circle, or a route with a corridor, as plain data.

`{"shape": "polygon" | "circle" | "route", "geometry": GeoJSON, "radius_m"?, "corridor_m"?}`,
compiled once per area into metres for judging many walks.
"""

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from shared.datums import Floats
from shared.errors import Invalid
from shared.geo import (
    LocalFrame,
    bounding_circle,
    frame_around,
    line_length_m,
    validated_geometry,
)
from shared.i18n import Text

GEOMETRIES = {"polygon": "Polygon", "circle": "Point", "route": "LineString"}
# Which number, in metres, belongs to a shape, and what it may be.
SIZES = {"circle": ("radius_m", 20.0, 20_000.0), "route": ("corridor_m", 5.0, 500.0)}
# How far outside an honest phone may place somebody who stands inside.
TOLERANCE_M = 15.0
# Two corners per quarter turn keep a fence at 300 vertices where the default makes 780.
_QUARTER_CORNERS = 2
_CIRCLE_QUARTER_CORNERS = 16
# A day's march: longer routes are mistakes, and buffering them costs minutes.
MAX_ROUTE_M = 60_000.0
CELL_M = 50.0
MAX_CELLS = 20_000
_ROUTE_SAMPLE_M = 20.0


class BadArea(Invalid):
    """Raised when a task's area is no polygon, circle or route with what belongs to it."""

    message = Text(
        "An area has a shape (polygon, circle or route) and its geometry, and nothing else.",
        "区域须包含形状（polygon、circle 或 route）及其几何图形，且不得有其他内容。",
    )


class BadAreaSize(BadArea):
    """Raised when a circle's radius or a route's corridor is missing or out of bounds."""

    message = Text(
        "{name} must be a number from {least} to {most} metres.",
        "{name} 须为 {least} 至 {most} 米之间的数值。",
    )


class RouteTooLong(BadArea):
    """Raised when a route is longer than anybody walks in a day."""

    message = Text("A route may be {most_km} km long.", "路线最长 {most_km} 公里。")


@dataclass(frozen=True)
class CompiledArea:
    """An area in local metres: its outline, the fence walks are held against, its samples."""

    frame: LocalFrame
    outline: BaseGeometry
    fence: BaseGeometry
    line: LineString | None
    corridor_m: float

    def holds(self, x: Floats, y: Floats) -> NDArray[np.bool_]:
        """Whether each position, in metres of the frame, is inside the area or 15 m around it."""
        return np.asarray(shapely.contains_xy(self.fence, x, y), np.bool_)

    @cached_property
    def route_samples(self) -> NDArray[np.object_]:
        """Points every 20 m along the route; none where the area is no route."""
        if self.line is None:
            return np.zeros(0, dtype=object)
        count = max(2, math.ceil(self.line.length / _ROUTE_SAMPLE_M) + 1)
        at = np.linspace(0.0, self.line.length, count)
        return np.asarray(shapely.line_interpolate_point(self.line, at))

    @cached_property
    def cells(self) -> NDArray[np.int64]:
        """The 50-m cells, as sorted `cell_numbers`, whose middle is in the area; perhaps none."""
        west, south, east, north = self.outline.bounds
        middles_x = (np.arange(math.floor(west / CELL_M), math.ceil(east / CELL_M)) + 0.5) * CELL_M
        middles_y = (
            np.arange(math.floor(south / CELL_M), math.ceil(north / CELL_M)) + 0.5
        ) * CELL_M
        x, y = (grid.ravel() for grid in np.meshgrid(middles_x, middles_y))
        inside = shapely.contains_xy(self.outline, x, y)
        return np.unique(cell_numbers(x[inside], y[inside]))


def cell_numbers(x: Floats, y: Floats) -> NDArray[np.int64]:
    """One whole number per position: the 50-m cell of the local frame it lies in.

    Clipped at 100 km, which is farther than any area reaches.
    """
    columns = np.clip(np.floor(x / CELL_M), -2_000, 2_000).astype(np.int64)
    rows = np.clip(np.floor(y / CELL_M), -2_000, 2_000).astype(np.int64)
    return rows * 10_000 + columns


def validated_area(value: Any, field: str = "area") -> dict[str, Any]:
    """The area in `value`, cleaned. Raises BadArea or kinds of it, or of BadGeometry."""
    if not isinstance(value, dict):
        raise BadArea(field)
    name = value.get("shape")
    if not isinstance(name, str) or name not in GEOMETRIES:
        raise BadArea(f"{field}.shape")
    size = SIZES.get(name)
    allowed = {"shape", "geometry"} | ({size[0]} if size else set())
    for key in value:
        if key not in allowed:
            raise BadArea(f"{field}.{key}")
    geometry = validated_geometry(value.get("geometry"), (GEOMETRIES[name],), f"{field}.geometry")
    area: dict[str, Any] = {"shape": name, "geometry": geometry}
    if name == "route":
        lon, lat = zip(*(position[:2] for position in geometry["coordinates"]), strict=True)
        if line_length_m(lat, lon) > MAX_ROUTE_M:
            raise RouteTooLong(f"{field}.geometry", most_km=round(MAX_ROUTE_M / 1000))
    if size:
        area[size[0]] = _validated_size(value.get(size[0]), size, field)
    return area


def _validated_size(value: Any, size: tuple[str, float, float], field: str) -> float:
    name, least, most = size
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not least <= value <= most:
        raise BadAreaSize(f"{field}.{name}", name=name, least=least, most=most)
    return float(value)


def compile_area(area: dict[str, Any]) -> CompiledArea:
    """A valid area ready for judging; the same area is compiled once per process."""
    return _compiled(orjson.dumps(area, option=orjson.OPT_SORT_KEYS))


@lru_cache(maxsize=512)
def _compiled(canonical: bytes) -> CompiledArea:
    area = orjson.loads(canonical)
    frame = frame_around(area["geometry"])
    drawn = frame.shape_of(area["geometry"])
    corridor_m = float(area.get("corridor_m", 0.0))
    outline = drawn
    if area["shape"] == "circle":
        outline = drawn.buffer(area["radius_m"], quad_segs=_CIRCLE_QUARTER_CORNERS)
    elif area["shape"] == "route":
        outline = drawn.buffer(corridor_m, quad_segs=_QUARTER_CORNERS)
    fence = outline.buffer(TOLERANCE_M, quad_segs=_QUARTER_CORNERS)
    shapely.prepare(fence)
    line = drawn if isinstance(drawn, LineString) else None
    return CompiledArea(frame, outline, fence, line, corridor_m)


def location_of(area: dict[str, Any]) -> tuple[float, float]:
    """(lon, lat) of one place that stands for the area, inside it: what nearby searches find."""
    geometry = area["geometry"]
    frame = frame_around(geometry)
    drawn = frame.shape_of(geometry)
    if area["shape"] == "route":
        place = drawn.interpolate(0.5, normalized=True)
    else:
        centre = drawn.centroid
        place = centre if drawn.intersects(centre) else drawn.representative_point()
    lat, lon = frame.to_degrees(place.x, place.y)
    return round(float(lon), 7), round(float(lat), 7)


def across_m(area: dict[str, Any]) -> float:
    """How wide the area is: the diameter of the smallest circle around it, in metres."""
    margin_m = float(area.get("radius_m", area.get("corridor_m", 0.0)))
    return 2.0 * (bounding_circle(area["geometry"]).radius_m + margin_m)
