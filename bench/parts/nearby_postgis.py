"""PostGIS beside MongoDB, for the record: only where a PostgreSQL that has it is installed."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymongo.collection import Collection

from children import CannotStart, Child, free_port, mark_for, start_child

START_TIMEOUT_S, LOAD_TIMEOUT_S = 60, 300
RADIUS_M, LIMIT = 2_000, 20
COLUMNS = ("id", "lon", "lat", "state", "ends_at", "slots_left", "card")
SCHEMA = """
create extension postgis;
create table tasks (id text primary key, lon float8, lat float8, state text, ends_at timestamptz,
  slots_left int, card jsonb, place geography(point));
"""
INDEX = """
update tasks set place = st_makepoint(lon, lat)::geography;
create index on tasks using gist (place) where state = 'published' and slots_left > 0;
analyze tasks;
set jit = off;
prepare near (float8, float8) as select id, card from tasks
  where state = 'published' and slots_left > 0 and ends_at > now()
  and st_dwithin(place, st_makepoint($2, $1)::geography, {radius_m})
  order by place <-> st_makepoint($2, $1)::geography limit {limit};
"""
END = "-- end of the answer --"


class PostGis:
    """One session of psql on a server of our own; without a server, `missing` says why."""

    def __init__(self, server: Child | None = None, missing: str = "") -> None:
        self.server, self.missing = server, missing
        self.psql: subprocess.Popen[str] | None = None

    @classmethod
    @contextmanager
    def beside(cls, tasks: Collection, fields: Sequence[str]) -> Iterator["PostGis"]:
        """PostGIS with the same tasks, as long as the block runs."""
        if reason := _why_not():
            yield cls(missing=reason)
            return
        folder = Path(tempfile.mkdtemp(prefix="fuxun-bench-postgis-")).resolve()
        made = cls()
        try:
            try:
                made._start(folder)
                made._load(tasks, fields)
            except (CannotStart, OSError, subprocess.SubprocessError) as failure:
                # For the record only: without it the other figures stand.
                made.missing = f"PostGIS did not start: {str(failure)[:300]}"
            yield made
        finally:
            made._stop()
            shutil.rmtree(folder, ignore_errors=True)

    def near(self, lat: float, lon: float) -> list[str]:
        """The cards, a line each as psql prints them, the task's id first."""
        return self._ask(f"execute near ({lat}, {lon});").splitlines()

    def _start(self, folder: Path) -> None:
        """A new cluster that trusts its socket's folder, which is ours alone."""
        words = ["initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "bench", "-E", "UTF8"]
        subprocess.run(
            _as_nobody([_tool(words[0]), *words[1:]], folder),
            check=True,
            capture_output=True,
            timeout=60,
        )
        port = free_port()
        options = ["-D", str(folder / "data"), "-k", str(folder), "-p", str(port)]
        words = _as_nobody([_tool("postgres"), *options, "-c", "listen_addresses="], folder)
        log = folder / "postgres.log"
        self.server = start_child("postgis", words, mark=mark_for(folder), log=log)
        asked = ["psql", "-h", str(folder), "-p", str(port), "-U", "bench", "-qAt", "postgres"]
        ends_at = time.monotonic() + START_TIMEOUT_S
        while subprocess.run([*asked, "-c", "select 1"], capture_output=True).returncode:
            if not self.server.is_alive() or time.monotonic() > ends_at:
                raise CannotStart(f"PostgreSQL did not start: {self.server.tail()}")
            time.sleep(0.1)
        pipe = subprocess.PIPE
        self.psql = subprocess.Popen(asked, stdin=pipe, stdout=pipe, text=True)

    def _load(self, tasks: Collection, fields: Sequence[str]) -> None:
        self._ask(SCHEMA)
        assert self.psql
        assert self.psql.stdin
        self.psql.stdin.write(f"copy tasks ({', '.join(COLUMNS)}) from stdin;\n")
        for one in tasks.find({}, dict.fromkeys([*fields, "state"], 1)):
            self.psql.stdin.write(_row(one) + "\n")
        self.psql.stdin.write("\\.\n")
        self._ask(INDEX.format(radius_m=RADIUS_M, limit=LIMIT))

    def _ask(self, text: str) -> str:
        assert self.psql
        assert self.psql.stdin
        assert self.psql.stdout
        self.psql.stdin.write(f"{text}\n\\echo '{END}'\n")
        self.psql.stdin.flush()
        lines = []
        while (line := self.psql.stdout.readline()) and line.strip() != END:
            lines.append(line)
        if not line:
            raise CannotStart("psql has ended")
        return "".join(lines)

    def _stop(self) -> None:
        if self.psql:
            assert self.psql.stdin
            self.psql.stdin.close()
            self.psql.wait(20)
        if self.server:
            self.server.stop()


def _row(task: dict[str, Any]) -> str:
    """One line of COPY."""
    lon, lat = task["location"]["coordinates"]
    card = json.dumps({name: task[name] for name in ("title", "kind", "address", "coins")})
    ends_at = task["ends_at"].isoformat()
    columns = (task["_id"], lon, lat, task["state"], ends_at, task["slots_left"], card)
    return "\t".join(map(str, columns))


def _why_not() -> str:
    """Why there is no PostGIS here; empty where there is."""
    if not shutil.which("psql") or not _tool("postgres") or not _tool("initdb"):
        return "no PostgreSQL is installed here"
    home = Path(_tool("postgres")).resolve().parents[1]
    # As Debian lays it out: lib/postgresql/15 and share/postgresql/15.
    extensions = home.parents[2] / "share" / "postgresql" / home.name / "extension"
    if not (extensions / "postgis.control").exists():
        return "PostgreSQL is here without PostGIS (Debian: postgresql-15-postgis-3)"
    return ""


def _tool(name: str) -> str:
    """A program of PostgreSQL: Debian keeps them off PATH, beside postgres."""
    if found := shutil.which(name):
        return found
    server = shutil.which("postgres")
    beside = Path(server).resolve().with_name(name) if server else Path("/nowhere")
    return str(beside) if beside.exists() else ""


def _as_nobody(words: list[str], folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: then as nobody, whose the folder becomes."""
    if os.geteuid():
        return words
    shutil.chown(folder, "nobody")
    return ["setpriv", "--reuid=nobody", "--clear-groups", *words]
