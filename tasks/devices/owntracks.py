"""OwnTracks in HTTP mode: its messages as fixes, and the task's places for it to watch. Pure.

Formats: https://owntracks.org/booklet/tech/json and /tech/http.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.datums import from_wgs84
from shared.geo import bounding_circle
from tasks.devices.readings import (
    KMH_TO_MPS,
    Reading,
    Unusable,
    fix_of,
    known_speed_mps,
    moment_of,
)

# A phone rings when it is this near to a checkpoint; the judge's own circle may be smaller, but
# phones do not watch circles that are.
LEAST_WATCHED_M = 50
# iOS watches 20 regions of an app at most.
MOST_WATCHED = 20


def read_owntracks(message: Any) -> list[Reading]:
    """The fixes in what the app posted: one message or a list of them.

    What is no position (waypoints, transitions, a last will, steps) holds none, and is no fault.
    """
    messages = message if isinstance(message, list) else [message]
    found: list[Reading] = []
    for one in messages:
        if not isinstance(one, dict) or not isinstance(one.get("_type"), str):
            found.append(Unusable("unreadable", "_type"))
        elif one["_type"] == "encrypted":
            found.append(Unusable("encrypted"))
        elif one["_type"] == "location":
            found.append(_location(one))
    return found


def _location(message: Mapping[str, Any]) -> Reading:
    return fix_of(
        moment_of(message.get("tst")),
        message.get("lat"),
        message.get("lon"),
        accuracy_m=message.get("acc"),
        altitude_m=message.get("alt"),
        speed_mps=known_speed_mps(message.get("vel"), KMH_TO_MPS),
    )


def asks_for_places(message: Any) -> bool:
    """Whether its owner pressed "report now", and so looks at the map right now."""
    messages = message if isinstance(message, list) else [message]
    return any(isinstance(one, dict) and one.get("t") == "u" for one in messages)


def places_command(
    title: str,
    area: Mapping[str, Any],
    checks: Sequence[Mapping[str, Any]],
    *,
    started_s: int,
    datum: str,
) -> dict[str, Any]:
    """The command that lays a task's area and checkpoints on the app's map, in the phone's datum.

    `started_s` names the walk: the app takes a place with the same time for the same place.
    """
    circle = bounding_circle(dict(area["geometry"]))
    radius_m = area.get("radius_m") or circle.radius_m + area.get("corridor_m", 0)
    places = [(title, circle.lat, circle.lon, radius_m)]
    for check in checks:
        parameters = check.get("parameters") or {}
        for number, point in enumerate(parameters.get("points") or (), start=1):
            if check.get("check") == "checkpoints":
                name = point.get("name") or str(number)
                radius = parameters.get("radius_m") or LEAST_WATCHED_M
                places.append((f"{number}. {name}", point["lat"], point["lon"], radius))
    return {
        "_type": "cmd",
        "action": "setWaypoints",
        "waypoints": {
            "_type": "waypoints",
            "waypoints": [
                _waypoint(place, started_s + index, datum)
                for index, place in enumerate(places[:MOST_WATCHED])
            ],
        },
    }


def _waypoint(
    place: tuple[str, float, float, float], known_by_s: int, datum: str
) -> dict[str, Any]:
    name, lat, lon, radius_m = place
    there_lat, there_lon = from_wgs84(lat, lon, datum)
    return {
        "_type": "waypoint",
        "desc": name,
        "lat": round(float(there_lat), 6),
        "lon": round(float(there_lon), 6),
        "rad": max(LEAST_WATCHED_M, round(radius_m)),
        "tst": known_by_s,
    }
