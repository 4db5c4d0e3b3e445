"""The pages beside the API: what answers at /, /docs, /healthz, /readyz and /metrics."""

from flask import Flask, Response, jsonify, send_from_directory
from pymongo.errors import PyMongoError
from redis.exceptions import RedisError
from swagger_ui_bundle import swagger_ui_path

from api.observing import metrics
from shared.database import database
from shared.queue import valkey
from tasks import follower

# Everything comes from this server; the one inline script starts the page itself.
DOCS_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>Fuxun 福巡 API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png"></head>
<body><div id="ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({url: "/api/openapi.json", dom_id: "#ui", deepLinking: true,
  validatorUrl: null});</script>
</body></html>
"""

FRONT_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>Fuxun 福巡</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:16px/1.7 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}
h1{margin-bottom:0}a{color:#b3261e}</style></head>
<body><h1>福巡 Fuxun</h1>
<p>群防群治志愿服务后台。The backend of a city's volunteer-safety programme.</p>
<ul><li><a href="/docs">接口文档 API documentation</a></li>
<li><a href="/api/openapi.json">OpenAPI</a></li>
<li><a href="/readyz">运行状态 Readiness</a></li></ul></body></html>
"""


def register_pages(app: Flask) -> None:
    """Put the pages on `app`; none of them asks who is calling."""
    app.add_url_rule("/", "front_page", lambda: _html(FRONT_PAGE))
    app.add_url_rule("/docs", "docs", lambda: _html(DOCS_PAGE))
    app.add_url_rule(
        "/docs/<path:name>", "docs_file", lambda name: send_from_directory(swagger_ui_path, name)
    )
    app.add_url_rule("/healthz", "healthz", lambda: jsonify(status="ok"))
    app.add_url_rule("/readyz", "readyz", readiness)
    app.add_url_rule("/metrics", "metrics", metrics)


def _html(page: str) -> Response:
    return Response(page, content_type="text/html; charset=utf-8")


def readiness() -> tuple[Response, int]:
    """200 where the database has a primary and the queue answers; else 503, saying which.

    Where tasks nearby cannot be answered from memory the database answers them: only `degraded`.
    """
    parts, nearby = {"database": _database_ready(), "queue": _queue_ready()}, follower.state()
    ready = all(parts.values())
    status = "degraded" if nearby in ("loading", "stale") else "ready"
    body = {"status": status if ready else "not ready", **parts, "nearby": nearby}
    return jsonify(body), 200 if ready else 503


def _database_ready() -> bool:
    try:
        return bool(database().command("hello").get("isWritablePrimary"))
    except PyMongoError:
        return False


def _queue_ready() -> bool:
    try:
        return bool(valkey().ping())
    except RedisError:
        return False
