"""How a phone app is told where to send and how often: a file, a link, the words of both.

A patrol wants a fix each 10 s: an area is judged in 50-m cells, and a walker needs 35 s for one.
"""

import base64
import json
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from tasks.devices.device import PhoneApp

INTERVAL_S = 10
# OwnTracks: https://owntracks.org/booklet/tech/json, `_type=configuration`.
OWNTRACKS_HTTP_MODE = 3
OWNTRACKS_MOVE = 2
# What the judge would drop as well, so that the phone need not send it.
WORST_ACCURACY_M = 100

# Where each app sends to, below the API's own address.
WIRE_PATHS = {
    PhoneApp.OWNTRACKS: "/wire/owntracks",
    PhoneApp.TRACCAR: "/wire/traccar",
    PhoneApp.GPSLOGGER: "/wire/gpslogger",
    PhoneApp.OTHER: "/wire/traccar",
}


@dataclass(frozen=True)
class SetUp:
    """What an app needs: the address, a file to open in it, a link to tap or to scan.

    `file_text` and `link` hold the secret; each is empty where the app takes none.
    """

    address: str
    username: str
    interval_s: int
    file_name: str = ""
    file_type: str = ""
    file_text: str = ""
    link: str = ""


def set_up(app: PhoneApp, device_id: str, name: str, secret: str, *, api: str) -> SetUp:
    """The set-up of a device; `api` is the API's address, say https://example.org/api/v1."""
    address = api.rstrip("/") + WIRE_PATHS[app]
    if app == PhoneApp.OWNTRACKS:
        return _owntracks(address, device_id, name, secret)
    if app == PhoneApp.GPSLOGGER:
        return _gpslogger(address, device_id, secret)
    link = _traccar_link(address, device_id, secret) if app == PhoneApp.TRACCAR else ""
    return SetUp(address, device_id, INTERVAL_S, link=link)


def _owntracks(address: str, device_id: str, name: str, secret: str) -> SetUp:
    wanted = {
        "_type": "configuration",
        "mode": OWNTRACKS_HTTP_MODE,
        "url": address,
        "auth": True,
        "usePassword": True,
        "username": device_id,
        "password": secret,
        "deviceId": name,
        "tid": device_id[-2:],
        "monitoring": OWNTRACKS_MOVE,
        # Android's interval in move mode, then what iOS and the other modes go by.
        "moveModeLocatorInterval": INTERVAL_S,
        "locatorInterval": INTERVAL_S,
        "locatorDisplacement": 0,
        "ignoreInaccurateLocations": WORST_ACCURACY_M,
        # Lets the task's area be laid on the map, and nothing else be changed from afar.
        "cmd": True,
        "remoteConfiguration": False,
        "extendedData": False,
    }
    text = json.dumps(wanted, ensure_ascii=False, indent=2)
    inline = quote(base64.b64encode(json.dumps(wanted).encode()), safe="")
    return SetUp(
        address,
        device_id,
        INTERVAL_S,
        file_name="fuxun.otrc",
        file_type="application/json",
        file_text=text + "\n",
        link=f"owntracks:///config?inline={inline}",
    )


def _traccar_link(address: str, device_id: str, secret: str) -> str:
    """The address with the app's settings behind it, as its scanner of codes reads them.

    The device's identifier carries the secret, since the app has no field for one.
    """
    wanted = {
        "id": f"{device_id}.{secret}",
        "interval": INTERVAL_S,
        "fastest_interval": INTERVAL_S,
        # Above nought the app would wait for so many metres, and somebody at a post send nothing.
        "distance": 0,
        "angle": 0,
        "accuracy": "highest",
        "buffer": "true",
        "stop_detection": "false",
    }
    return f"{address}?{urlencode(wanted)}"


def _gpslogger(address: str, device_id: str, secret: str) -> SetUp:
    wanted = {
        "current_profile_name": "Fuxun",
        "log_customurl_enabled": "true",
        "log_customurl_url": address,
        "log_customurl_method": "POST",
        "log_customurl_headers": "Content-Type: application/x-www-form-urlencoded",
        "log_customurl_body": "lat=%LAT&lon=%LON&time=%TIME&acc=%ACC&alt=%ALT&spd=%SPD",
        "log_customurl_basicauth_username": device_id,
        "log_customurl_basicauth_password": secret,
        # What was walked without a network is sent afterwards.
        "log_customurl_discard_offline_locations_enabled": "false",
        "time_before_logging": str(INTERVAL_S),
        "distance_before_logging": "0",
        "accuracy_before_logging": str(WORST_ACCURACY_M),
        "log_satellite_locations": "true",
        "log_network_locations": "false",
        "keep_fix": "true",
    }
    text = "".join(f"{name}={value}\n" for name, value in wanted.items())
    return SetUp(
        address,
        device_id,
        INTERVAL_S,
        file_name="Fuxun.properties",
        file_type="text/plain",
        file_text=text,
    )
