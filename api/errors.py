"""How errors look: RFC 9457 problem details, in the caller's language, for every failure.

The only file that knows which HTTP number a refusal has.
"""

from collections.abc import Callable
from copy import deepcopy
from http import HTTPStatus
from typing import Any, TypeVar

import marshmallow as ma
import orjson
import structlog
from flask import Flask, Response, request
from pymongo.errors import PyMongoError
from werkzeug.exceptions import HTTPException

from api.error_words import ANY_STATUS, BY_STATUS, field_sentence, spoken
from shared import errors
from shared.i18n import DEFAULT_LANGUAGE, LANGUAGES

log = structlog.get_logger()
View = TypeVar("View", bound=Callable[..., Any])

PROBLEM_TYPE = "application/problem+json"

STATUS: dict[type[errors.DomainError], int] = {
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Refused: 409,
    errors.Invalid: 422,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}


class ProblemSchema(ma.Schema):
    """RFC 9457 problem details, as every error is answered."""

    type = ma.fields.String(metadata={"description": "always about:blank"})
    title = ma.fields.String(metadata={"description": "the status in words"})
    status = ma.fields.Integer()
    code = ma.fields.String(metadata={"description": "the refusal's name, for programs"})
    detail = ma.fields.String(metadata={"description": "what is wrong, in the caller's language"})
    errors = ma.fields.Dict(metadata={"description": "field path → list of messages"})
    facts = ma.fields.Dict(metadata={"description": "the values that the detail speaks of"})


def language() -> str:
    """The caller's language: the best of Accept-Language, else Chinese."""
    best = request.accept_languages.best_match(["zh-CN", "zh", "zh-Hans", "en"])
    if best is None:
        return DEFAULT_LANGUAGE
    return LANGUAGES[0] if best.startswith("zh") else "en"


def problem(status: int, code: str, detail: str, **more: Any) -> Response:
    """A problem answer; `more` are further members, left out where they are empty."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **{name: value for name, value in more.items() if value},
    }
    text = orjson.dumps(body, default=str, option=orjson.OPT_NON_STR_KEYS)
    return Response(text, status=status, content_type=PROBLEM_TYPE)


def documents(*statuses: int) -> Callable[[View], View]:
    """Say in the OpenAPI that a view may answer these error statuses."""

    def decorate(view: View) -> View:
        apidoc = deepcopy(getattr(view, "_apidoc", {}))
        known = apidoc.setdefault("response", {}).setdefault("responses", {})
        for status in statuses:
            known.setdefault(status, []).append(HTTPStatus(status).name)
        view._apidoc = apidoc  # type: ignore[attr-defined]
        return view

    return decorate


def register_errors(app: Flask) -> None:
    """Answer every failure of `app` as a problem."""
    app.register_error_handler(errors.DomainError, _refusal)
    app.register_error_handler(HTTPException, http_failure)
    app.register_error_handler(PyMongoError, _database_failure)
    app.register_error_handler(Exception, _fault)


def _refusal(error: errors.DomainError) -> Response:
    status = next(number for kind, number in STATUS.items() if isinstance(error, kind))
    detail = error.message.say(language(), **spoken(error.facts, language()))
    field = getattr(error, "field", "")
    answer = problem(
        status,
        type(error).__name__,
        detail,
        errors={field: [detail]} if field else None,
        facts=error.facts,
    )
    if "retry_after_s" in error.facts:
        answer.headers["Retry-After"] = str(error.facts["retry_after_s"])
    elif status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = "1"
    return answer


def http_failure(error: HTTPException) -> Response:
    """The answer to what Flask, webargs or the rate limiter raised."""
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    status = error.code or 500
    data = getattr(error, "data", None) or {}
    words = BY_STATUS.get(status, ANY_STATUS)
    detail = words.say(language(), method=request.method, limit=request.max_content_length)
    fields = _flat(data.get("messages", {}))
    answer = problem(status, type(error).__name__, detail, errors=fields)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            answer.headers[name] = value
    return answer


def _flat(messages: Any, path: str = "") -> dict[str, list[str]]:
    """marshmallow's nested messages as `a.0.b` → sentences in the caller's language."""
    if isinstance(messages, dict):
        found: dict[str, list[str]] = {}
        for name, inner in messages.items():
            # webargs puts the place (json, query, headers) on top, which says nothing here.
            here = path if not path and name in ("json", "query", "headers") else f"{path}.{name}"
            found |= _flat(inner, here)
        return found
    sentences = messages if isinstance(messages, list) else [messages]
    return {path.strip(".") or "body": [field_sentence(str(one), language()) for one in sentences]}


def _database_failure(error: PyMongoError) -> Response:
    # Every verb is safe to repeat, so a database that is slow or electing is "come again".
    log.error("database_failure", error=type(error).__name__, message=str(error)[:300])
    if error.timeout or error.has_error_label("RetryableWriteError") or _is_away(error):
        answer = problem(503, "Unavailable", BY_STATUS[503].say(language()))
        answer.headers["Retry-After"] = "1"
        return answer
    return _fault(error)


def _is_away(error: PyMongoError) -> bool:
    return type(error).__name__ in (
        "ServerSelectionTimeoutError",
        "AutoReconnect",
        "NotPrimaryError",
        "NetworkTimeout",
        "WaitQueueTimeoutError",
    )


def _fault(error: Exception) -> Response:
    log.exception("fault", path=request.path, method=request.method, exc_info=error)
    return problem(500, "Fault", BY_STATUS[500].say(language()))
