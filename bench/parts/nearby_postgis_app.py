"""Our whole web application with PostGIS for the source of the tasks nearby, as a yardstick.

Token, schema, limits, metrics, log lines and the page are ours; only who finds the tasks differs.
"""

import os
import threading

from flask import Flask

from api import app as web
from api import tasks_routes
from bench.parts.nearby_postgis import PostGisReader
from shared.clock import now
from tasks import Nearby, TaskNear, TasksNear

ADDRESS_VARIABLE = "BENCH_POSTGIS"
_of_thread = threading.local()


def create_app() -> Flask:
    """The application on the database of the environment and the PostGIS of BENCH_POSTGIS."""
    # The name that the route calls: whoever renames it makes this fail, not measure something else.
    if not callable(tasks_routes.tasks_near):
        raise TypeError("the route no longer asks tasks_near")
    tasks_routes.tasks_near = near_in_postgis
    return web.create_app()


def near_in_postgis(asked: Nearby) -> TasksNear:
    """The page's tasks, each thread on a connection of its own."""
    reader = getattr(_of_thread, "reader", None)
    if reader is None:
        reader = _of_thread.reader = PostGisReader(os.environ[ADDRESS_VARIABLE])
    as_of = now()
    found = [
        TaskNear(round(one.metres * 1000), one.id, one.lat, one.lon, one.card.encode())
        for one in reader.measured(asked.lat, asked.lon, asked.radius_m, asked.limit)
    ]
    found.sort(key=lambda task: (task.distance_mm, task.id))
    return TasksNear(found, as_of)
