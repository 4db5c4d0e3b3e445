"""The most asked page of all, tasks nearby: cards that are JSON already, put together as bytes.

A test holds it equal to NearbyPageSchema.
"""

from collections.abc import Iterable, Iterator

import orjson

from shared.cursors import to_cursor
from shared.datums import from_wgs84
from tasks import TaskNear, TasksNear


def nearby_page(near: TasksNear, limit: int, datum: str) -> bytes:
    """The page as JSON, its positions in `datum`; a full one says where the list goes on."""
    last = near.found[-1] if len(near.found) == limit else None
    cursor = to_cursor(last.distance_mm, last.id) if last else None
    items = b",".join(_items(near.found, datum))
    return b'{"items":[%b],"next_cursor":%b,"as_of":%b}' % (
        items,
        orjson.dumps(cursor),
        orjson.dumps(near.as_of),
    )


def _items(found: list[TaskNear], datum: str) -> Iterator[bytes]:
    """Each card with its distance and position put in front."""
    start = b'{"distance_m":%%d.%%03d,"position":{"lat":%%.6f,"lon":%%.6f,"datum":"%b"},%%b'
    start %= datum.encode()
    for task, (lat, lon) in zip(found, _positions(found, datum), strict=True):
        metres, millimetres = divmod(task.distance_mm, 1000)
        yield start % (metres, millimetres, lat, lon, task.card[1:])


def _positions(found: list[TaskNear], datum: str) -> Iterable[tuple[float, float]]:
    lats, lons = [task.lat for task in found], [task.lon for task in found]
    if datum != "wgs84":
        lats, lons = (one.tolist() for one in from_wgs84(lats, lons, datum))
    return zip(lats, lons, strict=True)
