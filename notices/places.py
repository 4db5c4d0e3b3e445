"""Where a list of newest first goes on: a moment and an id, as a cursor and as a query. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.cursors import BadCursor, from_cursor, to_cursor

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def cursor_at(moment: datetime, last_id: str) -> str:
    """The cursor behind a document of this moment and id."""
    return to_cursor((moment - _EPOCH) // _MS, last_id)


def behind(cursor: str, field: str) -> list[dict[str, Any]]:
    """The `$or` of what stands behind the cursor, in a list by `field` and id. Raises BadCursor."""
    moment_ms, last_id = from_cursor(cursor, int, str)
    try:
        moment = _EPOCH + moment_ms * _MS
    except OverflowError:
        raise BadCursor("cursor") from None
    return older(moment, last_id, field)


def older(moment: datetime, last_id: str, field: str) -> list[dict[str, Any]]:
    """The `$or` of what is older than a document of this moment and id."""
    return [{field: {"$lt": moment}}, {field: moment, "_id": {"$lt": last_id}}]
