"""How errors look: RFC 9457 problem details, in the caller's language, for every failure.

The only file that knows which HTTP number a refusal has.
"""

import re
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

from shared import errors
from shared.i18n import DEFAULT_LANGUAGE, LANGUAGES, Text

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

WORDS: dict[int, Text] = {
    400: Text("The request cannot be read: is it JSON?", "请求无法解析，请检查是否为有效 JSON。"),
    404: Text("There is nothing at this address.", "该地址不存在。"),
    405: Text("This address does not take {method}.", "该地址不支持 {method}。"),
    413: Text("The body is larger than {limit} bytes.", "请求体超过 {limit} 字节。"),
    415: Text("Please send application/json.", "请使用 application/json。"),
    422: Text("Some values cannot be used; see errors.", "部分内容无效，详见 errors。"),
    429: Text("Too many tries. Please wait.", "操作过于频繁，请稍后再试。"),
    500: Text("Something broke on our side. It has been noted.", "服务器出错，已记录。"),
    503: Text("Please try again in a moment.", "服务暂时不可用，请稍后重试。"),
}

# marshmallow writes English only; these are its sentences that callers can meet.
FIELD_WORDS: list[tuple[re.Pattern[str], str]] = [
    (re.compile(pattern), chinese)
    for pattern, chinese in [
        (r"^Missing data for required field\.$", "缺少必填项。"),
        (r"^Invalid JSON body\.$", "请求体不是有效的 JSON。"),
        (r"^Unknown field\.$", "未知字段。"),
        (r"^Field may not be null\.$", "不能为空。"),
        (r"^Not a valid (integer|number|float)\.$", "不是有效的数字。"),
        (r"^Not a valid string\.$", "不是有效的文本。"),
        (r"^Not a valid boolean\.$", "不是有效的布尔值。"),
        (r"^Not a valid (datetime|date)\.$", "不是有效的时间。"),
        (r"^Not a valid aware datetime\.$", "时间须带时区。"),
        (r"^Not a valid (list|tuple)\.$", "不是有效的列表。"),
        (r"^Not a valid mapping type\.$", "不是有效的对象。"),
        (r"^Invalid input type\.$", "类型无效。"),
        (r"^Special numeric values .*$", "不允许 NaN 或无穷大。"),
        (r"^Number too large\.$", "数字过大。"),
        (r"^Must be one of: (.*)\.$", r"必须是以下之一：\1。"),
        (r"^Must be equal to (.*)\.$", r"必须等于 \1。"),
        (r"^Must be greater than or equal to (\S+)\.$", r"不得小于 \1。"),
        (r"^Must be less than or equal to (\S+)\.$", r"不得大于 \1。"),
        (
            r"^Must be greater than or equal to (\S+) and less than or equal to (\S+)\.$",
            r"须在 \1 与 \2 之间。",
        ),
        (r"^Shorter than minimum length (\d+)\.$", r"长度不得少于 \1。"),
        (r"^Longer than maximum length (\d+)\.$", r"长度不得超过 \1。"),
        (r"^Length must be between (\d+) and (\d+)\.$", r"长度须在 \1 与 \2 之间。"),
        (r"^Length must be (\d+)\.$", r"长度必须为 \1。"),
        (r"^String does not match expected pattern\.$", "格式不正确。"),
    ]
]


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
    detail = error.say(language())
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
    words = WORDS.get(status)
    detail = (
        words.say(
            language(),
            method=request.method,
            limit=request.max_content_length,
        )
        if words
        else str(error.description)
    )
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
    return {path.strip(".") or "body": [_in_language(str(sentence)) for sentence in sentences]}


def _in_language(sentence: str) -> str:
    if language() == "en":
        return sentence
    for pattern, chinese in FIELD_WORDS:
        if pattern.match(sentence):
            return pattern.sub(chinese, sentence)
    return sentence


def _database_failure(error: PyMongoError) -> Response:
    # Every verb is safe to repeat, so a database that is slow or electing is "come again".
    log.error("database_failure", error=type(error).__name__, message=str(error)[:300])
    if error.timeout or error.has_error_label("RetryableWriteError") or _is_away(error):
        answer = problem(503, "Unavailable", WORDS[503].say(language()))
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
    return problem(500, "Fault", WORDS[500].say(language()))
