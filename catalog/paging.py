"""Pages of the catalogue's lists, newest first."""

from typing import Any

from shared.cursors import from_cursor, to_cursor

MOST_ON_A_PAGE = 100


def page_of(wanted: Any, limit: int, cursor: str | None) -> tuple[list[Any], str | None]:
    """One page of a query, newest first (ids rise with time), and where the next one begins.

    Raises BadCursor.
    """
    if cursor:
        wanted = wanted.filter(id__lt=from_cursor(cursor, str)[0])
    most = max(1, min(limit, MOST_ON_A_PAGE))
    found = list(wanted.order_by("-id").limit(most + 1))
    more = len(found) > most
    return found[:most], to_cursor(found[most - 1].id) if more else None
