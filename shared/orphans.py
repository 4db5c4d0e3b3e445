"""Transactions whose process is gone: the server would keep their documents locked until its limit.

A server does not end a transaction when the connection of who began it ends. Each process has
connections under a name of its own; a transaction under a name that no connection bears any more
belongs to nobody.
"""

import contextlib
import threading
import time
from typing import Any

import pymongo
from mongoengine.connection import get_db
from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

# What the names of our processes' connections begin with; nobody else's are touched.
NAMES_BEGIN_WITH = "fuxun:"
# A connection is listed before a transaction is: so one just begun cannot look forsaken.
IDLE_AT_LEAST_S = 0.5
LOOKS_APART_S = 1.0
LOOK_TIMEOUT_S = 2.0

_looking = threading.Lock()
_looked_at = -LOOKS_APART_S


def end_orphaned_transactions() -> int:
    """End the idle open transactions of processes that are connected no more; how many.

    Needs no privilege: a user sees and may end what the same user began. A process stopped or cut
    off without a word keeps its connections and is left to the server's limit. Were one taken for
    gone by mistake, it would only have to try its transaction again.
    """
    admin = _admin()
    with pymongo.timeout(LOOK_TIMEOUT_S):
        found = list(admin.aggregate(_LISTING))
        connected = {one["appName"] for one in found if one["type"] == "op"}
        ended = [{"id": one["session"]} for one in found if _is_orphaned(one, connected)]
        if ended:
            admin.command("killSessions", ended, codec_options=admin.codec_options)
    return len(ended)


_LISTING: list[dict[str, Any]] = [
    # Also the connections at rest, for a living process may have no other.
    {"$currentOp": {"allUsers": False, "idleConnections": True, "idleSessions": True}},
    {"$match": {"appName": {"$regex": f"^{NAMES_BEGIN_WITH}"}}},
    {
        "$project": {
            "type": 1,
            "appName": 1,
            "session": "$lsid.id",
            "idle_us": "$transaction.timeInactiveMicros",
        }
    },
]


def _admin() -> Database:
    # The server takes $currentOp with no other read concern.
    return get_db().client.get_database("admin", read_concern=ReadConcern("local"))


def _is_orphaned(one: dict[str, Any], connected: set[str]) -> bool:
    """Whether what the server listed is a transaction that nobody is left to end."""
    return (
        one["type"] == "idleSession"
        and one.get("idle_us", 0) >= IDLE_AT_LEAST_S * 1e6
        and one["appName"] not in connected
    )


def look_for_orphans() -> None:
    """`end_orphaned_transactions`, at most once a second in this process, whatever comes of it."""
    global _looked_at
    with _looking:
        if time.monotonic() - _looked_at < LOOKS_APART_S:
            return
        _looked_at = time.monotonic()
    with contextlib.suppress(PyMongoError):
        end_orphaned_transactions()
