"""PostGIS with the same tasks: only where psycopg and a PostgreSQL that has it are installed."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any, NamedTuple

from pymongo.collection import Collection

from bench.parts.bare_app import CARD
from bench.parts.nearby_city import LIMIT, RADIUS_M
from children import CannotStart, Child, free_port, mark_for, start_child

try:
    import psycopg
except ImportError:  # only a yardstick needs it: requirements-dev.txt
    psycopg = None  # type: ignore[assignment]

START_TIMEOUT_S = 60
# Nothing is measured but reading, so nothing needs to be safe on its disk.
SERVER_SETTINGS = ("listen_addresses=", "jit=off", "fsync=off", "max_connections=40")
SCHEMA = """
create extension postgis;
create table tasks (id text primary key, lat float8, lon float8, state text,
  starts_at timestamptz, ends_at timestamptz, slots_left int, kind text, card text,
  place geography(point) generated always as (st_makepoint(lon, lat)::geography) stored);
"""
COPY = "copy tasks (id, lat, lon, state, starts_at, ends_at, slots_left, kind, card) from stdin"
INDEX = "create index on tasks using gist (place) where state = 'published' and slots_left > 0"
HERE = "st_makepoint(%(lon)s, %(lat)s)::geography"
OPEN = f"""from tasks where state = 'published' and slots_left > 0 and ends_at > now()
  and st_dwithin(place, {HERE}, %(radius_m)s)"""
# By the index's own order, which is the distance on a sphere.
NEAREST = f"order by place <-> {HERE} limit %(limit)s"
NEAR = f"select id, card {OPEN} {NEAREST}"
METRES = f"st_distance(place, {HERE})"
NEAR_MEASURED = f"select id, lat, lon, {METRES}, card {OPEN} {NEAREST}"
EXACT = f"select id, {METRES} {OPEN} order by round({METRES} * 1000), id limit %(limit)s"


class Measured(NamedTuple):
    """One task found: where, how far on the ellipsoid, and its card as JSON."""

    id: str
    lat: float
    lon: float
    metres: float
    card: str


class PostGisReader:
    """One connection whose questions are prepared; for one thread."""

    def __init__(self, address: str) -> None:
        self._cursor = psycopg.connect(address, autocommit=True, prepare_threshold=0).cursor(
            binary=True
        )

    def near(self, lat: float, lon: float) -> list[tuple[str, str]]:
        """(id, card) of the nearest within the radius, on the sphere: the quickest way to them."""
        return self._ask(NEAR, lat, lon, RADIUS_M, LIMIT)

    def measured(self, lat: float, lon: float, radius_m: float, limit: int) -> list[Measured]:
        """The same with all that an answer needs, the distance on the ellipsoid among it."""
        return [Measured(*row) for row in self._ask(NEAR_MEASURED, lat, lon, radius_m, limit)]

    def exact(self, lat: float, lon: float) -> list[tuple[str, float]]:
        """(id, metres) by the distance on the ellipsoid in whole millimetres, then by id."""
        return self._ask(EXACT, lat, lon, RADIUS_M, LIMIT)

    def _ask(self, query: str, lat: float, lon: float, radius_m: float, limit: int) -> list[Any]:
        asked = {"lat": lat, "lon": lon, "radius_m": radius_m, "limit": limit}
        return self._cursor.execute(query, asked).fetchall()


class PostGis:
    """A server of our own at `address`; where there is none, `missing` says why."""

    def __init__(self, missing: str = "") -> None:
        self.missing, self.address = missing, ""
        self._server: Child | None = None

    @classmethod
    @contextmanager
    def beside(cls, tasks: Collection) -> Iterator["PostGis"]:
        """PostGIS with the same tasks, as long as the block runs."""
        if reason := _why_not():
            yield cls(reason)
            return
        folder = Path(tempfile.mkdtemp(prefix="fuxun-bench-postgis-")).resolve()
        made = cls()
        try:
            try:
                made._start(folder)
                made._load(tasks)
            except (CannotStart, OSError, subprocess.SubprocessError, psycopg.Error) as failure:
                # For the record only: without it the other figures stand.
                made.missing = f"PostGIS did not start: {str(failure)[:300]}"
            yield made
        finally:
            if made._server:
                made._server.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def reader(self) -> PostGisReader:
        """A connection of its own."""
        return PostGisReader(self.address)

    def _start(self, folder: Path) -> None:
        """A new cluster that trusts its socket's folder, which is ours alone."""
        words = [_tool("initdb"), "-D", str(folder / "data"), "-A", "trust", "-U", "bench"]
        words += ["-E", "UTF8", "--no-sync"]
        subprocess.run(_as_nobody(words, folder), check=True, capture_output=True, timeout=60)
        port = free_port()
        words = [_tool("postgres"), "-D", str(folder / "data"), "-k", str(folder)]
        words += ["-p", str(port)]
        for setting in SERVER_SETTINGS:
            words += ["-c", setting]
        log = folder / "postgres.log"
        mark = mark_for(folder)
        self._server = start_child("postgis", _as_nobody(words, folder), mark=mark, log=log)
        self.address = f"host={folder} port={port} user=bench dbname=postgres"
        ends_at = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                psycopg.connect(self.address).close()
                return
            except psycopg.OperationalError:
                if not self._server.is_alive() or time.monotonic() > ends_at:
                    raise CannotStart(self._server.tail()) from None
                time.sleep(0.05)

    def _load(self, tasks: Collection) -> None:
        with psycopg.connect(self.address, autocommit=True) as connection:
            cursor = connection.cursor()
            cursor.execute(SCHEMA)
            with cursor.copy(COPY) as copy:
                for one in tasks.find({}, dict.fromkeys((*CARD, "state"), 1)):
                    copy.write_row(_row(one))
            cursor.execute(INDEX)
            cursor.execute("vacuum analyze tasks")


def _row(task: dict[str, Any]) -> tuple[Any, ...]:
    lon, lat = task["location"]["coordinates"]
    hours = (task["starts_at"], task["ends_at"])
    held = (task["_id"], lat, lon, task["state"], *hours, task["slots_left"], task["kind"])
    return (*held, card_of(task))


def card_of(task: dict[str, Any]) -> str:
    """What an answer shows of a task beside place and distance, as the route writes it."""
    card = {name: task[name] for name in CARD if name != "location"}
    for name in ("starts_at", "ends_at"):
        card[name] = task[name].astimezone(UTC).isoformat()
    return json.dumps({"id": task["_id"], **card}, ensure_ascii=False, separators=(",", ":"))


def _why_not() -> str:
    """Why there is no PostGIS here; empty where there is."""
    if psycopg is None:
        return "psycopg is not installed (requirements-dev.txt)"
    if not _tool("postgres") or not _tool("initdb"):
        return "no PostgreSQL is installed here"
    home = Path(_tool("postgres")).resolve().parents[1]
    # As Debian lays it out: lib/postgresql/15 and share/postgresql/15.
    extensions = home.parents[2] / "share" / "postgresql" / home.name / "extension"
    if not (extensions / "postgis.control").exists():
        return "PostgreSQL is here without PostGIS (Debian: postgresql-15-postgis-3)"
    return ""


def _tool(name: str) -> str:
    """A program of PostgreSQL; Debian keeps its servers off PATH."""
    if found := shutil.which(name):
        return found
    server = shutil.which("postgres")
    beside = Path(server).resolve().with_name(name) if server else Path("/nowhere")
    if beside.exists():
        return str(beside)
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(installed[-1]) if installed else ""


def _as_nobody(words: list[str], folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: then as nobody, whose the folder becomes."""
    if os.geteuid():
        return words
    shutil.chown(folder, "nobody")
    return ["setpriv", "--reuid=nobody", "--clear-groups", *words]
