"""Traccar Client and whatever speaks its languages, GPSLogger among them: fixes. Pure.

Formats: https://www.traccar.org/osmand (form and JSON); GPSLogger sends what its own profile
says, which is the one that setting_up.py writes.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tasks.devices.readings import (
    KNOTS_TO_MPS,
    Reading,
    Unusable,
    fix_of,
    known_speed_mps,
    moment_of,
)

NO = ("false", "0")
YES = ("true", "1")


def read_osmand(form: Mapping[str, str], received_at: datetime) -> list[Reading]:
    """The fix in OsmAnd's query form: speed in knots, time in s, ms or ISO 8601.

    A form without a time tells where the phone is as it is sent: `received_at`.
    """
    if form.get("valid", "").lower() in NO:
        return [Unusable("not_valid")]
    lat, lon = form.get("lat"), form.get("lon")
    if lat is None and "," in form.get("location", ""):
        lat, lon = form["location"].split(",", 1)
    fix = fix_of(
        moment_of(form["timestamp"]) if form.get("timestamp") else received_at,
        lat,
        lon,
        accuracy_m=form.get("accuracy"),
        altitude_m=form.get("altitude"),
        speed_mps=known_speed_mps(form.get("speed"), KNOTS_TO_MPS),
        mock=form.get("mock", "").lower() in YES,
    )
    return [fix]


def read_traccar_json(message: Any) -> list[Reading]:
    """The fixes in Traccar Client's JSON: m/s and m, negative where unknown."""
    location = message.get("location") if isinstance(message, dict) else None
    locations = location if isinstance(location, list) else [location]
    return [_location(one) for one in locations]


def _location(location: Any) -> Reading:
    if not isinstance(location, dict):
        return Unusable("unreadable", "location")
    coords = location.get("coords")
    if not isinstance(coords, dict):
        return Unusable("no_position")
    return fix_of(
        moment_of(location.get("timestamp")),
        coords.get("latitude"),
        coords.get("longitude"),
        accuracy_m=coords.get("accuracy"),
        altitude_m=coords.get("altitude"),
        speed_mps=known_speed_mps(coords.get("speed")),
        mock=location.get("mock") is True,
    )


def read_gpslogger(form: Mapping[str, str]) -> list[Reading]:
    """The fix in what our GPSLogger profile sends: lat, lon, time, acc (m), alt (m), spd (m/s)."""
    fix = fix_of(
        moment_of(form.get("time")),
        form.get("lat"),
        form.get("lon"),
        accuracy_m=form.get("acc"),
        altitude_m=form.get("alt"),
        speed_mps=known_speed_mps(form.get("spd")),
    )
    return [fix]
