"""The yardstick of the tasks nearby: bare Flask and one raw `$nearSphere`, and nothing else.

No token, no schema, no distance, no cursor, no log: the same cards as JSON, nearest first.
"""

import os
from datetime import UTC, datetime
from typing import Any

import orjson
from flask import Flask, Response, request

from bench.parts.bare_app import CARD, connect

URI_VARIABLE = "BENCH_NEARBY_URI"


def create_app() -> Flask:
    """The bare application on the database of BENCH_NEARBY_URI."""
    app = Flask("bare-nearby")
    tasks = connect(os.environ[URI_VARIABLE])["tasks"]

    def nearby() -> Response:
        place = [float(request.args["lon"]), float(request.args["lat"])]
        near = {
            "$geometry": {"type": "Point", "coordinates": place},
            "$maxDistance": float(request.args["radius_m"]),
        }
        query = {
            "state": "published",
            "location": {"$nearSphere": near},
            "ends_at": {"$gt": datetime.now(UTC)},
            "slots_left": {"$gt": 0},
        }
        found = tasks.find(query, dict.fromkeys(CARD, 1), limit=int(request.args["limit"]))
        body = orjson.dumps({"items": [_card(task) for task in found]})
        return Response(body, content_type="application/json")

    app.add_url_rule("/api/v1/tasks/nearby", "nearby", nearby)
    app.add_url_rule("/healthz", "healthz", lambda: {"status": "ok"})
    return app


def _card(task: dict[str, Any]) -> dict[str, Any]:
    lon, lat = task.pop("location")["coordinates"]
    task["id"] = task.pop("_id")
    task["position"] = {"lat": lat, "lon": lon, "datum": "wgs84"}
    return task
