"""What each phone app posts, read in its own language and received; what it is answered."""

from collections.abc import Mapping
from typing import Any

from shared.clock import now
from tasks.devices.device import Device
from tasks.devices.owntracks import asks_for_places, read_owntracks
from tasks.devices.receiving import Received, receive_fixes
from tasks.devices.telling_places import places_for
from tasks.devices.traccar import read_gpslogger, read_osmand, read_traccar_json


def hear_owntracks(device: Device, message: Any) -> list[dict[str, Any]]:
    """Receive what OwnTracks posted; the commands to answer it with.

    `message` is the body read as JSON, None where it is none.
    """
    received = receive_fixes(device, read_owntracks(message))
    return places_for(device, received.walk, asked=asks_for_places(message))


def hear_traccar(device: Device, message: Any) -> Received:
    """Receive what Traccar Client posted as JSON; None where it is no JSON."""
    return receive_fixes(device, read_traccar_json(message))


def hear_osmand(device: Device, form: Mapping[str, str]) -> Received:
    """Receive what came in OsmAnd's query form."""
    return receive_fixes(device, read_osmand(form, now()))


def hear_gpslogger(device: Device, form: Mapping[str, str]) -> Received:
    """Receive what GPSLogger sent in the words of our profile."""
    return receive_fixes(device, read_gpslogger(form))
