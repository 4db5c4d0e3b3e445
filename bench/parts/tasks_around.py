"""Eight tasks that a planner might draw around one walk, asking for seven tenths of it. Pure.

What is asked comes from an independent measure of the walk (a running median, then
Douglas-Peucker), not from the rules that will judge it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from shared.datums import Floats
from shared.geo import LocalFrame, frame_around
from tasks.judging.areas import validated_area
from tasks.judging.checks import validate_checks
from tasks.tracks.track_packing import TrackPoints

MEDIAN_POINTS = 9
SIMPLIFIED_M = 10.0
SHARE = 0.7
MARGIN_M = 30.0
CORRIDOR_M, COVERED = 25.0, 0.8
CIRCLE_MARGIN_M = 20.0
CORNERS, RIPPLE_M, RIPPLES = 200, 8.0, 24
CHECKPOINTS, NEEDED, DWELL_S, RADIUS_M = 8, 7, 10.0, 30.0
CELL_M = 50.0
# Longer than this between two fixes is no part of what can be asked for.
KNOWN_S = 90.0
# A phone's first fix may be far off; a planner does not draw a task over a jump.
JUMP_MPS, JUMP_M, FIRST_S = 5.0, 30.0, 60.0

REACH_M = 15_000.0

KINDS = (
    "hull",
    "corridor",
    "circle",
    "rippled",
    "middle_half",
    "checkpoints",
    "in_order",
    "cells",
)


@dataclass(frozen=True)
class Measured:
    """A walk as a planner sees it: smoothed metres of a frame, seconds, its simplified line."""

    frame: LocalFrame
    t: Floats
    x: Floats
    y: Floats
    line: LineString

    def within(self, area: BaseGeometry) -> tuple[float, float]:
        """Seconds and metres of the walk that lie in an area."""
        inside = shapely.contains_xy(area, self.x, self.y)
        leg_s = np.diff(self.t)
        both = inside[:-1] & inside[1:] & (leg_s <= KNOWN_S)
        return float(leg_s[both].sum()), float(self.line.intersection(area).length)


def measured(points: TrackPoints) -> Measured:
    """The walk smoothed and simplified, without what its phone saw before it knew the place."""
    t = points.t_ms / 1000.0
    frame = LocalFrame(float(np.median(points.lat)), float(np.median(points.lon)))
    x, y = frame.to_metres(points.lat, points.lon)
    first = _after_cold_start(t, x, y)
    t, x, y = t[first:], _median(x[first:]), _median(y[first:])
    return Measured(frame, t, x, y, LineString(np.column_stack((x, y))).simplify(SIMPLIFIED_M))


def within_reach(points: TrackPoints) -> TrackPoints:
    """A track up to where it first leaves what one task may span: a coach goes farther."""
    frame = LocalFrame(float(points.lat[0]), float(points.lon[0]))
    far = np.hypot(*frame.to_metres(points.lat, points.lon)) > REACH_M
    end = int(np.argmax(far)) if far.any() else len(points)
    columns = (points.t_ms, points.lat, points.lon, points.accuracy_m, points.altitude_m)
    return TrackPoints(*(column[:end] for column in columns))


def _after_cold_start(t: Floats, x: Floats, y: Floats) -> int:
    early = np.flatnonzero(t[1:] - t[0] <= FIRST_S)
    far = np.hypot(np.diff(x), np.diff(y))[early] > JUMP_MPS * np.diff(t)[early] + JUMP_M
    return int(early[far][-1]) + 1 if far.any() else 0


def _median(values: Floats) -> Floats:
    padded = np.pad(values, MEDIAN_POINTS // 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, MEDIAN_POINTS)
    return np.asarray(np.median(windows, axis=1), np.float64)


def task_around(walk: Measured, kind: str, *, longest_gap_s: float | None = None) -> dict[str, Any]:
    """`{"area", "checks"}` of one of KINDS, valid as a draft's are."""
    area, outline, extra = _drawn(walk, kind)
    seconds, metres = walk.within(outline)
    checks = [
        {"check": "inside_time", "parameters": {"min_s": SHARE * seconds}},
        {"check": "inside_distance", "parameters": {"min_m": SHARE * metres}},
        {"check": "plausible_speed"},
        *extra,
    ]
    if longest_gap_s is not None:
        checks.append({"check": "longest_gap", "parameters": {"max_s": longest_gap_s}})
    area = validated_area(area)
    return {"area": area, "checks": validate_checks(checks, area)}


Drawn = tuple[dict[str, Any], BaseGeometry, list[dict[str, Any]]]


def _drawn(walk: Measured, kind: str) -> Drawn:
    """The area as data, its outline in metres, and what is asked beyond time and distance."""
    if kind == "corridor":
        covered = {"check": "route_coverage", "parameters": {"min_share": COVERED}}
        route = {"shape": "route", "geometry": walk.frame.geometry_of(walk.line)}
        return route | {"corridor_m": CORRIDOR_M}, walk.line.buffer(CORRIDOR_M), [covered]
    if kind == "circle":
        centre = shapely.minimum_bounding_circle(walk.line).centroid
        radius_m = float(shapely.minimum_bounding_radius(walk.line)) + CIRCLE_MARGIN_M
        circle = {"shape": "circle", "geometry": walk.frame.geometry_of(centre)}
        return circle | {"radius_m": radius_m}, centre.buffer(radius_m), []
    hull = walk.line.convex_hull.buffer(MARGIN_M, quad_segs=4)
    if kind == "rippled":
        return _polygon(walk, _rippled(hull))
    if kind == "middle_half":
        middle = substring(walk.line, 0.25, 0.75, normalized=True)
        return _polygon(walk, middle.convex_hull.buffer(MARGIN_M, quad_segs=4))
    if kind == "cells":
        outline = Polygon(walk.line.buffer(CELL_M, quad_segs=4).exterior)
        return _polygon(walk, outline, [_cells(walk, outline)])
    if kind in ("checkpoints", "in_order"):
        return _polygon(walk, hull, [_checkpoints(walk, in_order=kind == "in_order")])
    return _polygon(walk, hull)


def _polygon(walk: Measured, outline: Polygon, extra: list[dict[str, Any]] | None = None) -> Drawn:
    area = {"shape": "polygon", "geometry": walk.frame.geometry_of(outline)}
    return area, outline, extra or []


def _rippled(hull: Polygon) -> Polygon:
    """The hull with 200 corners, in and out by up to 8 m, as outlines traced by hand are."""
    outer = hull.buffer(RIPPLE_M).exterior
    share = np.arange(CORNERS) / CORNERS
    xy = shapely.get_coordinates(shapely.line_interpolate_point(outer, share, normalized=True))
    middle = np.array(hull.centroid.coords[0])
    away = xy - middle
    ripple_m = RIPPLE_M * np.sin(2 * np.pi * RIPPLES * share)
    out = away / np.hypot(*away.T)[:, None] * ripple_m[:, None]
    rippled = Polygon(xy + out)
    return rippled if rippled.is_valid else Polygon(xy)


def _cells(walk: Measured, outline: Polygon) -> dict[str, Any]:
    """Seven tenths of the 50-m cells that the walk itself came through, by the area's own grid."""
    geometry = walk.frame.geometry_of(outline)
    grid = frame_around(geometry)
    area = grid.shape_of(geometry)
    west, south, east, north = area.bounds
    columns = np.arange(np.floor(west / CELL_M), np.ceil(east / CELL_M))
    rows = np.arange(np.floor(south / CELL_M), np.ceil(north / CELL_M))
    middles = np.stack(np.meshgrid((columns + 0.5) * CELL_M, (rows + 0.5) * CELL_M))
    x, y = middles.reshape(2, -1)
    inside = shapely.contains_xy(area, x, y)
    there = _cells_at(x[inside], y[inside])
    own = _cells_at(*grid.to_metres(*walk.frame.to_degrees(walk.x, walk.y)))
    share = SHARE * len(own & there) / len(there)
    return {"check": "area_coverage", "parameters": {"min_share": max(0.01, share)}}


def _cells_at(x: Floats, y: Floats) -> set[tuple[int, int]]:
    return {(int(a // CELL_M), int(b // CELL_M)) for a, b in zip(x, y, strict=True)}


def _checkpoints(walk: Measured, *, in_order: bool) -> dict[str, Any]:
    share = np.linspace(0.06, 0.94, CHECKPOINTS)
    places = shapely.line_interpolate_point(walk.line, share, normalized=True)
    xy = shapely.get_coordinates(places)
    lat, lon = walk.frame.to_degrees(xy[:, 0], xy[:, 1])
    points = [{"lat": float(a), "lon": float(b)} for a, b in zip(lat, lon, strict=True)]
    parameters = {"points": points, "radius_m": RADIUS_M, "dwell_s": DWELL_S}
    asked = {"needed": NEEDED, "in_order": in_order}
    return {"check": "checkpoints", "parameters": parameters | asked}
