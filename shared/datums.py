"""Datums: WGS-84 (GPS), GCJ-02 (Chinese maps) and BD-09 (Baidu), converted at the edge.

A position's datum is what its sender says it is; nothing here ever guesses one.
"""

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shared.errors import Invalid
from shared.i18n import Text

Floats: TypeAlias = NDArray[np.float64]

DATUMS = ("wgs84", "gcj02", "bd09")

# The constants of the published GCJ-02 and BD-09 formulas: the Krasovsky 1940 ellipsoid, the box
# inside which China's shift applies, and Baidu's second twist.
_AXIS_M = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_CHINA_LAT = (0.8293, 55.8271)
_CHINA_LON = (72.004, 137.8347)
_BAIDU_TURNS = math.pi * 3000.0 / 180.0
_BAIDU_LAT, _BAIDU_LON = 0.006, 0.0065
_INVERSE_STEPS = 4  # fixed-point steps; three leave 0.3 mm at the corners of the box


class UnknownDatum(Invalid):
    """Raised when a position's datum is none of those known."""

    message = Text(
        "The datum {datum!r} is unknown; it must be wgs84, gcj02 or bd09.",
        "未知坐标系 {datum!r}；须为 wgs84、gcj02 或 bd09。",
    )


def to_wgs84(lat: ArrayLike, lon: ArrayLike, datum: str) -> tuple[Floats, Floats]:
    """Positions of `datum`, in degrees, as WGS-84 (lat, lon) arrays. Raises UnknownDatum."""
    lat, lon = _arrays(lat, lon)
    _known(datum)
    if datum == "bd09":
        lat, lon = _bd09_to_gcj02(lat, lon)
    return (lat, lon) if datum == "wgs84" else _gcj02_to_wgs84(lat, lon)


def from_wgs84(lat: ArrayLike, lon: ArrayLike, datum: str) -> tuple[Floats, Floats]:
    """WGS-84 positions, in degrees, as (lat, lon) arrays of `datum`. Raises UnknownDatum."""
    lat, lon = _arrays(lat, lon)
    _known(datum)
    if datum == "wgs84":
        return lat, lon
    lat, lon = _wgs84_to_gcj02(lat, lon)
    return _gcj02_to_bd09(lat, lon) if datum == "bd09" else (lat, lon)


def _known(datum: str) -> None:
    if datum not in DATUMS:
        raise UnknownDatum("datum", datum=datum)


def _arrays(lat: ArrayLike, lon: ArrayLike) -> tuple[Floats, Floats]:
    return np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)


def _in_china(lat: Floats, lon: Floats) -> NDArray[np.bool_]:
    """Whether the shift applies: the formula's own box, which is wider than the border."""
    inside: NDArray[np.bool_] = (
        (lat >= _CHINA_LAT[0])
        & (lat <= _CHINA_LAT[1])
        & (lon >= _CHINA_LON[0])
        & (lon <= _CHINA_LON[1])
    )
    return inside


def _shift(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    """The GCJ-02 offset in degrees at a WGS-84 position."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    waves = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (waves + 20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (waves + 20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    radians = np.radians(lat)
    flat = 1.0 - _ECCENTRICITY_SQUARED * np.sin(radians) ** 2
    meridian_m = _AXIS_M * (1.0 - _ECCENTRICITY_SQUARED) / (flat * np.sqrt(flat))
    parallel_m = _AXIS_M / np.sqrt(flat) * np.cos(radians)
    return np.degrees(north / meridian_m), np.degrees(east / parallel_m)


def _wgs84_to_gcj02(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    north, east = _shift(lat, lon)
    inside = _in_china(lat, lon)
    return np.where(inside, lat + north, lat), np.where(inside, lon + east, lon)


def _gcj02_to_wgs84(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    """The position whose shift leads here, by fixed-point steps from the shifted one."""
    found_lat, found_lon = lat, lon
    for _ in range(_INVERSE_STEPS):
        north, east = _shift(found_lat, found_lon)
        found_lat, found_lon = lat - north, lon - east
    inside = _in_china(found_lat, found_lon)
    return np.where(inside, found_lat, lat), np.where(inside, found_lon, lon)


def _twist(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    """BD-09 without its constant offset: a small wave on the polar form of the degrees."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU_TURNS)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU_TURNS)
    return radius * np.sin(angle), radius * np.cos(angle)


def _gcj02_to_bd09(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    lat, lon = _twist(lat, lon)
    return lat + _BAIDU_LAT, lon + _BAIDU_LON


def _bd09_to_gcj02(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    lat, lon = lat - _BAIDU_LAT, lon - _BAIDU_LON
    found_lat, found_lon = lat, lon
    for _ in range(_INVERSE_STEPS + 1):  # its waves are steeper
        twisted_lat, twisted_lon = _twist(found_lat, found_lon)
        found_lat, found_lon = found_lat + lat - twisted_lat, found_lon + lon - twisted_lon
    return found_lat, found_lon
