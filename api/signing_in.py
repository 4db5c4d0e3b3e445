"""Who is calling: access tokens, and `@may_call` that says at each route who may.

Tokens are JWTs signed with the newest key of the "tokens" ring and opened with the one they
name, so that keys rotate without signing anybody out. The session behind it is looked up at each
call, so signing out works at once; for the list of tasks nearby within a second.
"""

import base64
import time
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from functools import lru_cache, wraps
from typing import Any

from flask import Flask, g, request
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    decode_token,
)
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt.exceptions import ExpiredSignatureError, PyJWTError

from api.errors import View, documents
from people import Actor, Role, actor_lately, actor_of
from settings import settings
from shared.errors import NotAllowed, NotSignedIn
from shared.i18n import Text
from shared.sealing import keyring
from tasks import follower

ANYONE = "anyone"
SIGNED_IN = "signed-in"
# About 8 MB of them in each process.
TOKENS_REMEMBERED = 10_000


class TokenExpired(NotSignedIn):
    """Raised when the access token is past its time; the refresh token gets a new one."""

    message = Text("The access token has expired.", "访问令牌已过期。")


class TokenUnreadable(NotSignedIn):
    """Raised when the token is missing, altered, of another kind or of another server."""

    message = Text(
        "Please sign in: the token is missing or not ours.", "请先登录：令牌缺失或无效。"
    )


def register_tokens(app: Flask) -> None:
    """Set up the signing of tokens for `app`."""
    app.config.update(
        JWT_ALGORITHM="HS256",
        JWT_ACCESS_TOKEN_EXPIRES=timedelta(minutes=settings().access_token_minutes),
        JWT_REFRESH_TOKEN_EXPIRES=timedelta(days=settings().refresh_token_days),
    )
    manager = JWTManager(app)
    manager.encode_key_loader(lambda _identity: _key(keyring("tokens").current))
    manager.decode_key_loader(lambda headers, _claims: _key(headers.get("kid", "")))


def _key(key_id: Any) -> str:
    """The key of this id, which a stranger may have made up. Raises TokenUnreadable."""
    held = keyring("tokens").keys.get(key_id) if isinstance(key_id, str) else None
    if held is None:
        raise TokenUnreadable
    return base64.b64encode(held).decode()


def tokens_for(person_id: str, session_id: str, generation: int) -> dict[str, Any]:
    """The pair of tokens that a session of this generation is shown by."""
    headers = {"kid": keyring("tokens").current}
    claims = {"sid": session_id}
    return {
        "access_token": create_access_token(
            person_id, additional_claims=claims, additional_headers=headers
        ),
        "refresh_token": create_refresh_token(
            person_id,
            additional_claims={**claims, "gen": generation},
            additional_headers=headers,
        ),
        "token_type": "Bearer",
        "expires_in_s": settings().access_token_minutes * 60,
        "person_id": person_id,
    }


def read_refresh_token(token: str) -> tuple[str, str, int]:
    """(person id, session id, generation) of a refresh token. Raises TokenUnreadable."""
    claims = _claims_of(token, "refresh")
    return claims["sub"], claims["sid"], claims["gen"]


def _claims_of(token: str, kind: str) -> dict[str, Any]:
    """What a token of this kind says. Raises TokenExpired, TokenUnreadable."""
    try:
        claims: dict[str, Any] = decode_token(token)
    except ExpiredSignatureError as error:
        raise TokenExpired from error
    except (JWTExtendedException, PyJWTError, ValueError) as error:
        raise TokenUnreadable from error
    if claims.get("type") != kind:
        raise TokenUnreadable
    return claims


# A token is read again with every request of its quarter of an hour; what is asked anew each time
# is whether it has expired, and whether its session still stands.
@lru_cache(maxsize=TOKENS_REMEMBERED)
def _read_access_token(token: str) -> tuple[str, str, float]:
    """(person id, session id, the second since 1970 that it expires at)."""
    claims = _claims_of(token, "access")
    return claims["sub"], claims["sid"], claims["exp"]


def caller() -> Actor:
    """The signed-in caller of this request, with the roles held now."""
    actor: Actor = g.actor
    return actor


def may_call(*who: str, lately: bool = False) -> Callable[[View], View]:
    """Let only `who` call the view: ANYONE, SIGNED_IN, or people holding one of these roles.

    Holding a role anywhere opens the door; whether it reaches the thing is the verb's question.
    `lately`: who was signed in less than a second ago may call, for lists of what is public.
    """
    assert who, "a route says who may call it"

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if ANYONE not in who:
                g.actor = _signed_in(lately)
                if SIGNED_IN not in who and not g.actor.holds(*(Role(role) for role in who)):
                    raise NotAllowed
            return view(*args, **kwargs)

        guarded.who_may_call = who  # type: ignore[attr-defined]
        if ANYONE in who:
            return guarded  # type: ignore[return-value]
        return documents(401, 403)(_secured(guarded, who))

    return decorate


def _secured(view: Any, who: tuple[str, ...]) -> Any:
    apidoc = deepcopy(getattr(view, "_apidoc", {}))
    manual = apidoc.setdefault("manual_doc", {})
    manual["security"] = [{"bearer": []}]
    manual["x-who-may-call"] = [str(role) for role in who]
    view._apidoc = apidoc
    return view


def _signed_in(lately: bool) -> Actor:
    words = request.headers.get("Authorization", "").split()
    if len(words) != 2 or words[0].lower() != "bearer":
        raise TokenUnreadable
    person_id, session_id, expires_at = _read_access_token(words[1])
    if expires_at <= time.time():
        raise TokenExpired
    asked = actor_lately if lately and follower.fresh() else actor_of
    return asked(person_id, session_id)
