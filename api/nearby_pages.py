"""The most asked page of all, tasks nearby: cards that are JSON already, put together as bytes.

A test holds it equal to NearbyPageSchema.
"""

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


def _items(found: list[TaskNear], datum: str) -> list[bytes]:
    """Each card with its distance and position put in front."""
    lats, lons = from_wgs84([task.lat for task in found], [task.lon for task in found], datum)
    placed = zip(found, lats.round(6).tolist(), lons.round(6).tolist(), strict=True)
    # As Python writes them floats are JSON's numbers.
    return [
        f'{{"distance_m":{task.distance_mm / 1000},'
        f'"position":{{"lat":{lat},"lon":{lon},"datum":"{datum}"}},'.encode()
        + task.card[1:]
        for task, lat, lon in placed
    ]
