"""Signing in and out over HTTP: codes by phone, passwords of staff, refresh tokens."""

from typing import Any

from flask import request
from flask_limiter.util import get_remote_address

from api.blueprint import Blueprint
from api.errors import documents, language
from api.limits import limiter
from api.sessions_schemas import (
    CodeSentSchema,
    NewSessionSchema,
    NewStaffSessionSchema,
    PhoneSchema,
    RefreshSchema,
    TokensSchema,
)
from api.signing_in import (
    ANYONE,
    SIGNED_IN,
    caller,
    may_call,
    read_refresh_token,
    tokens_for,
)
from people import (
    OpenSession,
    end_all_sessions,
    end_session,
    normalised_phone,
    request_code,
    rotate_session,
    sign_in_with_code,
    sign_in_with_password,
)
from settings import settings
from shared.errors import Invalid
from shared.sealing import keyed_hash

blp = Blueprint("sessions", __name__, description="Signing in and out · 登录")


def _phone_key() -> str:
    """Whose count a request for a code belongs to: the phone's, however it is spelled."""
    body = request.get_json(silent=True)
    phone = body.get("phone") if isinstance(body, dict) else None
    try:
        return f"phone:{keyed_hash(normalised_phone(phone if isinstance(phone, str) else ''))}"
    except Invalid:
        # No phone, no code: such requests share the count of their address.
        return f"no-phone:{get_remote_address()}"


def _tokens(opened: OpenSession) -> dict[str, Any]:
    made = tokens_for(opened.person_id, opened.session_id, opened.generation)
    return {**made, "is_new_person": opened.is_new_person}


@blp.post("/phone-codes")
@limiter.limit(lambda: settings().limit_codes_per_address)
@limiter.limit(lambda: settings().limit_codes_per_phone, key_func=_phone_key)
@may_call(ANYONE)
@documents(429, 503)
@blp.arguments(PhoneSchema)
@blp.response(201, CodeSentSchema)
def post_phone_code(body: dict[str, str]) -> dict[str, Any]:
    """Send a one-time code to a phone; it is good for 5 minutes and 5 tries."""
    sent = request_code(body["phone"], language=language())
    shown = {"phone": sent.phone, "expires_at": sent.expires_at}
    return {**shown, "demo_code": sent.code} if settings().demo else shown


@blp.post("/sessions")
@limiter.limit(lambda: settings().limit_sign_ins_per_address)
@may_call(ANYONE)
@documents(409, 429)
@blp.arguments(NewSessionSchema)
@blp.response(201, TokensSchema)
def post_session(body: dict[str, str]) -> dict[str, Any]:
    """Sign in with a phone and its code; a phone that is new becomes a person."""
    return _tokens(sign_in_with_code(**body, language=language()))


@blp.post("/staff-sessions")
@limiter.limit(lambda: settings().limit_sign_ins_per_address)
@may_call(ANYONE)
@documents(401, 429)
@blp.arguments(NewStaffSessionSchema)
@blp.response(201, TokensSchema)
def post_staff_session(body: dict[str, str]) -> dict[str, Any]:
    """Sign in with a login and a password."""
    return _tokens(sign_in_with_password(**body, address=get_remote_address()))


@blp.post("/session-refreshes")
@limiter.limit(lambda: settings().limit_sign_ins_per_address)
@may_call(ANYONE)
@documents(401, 429)
@blp.arguments(RefreshSchema)
@blp.response(201, TokensSchema)
def post_session_refresh(body: dict[str, str]) -> dict[str, Any]:
    """Replace a refresh token by a new pair; using an old one again ends the session."""
    return _tokens(rotate_session(*read_refresh_token(body["refresh_token"])))


@blp.delete("/sessions/current")
@may_call(SIGNED_IN)
@blp.response(204)
def delete_session() -> None:
    """Sign out here."""
    end_session(caller().session_id, by=caller())


@blp.delete("/sessions")
@may_call(SIGNED_IN)
@blp.response(204)
def delete_sessions() -> None:
    """Sign out everywhere."""
    end_all_sessions(by=caller())
