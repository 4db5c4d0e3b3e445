"""The tasks near a place: MongoDB by our verb beside its best raw `$nearSphere`, at growing sizes.

The figure is a ratio of times, lower is better.
"""

from collections.abc import Callable
from itertools import cycle
from typing import Any

from bench.parts.nearby_city import LIMIT, RADIUS_M, City, raw_near
from bench.parts.nearby_postgis import PostGis
from bench.parts.timed_acts import Act, median_ms, rotated, time_ratio
from shared.database import database
from tasks import Nearby, TaskNear, search_database

PLACES, COMPARED = 400, 50


class TasksNear(City):
    """The search of MongoDB in a growing city."""

    def figures(self, rounds: int, slot_s: float) -> dict[str, Any]:
        """`time_ratio` ours ÷ raw, both times in ms, and PostGIS's where it can be had."""
        places = self.places(PLACES)
        turns = {side: cycle(places) for side in ("ours", "raw", "postgis")}
        variants: dict[str, list[Act]] = {
            "ours": [lambda: ours(*next(turns["ours"]))],
            "raw": [lambda: raw_near(*next(turns["raw"]))],
        }
        with PostGis.beside(database()["tasks"]) as postgis:
            if not postgis.missing:
                reader = postgis.reader()
                variants["postgis"] = [lambda: reader.near(*next(turns["postgis"]))]
                postgis_same = _same_share(
                    places[:COMPARED], lambda *place: {task[0] for task in reader.near(*place)}
                )
            same = _same_share(
                places[:COMPARED], lambda *place: {card["_id"] for card in raw_near(*place)}
            )
            slots = rotated(variants, rounds, slot_s)
        found: dict[str, Any] = {
            "time_ratio": time_ratio(slots["ours"], slots["raw"]),
            "ours_ms": round(median_ms(slots["ours"]), 3),
            "raw_ms": round(median_ms(slots["raw"]), 3),
            "same_share": same,
            "postgis_ms": None,
        }
        if not postgis.missing:
            found["postgis_ms"] = round(median_ms(slots["postgis"]), 3)
            found["postgis_same_share"] = postgis_same
        else:
            found["postgis_note"] = postgis.missing
        return found


def _same_share(
    places: list[tuple[float, float]], others: Callable[[float, float], set[str]]
) -> float:
    """In how many places both sides answer with the same tasks."""
    same = sum({task.id for task in ours(*place)} == others(*place) for place in places)
    return round(same / len(places), 2)


def ours(lat: float, lon: float) -> list[TaskNear]:
    """The search, as the route has it done where its memory is not fresh."""
    return search_database(Nearby(lat, lon, RADIUS_M, LIMIT))
