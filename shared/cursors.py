"""Cursors: where a list goes on, as one opaque word that a caller hands back."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Any

import orjson

from shared.errors import Invalid
from shared.i18n import Text


class BadCursor(Invalid):
    """Raised when a cursor is not one that this list gave out."""

    message = Text("This cursor is not one of this list.", "分页游标无效。")


def to_cursor(*position: str | int | float) -> str:
    """The position in a list (its sort values, plain) as one URL-safe word."""
    return base64.urlsafe_b64encode(orjson.dumps(position)).rstrip(b"=").decode()


def from_cursor(cursor: str, *kinds: type) -> list[Any]:
    """The position that `to_cursor` was given, one value of each of `kinds`. Raises BadCursor."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        position = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise BadCursor("cursor") from None
    if not isinstance(position, list) or [type(value) for value in position] != list(kinds):
        raise BadCursor("cursor")
    return position


def moment_of_cursor(at_ms: int) -> datetime:
    """The moment that a cursor gave as milliseconds since 1970. Raises BadCursor."""
    try:
        return datetime.fromtimestamp(at_ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise BadCursor("cursor") from None
