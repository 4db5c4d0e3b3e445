"""How often somebody may try: limits kept in Valkey, in each process where Valkey is away."""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from settings import settings

limiter = Limiter(get_remote_address, headers_enabled=True, strategy="fixed-window")


def register_limits(app: Flask) -> None:
    """Set up rate limits for `app`; a limited route answers 429 with Retry-After."""
    app.config.update(
        RATELIMIT_STORAGE_URI=settings().redis_url,
        RATELIMIT_STORAGE_OPTIONS={"socket_connect_timeout": 1, "socket_timeout": 1},
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_KEY_PREFIX="fuxun",
    )
    limiter.init_app(app)
    # Each limit stands at its route, which checks it; before every request none is left to check.
    app.before_request_funcs[None].remove(limiter._check_request_limit)
