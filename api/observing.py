"""What can be seen of a running web process: one log line a request, and /metrics."""

import logging
import os
import sys
import time

import structlog
from flask import Flask, Response, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from settings import settings
from shared.ids import random_id

REQUESTS = Counter("fuxun_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram("fuxun_request_seconds", "Time to answer a request.", ["method", "route"])

# The method is the caller's word: an invented one must not become a label of its own.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

log = structlog.get_logger()


def set_up_logs() -> None:
    """One JSON object a line on standard error; never a body, a token, a phone or a name."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(settings().log_level.upper(), logging.INFO)
        ),
        # A line in one write: other processes may write to the same file.
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def register_observing(app: Flask) -> None:
    """Log and count every request of `app`."""
    set_up_logs()

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        g.request_id = random_id()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        # The route's pattern, not the path: ids do not belong into label values.
        route = request.url_rule.rule if request.url_rule else "(none)"
        method = request.method if request.method in METHODS else "OTHER"
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        REQUESTS.labels(method, route, response.status_code).inc()
        SECONDS.labels(method, route).observe(seconds)
        response.headers["X-Request-Id"] = g.get("request_id", "")
        log.info(
            "request",
            method=method,
            route=route,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
        )
        return response

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        structlog.contextvars.unbind_contextvars("request_id")


def metrics() -> Response:
    """What Prometheus reads: of all web processes where PROMETHEUS_MULTIPROC_DIR is set."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
