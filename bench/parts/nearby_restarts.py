"""How soon memory is fresh again: after `kill -9` of MongoDB, and after a change of primary.

Both on servers of their own, with a reader in a process of its own.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymongo
from pymongo.errors import PyMongoError

from bench.parts.commanded import Commanded, commanded
from children import CannotStart, lasting_port
from embedded import run_mongod, start_mongodb, start_replica_set

PYTHON = (sys.executable, "-m", "bench.parts.nearby_reader")
PRIMARY_TIMEOUT_S = 60
PROBE_TIMEOUT_MS = 200


@contextmanager
def reader_on(uri: str) -> Iterator[Commanded]:
    """A process that can read and write the tasks of this database."""
    with commanded(PYTHON, {**os.environ, "MONGODB_URI": uri, "LOG_LEVEL": "WARNING"}) as reader:
        reader.ask(do="open")
        yield reader


def after_a_kill(folder: Path, mark: str, tasks: int, down_s: float) -> dict[str, Any]:
    """`fresh_seconds` from when the server, killed and started again, takes writes as primary."""
    port = lasting_port()
    server = start_mongodb(folder, port, mark=mark)
    try:
        with reader_on(server.uri) as reader:
            reader.ask(do="fill", count=tasks)
            reader.ask(do="load")
            server.child.popen.kill()
            server.child.popen.wait()
            reader.tell(do="fresh_after", moment=time.time())
            time.sleep(down_s)
            server = run_mongod(folder, port, "--oplogSize", "512", mark=mark)
            _first_primary([port])
            back_at = time.monotonic()
            fresh = reader.hear()
    finally:
        server.stop()
    # The reader may have seen it before we did.
    seconds = max(0.0, fresh["at"] - back_at)
    return {"fresh_seconds": round(seconds, 3), "reloads": fresh["reloads"]}


def after_a_change_of_primary(folder: Path, mark: str, tasks: int, members: int) -> dict[str, Any]:
    """`primary_change_seconds` from the kill of the primary until memory is fresh again."""
    replica_set = start_replica_set(folder, members, mark=mark)
    ports = [member.port for member in replica_set.members]
    try:
        with reader_on(replica_set.uri) as reader:
            reader.ask(do="fill", count=tasks)
            reader.ask(do="load")
            primary = _first_primary(ports)
            others = [port for port in ports if port != primary]
            killed_at, moment = time.monotonic(), time.time()
            next(one for one in replica_set.members if one.port == primary).kill()
            reader.tell(do="fresh_after", moment=moment)
            _first_primary(others)
            elected_at = time.monotonic()
            fresh = reader.hear()
    finally:
        replica_set.stop()
    return {
        "primary_change_seconds": round(fresh["at"] - killed_at, 3),
        "new_primary_seconds": round(elected_at - killed_at, 3),
        "primary_change_reloads": fresh["reloads"],
    }


def _first_primary(ports: list[int]) -> int:
    """The first of these that takes a write as primary; waits for it. Raises CannotStart."""
    ends_at = time.monotonic() + PRIMARY_TIMEOUT_S
    while time.monotonic() < ends_at:
        for port in ports:
            if _takes_writes(port):
                return port
        time.sleep(0.01)
    raise CannotStart(f"no primary on {ports} after {PRIMARY_TIMEOUT_S} s")


def _takes_writes(port: int) -> bool:
    # Asked anew each time: a client that waits notices late.
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(
        "127.0.0.1",
        port,
        directConnection=True,
        retryWrites=False,
        timeoutMS=PROBE_TIMEOUT_MS,
        serverSelectionTimeoutMS=PROBE_TIMEOUT_MS,
    )
    with client:
        try:
            client["probes"]["writes"].with_options(
                write_concern=pymongo.WriteConcern(w=1)
            ).insert_one({})
        except PyMongoError:
            return False
    return True
