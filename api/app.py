"""The web application, put together: JSON, errors, tokens, limits, clock, pages, routes."""

from contextlib import ExitStack
from datetime import datetime
from typing import Any

import flask_smorest
import orjson
from flask import Flask, Response, g, request
from flask.json.provider import JSONProvider
from flask_smorest.utils import prepare_response
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from api import routes
from api.errors import PROBLEM_TYPE, ProblemSchema, http_failure, register_errors
from api.limits import register_limits
from api.observing import register_observing
from api.pages import register_pages
from api.signing_in import register_tokens
from settings import settings
from shared.clock import pretending
from shared.database import connect
from shared.errors import Invalid, Refused
from shared.i18n import Text
from shared.sealing import load_keys
from tasks import follower


class DemoClockOff(Refused):
    """Raised when X-Demo-Now is sent to a server that is no demo."""

    message = Text("X-Demo-Now works in the demo only.", "X-Demo-Now 仅用于演示环境。")


class BadDemoClock(Invalid):
    """Raised when X-Demo-Now is not an RFC 3339 time with its offset."""

    message = Text("X-Demo-Now must be an RFC 3339 time.", "X-Demo-Now 必须是 RFC 3339 时间。")


class Json(JSONProvider):
    """Answers as JSON by orjson; how bodies are read stands in api/blueprint.py."""

    def dumps(self, obj: Any, **_kwargs: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_kwargs: Any) -> Any:
        return orjson.loads(s)


class Api(flask_smorest.Api):
    """flask-smorest's Api, whose errors are problems and are documented so."""

    ERROR_SCHEMA = ProblemSchema

    def handle_http_exception(self, error: HTTPException) -> Response:
        return http_failure(error)

    def _register_responses(self) -> None:
        super()._register_responses()
        responses = self.spec.components.responses_lazy
        for name in list(responses):
            answer = {"description": responses.pop(name)["description"], "schema": ProblemSchema}
            prepare_response(answer, self.spec, PROBLEM_TYPE)
            self.spec.components.response(name, answer, lazy=True)


def create_app(*, follows_tasks: bool = False) -> Flask:
    """The WSGI application of one web process, connected to its database.

    One that `follows_tasks` answers what is nearby from memory, if the setting lets it.
    """
    load_keys()
    connect()
    if follows_tasks:
        follower.start()
    return build_app()


def build_app() -> Flask:
    """The WSGI application, put together; it needs no server to be looked at."""
    app = Flask("fuxun", static_folder=None)
    app.json = Json(app)
    app.config.update(
        MAX_CONTENT_LENGTH=settings().max_body_bytes,
        API_TITLE="Fuxun",
        API_VERSION="v1",
        OPENAPI_VERSION="3.0.3",
        OPENAPI_URL_PREFIX="/api",
        API_SPEC_OPTIONS={
            "info": {"description": "Tasks, tracks, Fu coins, vouchers. 福巡接口。"},
            "components": {
                "securitySchemes": {
                    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
                }
            },
        },
    )
    if settings().trusted_proxies:
        hops = settings().trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    register_tokens(app)
    register_limits(app)
    api = Api(app)
    register_errors(app)
    register_observing(app)
    register_demo_clock(app)
    register_pages(app)
    for blueprint in routes.ALL:
        api.register_blueprint(blueprint, url_prefix=f"/api/v1{blueprint.url_prefix or ''}")
    return app


def register_demo_clock(app: Flask) -> None:
    """Let a demo request bring its own clock in X-Demo-Now (DEMO=1 only)."""

    @app.before_request
    def set_clock() -> None:
        wanted = request.headers.get("X-Demo-Now")
        if wanted is None:
            return
        if not settings().demo:
            raise DemoClockOff
        g.demo_clock = ExitStack()
        g.demo_clock.enter_context(pretending(_moment(wanted)))

    @app.teardown_request
    def reset_clock(_error: BaseException | None) -> None:
        clock = g.pop("demo_clock", None)
        if clock is not None:
            clock.close()


def _moment(wanted: str) -> datetime:
    try:
        moment = datetime.fromisoformat(wanted)
    except ValueError:
        raise BadDemoClock("X-Demo-Now") from None
    # Far ends of the calendar cannot be turned to UTC.
    if moment.tzinfo is None or not 2000 <= moment.year <= 2100:
        raise BadDemoClock("X-Demo-Now")
    return moment


def openapi_text(app: Flask) -> str:
    """The OpenAPI document of `app`, as docs/openapi.json keeps it."""
    api: Api = app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    return orjson.dumps(api.spec.to_dict(), option=options).decode() + "\n"
