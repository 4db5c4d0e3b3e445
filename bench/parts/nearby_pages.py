"""One page of the tasks nearby: from memory, by the best raw `$nearSphere`, and by PostGIS.

Memory is a call within the process; the other two are asked over a socket, one client each.
"""

import random
import re
from itertools import cycle
from typing import Any

from prometheus_client import REGISTRY, generate_latest

from api.nearby_pages import nearby_page
from bench.parts.nearby_city import HALF_DEG, LIMIT, RADIUS_M, raw_near
from bench.parts.nearby_postgis import PostGisReader
from bench.parts.timed_acts import Act, median_ms, rotated, time_ratio
from fixtures.factories import CENTRE
from tasks import Nearby, tasks_near

PLACES, COMPARED = 400, 50
# Two ways to round to a whole millimetre may differ by one.
SAME_MM = 1.0
COUNTED = re.compile(r"^fuxun_nearby_answers_total{(.*)} ([0-9.e+]+)$", re.MULTILINE)


def random_places(count: int, seed: int) -> list[tuple[float, float]]:
    """So many (lat, lon) all over the city, as phones send them."""
    rng, (lat, lon), (up, right) = random.Random(seed), CENTRE, HALF_DEG
    return [
        (round(lat + rng.uniform(-up, up), 6), round(lon + rng.uniform(-right, right), 6))
        for _ in range(count)
    ]


def answers_by_source(metrics: str) -> dict[str, int]:
    """How many pages came from `memory` and from the `database`, as /metrics tells it."""
    counts = {"memory": 0, "database": 0}
    for labels, value in COUNTED.findall(metrics):
        counts["memory" if 'source="memory"' in labels else "database"] += int(float(value))
    return counts


def page(lat: float, lon: float) -> bytes:
    """The whole of what the route does between reading the arguments and sending the answer."""
    return nearby_page(tasks_near(Nearby(lat, lon, RADIUS_M, LIMIT)), LIMIT, "wgs84")


def page_figures(rounds: int, slot_s: float, postgis: str) -> dict[str, Any]:
    """Times and their ratios; `postgis` is its address, empty where there is none."""
    places = random_places(PLACES, 4)
    turns = {side: cycle(places) for side in ("ours", "mongo", "postgis")}
    variants: dict[str, list[Act]] = {
        "ours": [lambda: page(*next(turns["ours"]))],
        "mongo": [lambda: raw_near(*next(turns["mongo"]))],
    }
    agreement = None
    if postgis:
        reader = PostGisReader(postgis)
        variants["postgis"] = [lambda: reader.measured(*next(turns["postgis"]), RADIUS_M, LIMIT)]
        agreement = _agreement(reader, places[:COMPARED])
    before = answers_by_source(generate_latest(REGISTRY).decode())
    slots = rotated(variants, rounds, slot_s)
    after = answers_by_source(generate_latest(REGISTRY).decode())
    return {
        "time_ratio_to_mongo": time_ratio(slots["ours"], slots["mongo"]),
        "time_ratio_to_postgis": time_ratio(slots["ours"], slots["postgis"]) if postgis else None,
        "ours_ms": round(median_ms(slots["ours"]), 4),
        "mongo_ms": round(median_ms(slots["mongo"]), 3),
        "postgis_ms": round(median_ms(slots["postgis"]), 3) if postgis else None,
        "agreement": agreement,
        "from_memory": after["memory"] - before["memory"],
        "from_database": after["database"] - before["database"],
    }


def _agreement(reader: PostGisReader, places: list[tuple[float, float]]) -> dict[str, Any]:
    """In how many places both name the same tasks in the same order, and are as far as that."""
    same_order, same_mm, largest_mm = 0, 0, 0.0
    for lat, lon in places:
        ours = tasks_near(Nearby(lat, lon, RADIUS_M, LIMIT)).found
        theirs = reader.exact(lat, lon)
        is_same = [task.id for task in ours] == [task_id for task_id, _ in theirs]
        same_order += is_same
        theirs_mm = {task_id: metres * 1000 for task_id, metres in theirs}
        away = [abs(task.distance_mm - theirs_mm.get(task.id, float("inf"))) for task in ours]
        same_mm += is_same and max(away, default=0.0) <= SAME_MM
        largest_mm = max([largest_mm, *(one for one in away if one != float("inf"))])
    return {
        "places": len(places),
        "same_tasks_and_order": same_order,
        "and_distances_to_1_mm": same_mm,
        "largest_difference_mm": round(largest_mm, 2),
    }
