"""Sound requests of phone apps and of what people are told: devices, GPX, the wire, webhooks."""

from typing import Any

from sound_world import Sound

from shared.clock import now


def of_messages(world: Any) -> dict[str, Sound]:
    """Operation → a sound request."""
    wishes = {"quiet_from": "22:00", "quiet_until": "07:00", "muted": []}
    return {
        "POST /me/notices/reading": Sound("resident", {"up_to_id": world.ids["notice_id"][0]}),
        "PATCH /me/notice-settings": Sound("resident", wishes),
        "POST /webhooks": Sound("admin", {"url": "https://push.example.com/", "events": []}),
        **of_phones(),
    }


def of_phones() -> dict[str, Sound]:
    """What phone apps are set up by, and what they send by themselves."""
    device = {"name": "another", "app": "traccar", "datum": "wgs84"}
    at = now()
    said = {"lat": 26.0885, "lon": 119.2925}
    owntracks = {"_type": "location", **said, "tst": int(at.timestamp()), "acc": 9, "m": 1}
    coords = {"latitude": 26.0885, "longitude": 119.2925, "accuracy": 5, "speed": 1.2}
    location = {"timestamp": at.isoformat(), "coords": coords, "is_moving": True, "mock": False}
    gpslogger = f"lat=26.0885&lon=119.2925&time={at:%Y-%m-%dT%H:%M:%SZ}&acc=5&alt=9&spd=1"
    form = "application/x-www-form-urlencoded"
    point = f"<trkpt lat='26.0885' lon='119.2925'><time>{at.isoformat()}</time></trkpt>"
    recorded = f"<gpx version='1.1'><trk><trkseg>{point}</trkseg></trk></gpx>"
    return {
        "POST /me/devices": Sound("joiner", device),
        "POST /participations/{participation_id}/gpx": Sound(
            "resident",
            recorded.encode(),
            kind="application/gpx+xml",
            query="upload_key=g-1&datum=wgs84",
        ),
        "POST /wire/owntracks": Sound("phone", owntracks),
        "POST /wire/traccar": Sound("phone", {"location": location}),
        "POST /wire/gpslogger": Sound("phone", gpslogger.encode(), kind=form),
    }
