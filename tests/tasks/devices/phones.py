"""A volunteer who walks, with a phone app that sends by itself; what the tests of it share."""

from datetime import timedelta
from types import SimpleNamespace

from shared.clock import pretending
from shared.datums import from_wgs84
from tasks import PhoneApp, claim_task, register_device, start_participation, track_of
from tasks.devices.readings import Fix
from tasks.devices.receiving import receive_fixes


def walker(task, actor, *, app=PhoneApp.OWNTRACKS, datum="wgs84"):
    """A started walk of the task, the actor's device, and its secret."""
    taken = claim_task(task.id, position=None, by=actor)
    started = start_participation(taken.id, by=actor)
    made = register_device("phone", app, datum, by=actor)
    return SimpleNamespace(walk=started, actor=actor, device=made.device, secret=made.secret)


def fix(who, seconds, *, datum="wgs84", **more):
    """A fix of the walk so many seconds after its start, a little farther north each second."""
    at = who.walk.started_at + timedelta(seconds=seconds)
    lat, lon = from_wgs84(26.09 + seconds * 1e-5, 119.29, datum)
    said = at.isoformat(timespec="milliseconds")
    return Fix({"at": said, "lat": float(lat), "lon": float(lon), **more})


def send(who, *seconds, **more):
    """Send such fixes as the app does, an hour after the start."""
    with pretending(who.walk.started_at + timedelta(hours=1)):
        return receive_fixes(who.device, [fix(who, s, **more) for s in seconds])


def seconds_in_track(who):
    """The seconds after the start at which the stored track has points, in order, as often."""
    began_ms = round(who.walk.started_at.timestamp() * 1000)
    t_ms = track_of(who.walk.id).points.t_ms
    return sorted(round((at - began_ms) / 1000) for at in t_ms.tolist())
