"""Positions as callers give and get them: always with their datum."""

import marshmallow as ma
from marshmallow import fields, validate

from shared.datums import DATUMS, from_wgs84, to_wgs84
from shared.errors import Invalid
from shared.i18n import Text


def latitude(**more: object) -> fields.Float:
    """A latitude in degrees; NaN and infinity are refused."""
    return fields.Float(validate=validate.Range(-90, 90), **more)  # type: ignore[arg-type]


def longitude(**more: object) -> fields.Float:
    """A longitude in degrees; NaN and infinity are refused."""
    return fields.Float(validate=validate.Range(-180, 180), **more)  # type: ignore[arg-type]


def datum(**more: object) -> fields.String:
    """Which datum the degrees are in; never guessed, so always required."""
    return fields.String(
        required=True,
        validate=validate.OneOf(DATUMS),
        metadata={"description": "wgs84 (GPS), gcj02 (Gaode, Tencent) or bd09 (Baidu)"},
        **more,  # type: ignore[arg-type]
    )


def datum_or_wgs84() -> fields.String:
    """Which datum a shape's degrees are in; GeoJSON itself means WGS-84 (RFC 7946)."""
    return fields.String(
        load_default="wgs84",
        validate=validate.OneOf(DATUMS),
        metadata={"description": "of the shape's degrees: wgs84 (GeoJSON's own), gcj02 or bd09"},
    )


class PositionOffTheMap(Invalid):
    """Raised when a position lies so near an edge that its datum puts it outside the degrees."""

    message = Text("There is no such position in {datum}.", "{datum} 坐标系中没有该位置。")


class PositionSchema(ma.Schema):
    """One position: degrees and the datum that they are in."""

    lat = latitude(required=True)
    lon = longitude(required=True)
    datum = datum()


def in_wgs84(position: dict[str, float | str]) -> tuple[float, float]:
    """(lat, lon) in WGS-84 of a position as sent."""
    datum = str(position["datum"])
    lat, lon = (float(part) for part in to_wgs84(position["lat"], position["lon"], datum))
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise PositionOffTheMap("lat", datum=datum)
    return lat, lon


def in_datum(location: dict[str, list[float]], wanted: str) -> dict[str, float | str]:
    """A stored GeoJSON point as a position in the datum that the caller's map is in."""
    lon, lat = location["coordinates"]
    there_lat, there_lon = from_wgs84(lat, lon, wanted)
    return {"lat": round(float(there_lat), 6), "lon": round(float(there_lon), 6), "datum": wanted}
