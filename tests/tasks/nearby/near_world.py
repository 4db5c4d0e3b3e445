"""What tests of "tasks near me" stand on: places on the ground, a plain loop, waiting."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from pymongo import monitoring
from pyproj import Geod
from street import content

from shared.ids import new_id
from tasks import TaskState
from tasks.nearby.distances import distances_mm, earth_centred
from tasks.nearby.open_tasks import OpenTask
from tasks.nearby.question import Nearby

GEOD = Geod(ellps="WGS84")
FUZHOU = (26.09, 119.29)
# Both halves of either half of the Earth, the equator, the first meridian, and far north.
TOWNS = {
    "fuzhou": FUZHOU,
    "equator": (0.0, 9.45),
    "null_island": (0.0, 0.0),
    "greenwich": (51.4779, 0.0),
    "sydney": (-33.87, 151.21),
    "new_york": (40.71, -74.0),
    "ushuaia": (-54.8, -68.3),
    "tromso": (69.65, 18.96),
}
# As far as the fifth of a ring of places a hundred metres apart, elsewhere.
MOVED_TO = (26.0945, 119.29)
WAIT_S = 20.0


def until(holds: Callable[[], Any], what: str) -> Any:
    """What `holds()` gives as soon as it is true; fails with `what` after a bounded wait."""
    ends_at = time.monotonic() + WAIT_S
    while time.monotonic() < ends_at:
        found = holds()
        if found:
            return found
        time.sleep(0.002)
    raise AssertionError(f"never: {what}")


class Holder(monitoring.CommandListener):
    """Holds threads around commands they send, as a network that stands still would."""

    def __init__(self) -> None:
        self.holds, self._gate = threading.Event(), threading.Event()
        self.threads: set[threading.Thread] = set()
        self._known: set[threading.Thread] = set()
        self._commands: tuple[str, ...] = ()
        self._once_answered = False

    def hold(
        self,
        threads: set[threading.Thread],
        commands: tuple[str, ...],
        once_answered: bool = False,
    ) -> None:
        """From now on hold these threads before any of these commands, or behind it."""
        self.holds.clear()
        self._gate.clear()
        self._commands, self._once_answered = commands, once_answered
        self.threads = set(threads)

    def hold_new(self, commands: tuple[str, ...], once_answered: bool = False) -> None:
        """From now on hold the first thread that is not there yet."""
        self.hold(set(), commands, once_answered)
        self._known = set(threading.enumerate())

    def release(self) -> None:
        """Hold nobody any more."""
        self._known, self.threads = set(), set()
        self._gate.set()

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if not self._once_answered:
            self._wait(event.command_name)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        if self._once_answered:
            self._wait(event.command_name)

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass

    def _wait(self, command: str) -> None:
        thread = threading.current_thread()
        if command not in self._commands:
            return
        if self._known and thread not in self._known:
            self._known, self.threads = set(), {thread}
        if thread in self.threads:
            self.holds.set()
            self._gate.wait(WAIT_S)


def open_document(town: Any, place: tuple[float, float], **changes: Any) -> dict[str, Any]:
    """A published task of the street with free slots, as it lies in the collection."""
    lat, lon = place
    made = content() | {
        "_id": new_id(),
        "created_by": town.officer.person_id,
        "unit_id": town.street.id,
        "place": "鼓楼区",
        "location": {"type": "Point", "coordinates": [lon, lat]},
        "state": TaskState.PUBLISHED.value,
        "slots_left": 5,
        "coins": 100,
        "settled": True,
    }
    return made | {"draft_key": made["_id"]} | changes


def place_at(origin: tuple[float, float], metres: float, azimuth: float) -> tuple[float, float]:
    """The (lat, lon) so many metres from `origin` on the ellipsoid, in that direction."""
    lon, lat, _ = GEOD.fwd(origin[1], origin[0], azimuth, metres)
    return float(lat), float(lon)


def mm_between(here: tuple[float, float], there: tuple[float, float]) -> int:
    """The millimetres from one (lat, lon) to another, one pair at a time."""
    return int(distances_mm(earth_centred(*here), np.array([earth_centred(*there)]))[0])


def plain_near(tasks: Iterable[OpenTask], asked: Nearby, moment_ms: int) -> list[tuple]:
    """The answer as a plain loop gives it: (distance_mm, id, card) by millimetre, then id."""
    found = []
    for task in tasks:
        mm = mm_between((asked.lat, asked.lon), (task.lat, task.lon))
        if mm <= asked.radius_m * 1000 and _is_wanted(task, asked, moment_ms):
            found.append((mm, task.id, task.card))
    found = sorted(row for row in found if asked.after is None or row[:2] > asked.after)
    return found[: asked.limit]


def _is_wanted(task: OpenTask, asked: Nearby, moment_ms: int) -> bool:
    if asked.kinds and task.kind not in asked.kinds:
        return False
    if asked.starts_before and task.starts_ms >= in_ms(asked.starts_before):
        return False
    least_end = max(moment_ms, in_ms(asked.ends_after) if asked.ends_after else moment_ms)
    return task.ends_ms > least_end


def in_ms(moment: Any) -> int:
    """The moment in whole milliseconds since 1970, cut off as MongoDB keeps it."""
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def plain(found: Iterable[Any]) -> list[tuple]:
    """An answer as (distance_mm, id, card) rows, to be held against another."""
    return [(one.distance_mm, one.id, one.card) for one in found]


def walked(ask: Callable[[Nearby], list[Any]], asked: Nearby) -> list[Any]:
    """Every page of `ask` joined; fails where the pages never end."""
    found: list[Any] = []
    after = asked.after
    for _ in range(5_000):
        page = ask(Nearby(**(vars(asked) | {"after": after})))
        found += page
        if len(page) < asked.limit:
            return found
        after = (page[-1].distance_mm, page[-1].id)
    raise AssertionError("pages without end")
