"""The wire: what OwnTracks, Traccar Client and GPSLogger send by themselves, in their own words.

Each app shows its device's id and secret, so anyone may call. Whatever it sends is answered 200,
for a phone sends what was refused again and again and nothing behind it; only a wrong secret is
401, too much at once 429, and a fault that passes 503.
"""

from typing import Any

import orjson
from flask import Response, request
from flask_limiter.util import get_remote_address

from api.blueprint import MAX_DEPTH, Blueprint, is_deeper
from api.errors import documents
from api.limits import limiter
from api.phones_schemas import OwnTracksMessageSchema, WireAnswerSchema
from api.signing_in import ANYONE, may_call
from settings import settings
from shared.sealing import keyed_hash
from tasks import (
    Device,
    Received,
    device_with,
    hear_gpslogger,
    hear_osmand,
    hear_owntracks,
    hear_traccar,
)

blp = Blueprint("wire", __name__, description="What phone apps send by themselves · 设备上报")

JSON_BODY = {"content": {"application/json": {"schema": {"type": "object"}}}}
FORM_BODY = {
    "content": {
        "application/x-www-form-urlencoded": {"schema": {"type": "object"}},
        "application/json": {"schema": {"type": "object"}},
    }
}
WHO = (
    "The app shows its device's id and secret by HTTP Basic; or, where it knows no password, as "
    "`id` (or `deviceid`, `device_id`) = id.secret."
)
OSMAND = ("id", "lat", "lon", "timestamp", "accuracy", "altitude", "speed", "valid", "mock")
GPSLOGGER = ("lat", "lon", "time", "acc", "alt", "spd")


def _query(names: tuple[str, ...]) -> list[dict[str, Any]]:
    """The query as the documentation shows it: texts, none of which is ever refused."""
    return [{"in": "query", "name": name, "schema": {"type": "string"}} for name in names]


def _shown() -> tuple[str, str]:
    """The device id and the secret that the request shows; empty where it shows none."""
    basic = request.authorization
    if basic is not None and basic.type == "basic":
        return basic.username or "", basic.password or ""
    # Read before any form is: some apps call their JSON a form.
    request.get_data(cache=True)
    named = request.values.get("id") or request.values.get("deviceid")
    if not named:
        message = _message()
        named = message.get("device_id") if isinstance(message, dict) else None
    device_id, _, secret = (named if isinstance(named, str) else "").partition(".")
    return device_id, secret


def _device() -> Device:
    return device_with(*_shown())


def _message() -> Any:
    """The body as JSON; None where it is none, and an empty list where it is empty."""
    raw = request.get_data(cache=True)
    try:
        message = orjson.loads(raw) if raw else []
    except orjson.JSONDecodeError:
        return None
    return None if is_deeper(message, MAX_DEPTH) else message


def _whose() -> str:
    """Whose count a request belongs to: its credentials', so that nobody uses up another's."""
    device_id, secret = _shown()
    if not device_id:
        return f"no-device:{get_remote_address()}"
    return f"device:{keyed_hash(f'{device_id}.{secret}')}"


def _limit() -> str:
    return settings().limit_fixes_per_device


@blp.after_request
def ask_for_credentials(answer: Response) -> Response:
    """Tell apps that wait for it (RFC 7617) how to show who they are."""
    if answer.status_code == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="fuxun", charset="UTF-8"'
    return answer


@blp.post("/wire/owntracks")
@limiter.limit(_limit, key_func=_whose)
@may_call(ANYONE)
@blp.doc(requestBody=JSON_BODY, description=WHO)
@blp.response(200, OwnTracksMessageSchema(many=True))
@documents(401, 413, 429, 503)
def post_owntracks() -> list[dict[str, Any]]:
    """Take a message of OwnTracks in HTTP mode; answers the task's places once they are known."""
    return hear_owntracks(_device(), _message())


@blp.get("/wire/traccar")
@limiter.limit(_limit, key_func=_whose)
@may_call(ANYONE)
@blp.doc(parameters=_query(OSMAND), description=WHO)
@blp.response(200, WireAnswerSchema)
@documents(401, 429, 503)
def get_traccar() -> Received:
    """Take a fix in OsmAnd's query form: lat, lon, timestamp, accuracy, altitude, speed (knots)."""
    return hear_osmand(_device(), request.args)


@blp.post("/wire/traccar")
@limiter.limit(_limit, key_func=_whose)
@may_call(ANYONE)
@blp.doc(requestBody=FORM_BODY, description=WHO)
@blp.response(200, WireAnswerSchema)
@documents(401, 413, 429, 503)
def post_traccar() -> Received:
    """Take a fix of Traccar Client as JSON, or in OsmAnd's form."""
    if "lat" in request.values or "location" in request.values:
        return hear_osmand(_device(), request.values)
    return hear_traccar(_device(), _message())


@blp.get("/wire/gpslogger")
@limiter.limit(_limit, key_func=_whose)
@may_call(ANYONE)
@blp.doc(parameters=_query(GPSLOGGER), description=WHO)
@blp.response(200, WireAnswerSchema)
@documents(401, 429, 503)
def get_gpslogger() -> Received:
    """Take a fix of GPSLogger: lat, lon, time, acc and alt (m), spd (m/s)."""
    return hear_gpslogger(_device(), request.args)


@blp.post("/wire/gpslogger")
@limiter.limit(_limit, key_func=_whose)
@may_call(ANYONE)
@blp.doc(requestBody=FORM_BODY, description=WHO)
@blp.response(200, WireAnswerSchema)
@documents(401, 413, 429, 503)
def post_gpslogger() -> Received:
    """Take a fix of GPSLogger in the body of our profile."""
    return hear_gpslogger(_device(), request.values)
