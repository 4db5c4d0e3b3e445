"""Fuxun from nothing but Python: `python3 dev.py run | test | replay | bench | torture | setup`.

It makes .venv, installs the pinned requirements, starts the embedded MongoDB and Valkey, then
hands over to the project's own commands. Standard library only; everything started here ends
with it.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python must get this far and say so
    sys.exit("dev.py: Fuxun needs Python 3.11 or newer; this is " + sys.version.split()[0])
if sys.platform not in ("linux", "darwin"):
    sys.exit("dev.py: Fuxun runs on Linux or macOS; on Windows, use WSL")

import argparse
import errno
import json
import os
import shutil
import signal
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from children import (
    ROOT,
    STOP_SIGNALS,
    CannotStart,
    Stack,
    Stopped,
    free_port,
    hand_over,
    is_free,
    lock_folder,
    mark_for,
    readiness,
    stop_here,
    stopping,
    sweep,
    wait_until_ready,
)
from embedded import find_mongod, find_valkey, start_mongodb, start_valkey
from installing import has_embedded, need_space, say, set_up

DATA_MB = 500
# As the demo's passwords, known to all.
SANDBOX_SECRET = "a sample secret of the sandbox provider"  # noqa: S105
DEMO_LIMITS = {
    "LIMIT_CODES_PER_ADDRESS": "2000 per hour",
    "LIMIT_CODES_PER_PHONE": "200 per hour",
    "LIMIT_SIGN_INS_PER_ADDRESS": "2000 per minute",
}


# ---- the servers and the stack


def base_env(folder: Path) -> dict[str, str]:
    """The environment of everything started: keys in `folder`, all clocks on UTC."""
    env = {"KEYS_DIR": str(folder / "keys"), **os.environ, "TZ": "UTC", "PYTHONUNBUFFERED": "1"}
    env["NO_PROXY"] = ",".join(filter(None, [env.get("NO_PROXY"), "127.0.0.1,localhost"]))
    return env


def demo_env(folder: Path) -> dict[str, str]:
    """The environment of the demo: one address plays many people, so its limits are wide."""
    metrics = str(folder / "metrics")
    return {**DEMO_LIMITS, **base_env(folder), "DEMO": "1", "PROMETHEUS_MULTIPROC_DIR": metrics}


def prepare_folder(folder: Path) -> None:
    """The folders the parts expect; the metrics of an earlier run are forgotten."""
    (folder / "keys").mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.rmtree(folder / "metrics", ignore_errors=True)
    (folder / "metrics").mkdir()


@contextmanager
def whole_stack(folder: Path, port: int | None) -> Iterator[tuple[Stack, str]]:
    """The running project on `port` (None: a free one), with what the demo said about itself."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = lock_folder(folder)
    try:
        if sweep(f"{folder}|"):
            say("cleared up what a killed run had left")
        (folder / "run.json").unlink(missing_ok=True)
        if port and not is_free(port):
            raise CannotStart(f"port {port} is taken: stop what uses it, or choose --port N")
        need_space(folder, DATA_MB, "for the data (--var DIR puts it elsewhere)")
        set_up("requirements.txt")
        stack = Stack(folder, mark_for(folder), demo_env(folder))
        with stopping(stack):
            logins = start_parts(stack, port or free_port())
            yield stack, logins
    finally:
        (folder / "run.json").unlink(missing_ok=True)
        os.close(lock)


def start_parts(stack: Stack, port: int) -> str:
    """Start every part in order and wait until it is ready; what the demo said."""
    prepare_folder(stack.folder)
    stands = (stack.folder / "mongodb").exists() and "MONGODB_URI" not in os.environ
    if "MONGODB_URI" not in os.environ:
        say("starting MongoDB ...")
        stack.serve("MONGODB_URI", start_mongodb(stack.folder, mark=stack.mark))
    if "REDIS_URL" not in os.environ:
        say("starting Valkey ...")
        stack.serve("REDIS_URL", start_valkey(stack.folder, mark=stack.mark))
    say("preparing the database ...")
    stack.finish(stack.command("prepare"))
    say("starting the web, job and timetable processes, and loading the demo town ...")
    start_sandbox(stack, port)
    demo = stack.command("demo")
    # Whoever sees /readyz green may sign in: only where the town stands already can it be beside.
    logins = "" if stands else stack.finish(demo)
    web = ["-m", "gunicorn", "-k", "gthread", "-b", f"127.0.0.1:{port}", "--no-control-socket"]
    web += ["-w", stack.env.get("WEB_WORKERS", "2"), "--threads", stack.env.get("WEB_THREADS", "4")]
    if os.access("/dev/shm", os.W_OK):  # noqa: S108 - heartbeats there cannot wait for a disk
        web += ["--worker-tmp-dir", "/dev/shm"]  # noqa: S108
    stack.start("web", *web, "--graceful-timeout", "5", "wsgi:app")
    stack.start("jobs", "worker.py", "jobs")
    stack.start("timetable", "worker.py", "timetable")
    stack.url = f"http://127.0.0.1:{port}"
    running = json.dumps({"url": stack.url, "pid": os.getpid()})
    (stack.folder / "run.json").write_text(running)
    logins = logins or stack.finish(demo)
    wait_until_ready(stack)
    return logins


def start_sandbox(stack: Stack, web_port: int) -> None:
    """Start the provider of the demo's data packs, where the demo then finds it."""
    port = free_port()
    stack.env["SANDBOX_PROVIDER_URL"] = f"http://127.0.0.1:{port}"
    stack.env["SANDBOX_PROVIDER_SECRET"] = SANDBOX_SECRET
    call_back = f"http://127.0.0.1:{web_port}/api/v1/provider-callbacks/sandbox"
    words = ["--port", str(port), "--state", str(stack.folder / "sandbox-provider.sqlite")]
    stack.start("provider", "-m", "fixtures.sandbox_provider", *words, "--call-back-url", call_back)


@contextmanager
def own_folder(purpose: str, parents: list[Path]) -> Iterator[Stack]:
    """A folder of our own in the first parent with space, removed afterwards with all that runs."""
    parent = next((each for each in parents if has_space(each)), parents[-1])
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"fuxun-{purpose}-", dir=parent)).resolve()
    stack = Stack(folder, mark_for(folder), base_env(folder))
    with stopping(stack, temporary=folder):
        prepare_folder(folder)
        stack.env["KEYS_DIR"] = str(folder / "keys")
        yield stack


@contextmanager
def own_servers(purpose: str, parents: list[Path]) -> Iterator[Stack]:
    """Servers of our own on free ports, their folder removed afterwards; database fuxun_<purpose>.

    Tests empty what they use, so servers named by the environment serve only where this platform
    has no embedded ones, and even there under that database name.
    """
    with own_folder(purpose, parents) as stack:
        say("starting MongoDB and Valkey ...")
        if "MONGODB_URI" not in os.environ or has_embedded(find_mongod):
            stack.serve("MONGODB_URI", start_mongodb(stack.folder, mark=stack.mark))
        if "REDIS_URL" not in os.environ or has_embedded(find_valkey):
            stack.serve("REDIS_URL", start_valkey(stack.folder, mark=stack.mark))
        uri = urllib.parse.urlsplit(stack.env["MONGODB_URI"])
        stack.env["MONGODB_URI"] = uri._replace(path=f"/fuxun_{purpose}").geturl()
        yield stack


def has_space(folder: Path) -> bool:
    """Whether a run of the tests fits into this folder."""
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > 3_000_000_000


# ---- the verbs


def run(args: argparse.Namespace, _more: list[str]) -> int:
    """Run everything until someone stops it."""
    if os.environ.get("PRODUCTION", "0").lower() in ("1", "true"):
        raise CannotStart("PRODUCTION=1 is set, and dev.py runs the demo: README says how to grow")
    with whole_stack(args.var, args.port) as (stack, logins):
        print(logins)
        print(f"\nFuxun runs: {stack.url}/")
        print(f"  the API's pages   {stack.url}/docs")
        print(f"  its health        {stack.url}/readyz")
        print(f"  data and logs     {args.var}")
        print("Ctrl-C stops it.", flush=True)
        with suppress(Stopped):
            while True:
                stack.check()
                time.sleep(0.2)
        say("stopping ...")
    return 0


def test(args: argparse.Namespace, more: list[str]) -> int:
    """Run the tests against servers of their own."""
    set_up("requirements.txt", "requirements-dev.txt")
    chosen = [] if args.all else ["-m", "not slow"]
    with own_servers("test", [Path("/dev/shm"), Path(tempfile.gettempdir())]) as stack:  # noqa: S108
        return hand_over(stack, "-m", "pytest", "-n", "2", *chosen, *more)


def replay(args: argparse.Namespace, _more: list[str]) -> int:
    """Play a recorded walk, on the running server or on one started for it."""
    if not args.file.is_file():
        raise CannotStart(f"there is no file {args.file}")
    words = ["-m", "flask", "--app", "cli", "replay", str(args.file.resolve())]
    words += ["--json"] if args.json else []
    words += ["--task", args.task] if args.task else []
    words += ["--segment", args.segment] if args.segment else []
    url = args.url or running_url(args.var)
    if not url:
        with whole_stack(args.var, None) as (stack, _logins):
            return hand_over(stack, *words, "--url", stack.url)
    set_up("requirements.txt")
    stack = Stack(args.var, mark_for(args.var), demo_env(args.var))
    with stopping(stack):
        return hand_over(stack, *words, "--url", url)


def running_url(folder: Path) -> str:
    """Where `dev.py run` serves this folder at the moment; empty when it does not."""
    try:
        running = json.loads((folder / "run.json").read_text())
        os.kill(running["pid"], 0)
        return str(running["url"]) if readiness(running["url"])[0] else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def bench(args: argparse.Namespace, more: list[str]) -> int:
    """Run a benchmark against servers of its own, on the real disk: commits must cost."""
    set_up("requirements.txt")
    words = ["-m", "flask", "--app", "cli", "bench", args.name, *(["--json"] if args.json else [])]
    with own_servers("bench", [ROOT / "var"]) as stack:
        return hand_over(stack, *words, *more)


def torture(args: argparse.Namespace, _more: list[str]) -> int:
    """Kill databases and posters at work, then look up all that was acknowledged."""
    set_up("requirements.txt")
    find_mongod()  # the set is started by the torturer, who kills its members and restarts them
    words = ["-m", "flask", "--app", "cli", "torture", "--minutes", str(args.minutes)]
    words += ["--json"] if args.json else []
    words += ["--seed", str(args.seed)] if args.seed is not None else []
    with own_folder("torture", [ROOT / "var"]) as stack:
        return hand_over(stack, *words, str(stack.folder))


def setup(_args: argparse.Namespace, _more: list[str]) -> int:
    """Make .venv with everything that tests and linters need."""
    set_up("requirements.txt", "requirements-dev.txt")
    return 0


def port_number(text: str) -> int:
    """A port as an argument."""
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text} is not a port (1 to 65535)")
    return int(text)


def minutes(text: str) -> float:
    """A duration as an argument."""
    with suppress(ValueError):
        if 0.1 <= float(text) <= 1440:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text} is not a number of minutes (0.1 to 1440)")


def parser() -> argparse.ArgumentParser:
    """What can be said to dev.py."""
    whole = argparse.ArgumentParser(prog="dev.py", description=(__doc__ or "").split("\n\n")[0])
    verbs = whole.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(function: Callable[..., int], takes_more: bool = False) -> argparse.ArgumentParser:
        said = function.__doc__
        one = verbs.add_parser(function.__name__, help=said, description=said, allow_abbrev=False)
        one.set_defaults(function=function, takes_more=takes_more)
        return one

    running, replaying = verb(run), verb(replay)
    running.add_argument("--port", type=port_number, default=8000, help="default: 8000")
    for one in (running, replaying):
        one.add_argument("--var", type=Path, default=ROOT / "var", help="data (default: var)")
    testing = verb(test, takes_more=True)
    testing.add_argument("--all", action="store_true", help="the slow ones too")
    replaying.add_argument("file", type=Path, help="GPX, GeoLife .plt or CSV")
    replaying.add_argument("--task", metavar="ID", help="walk this task instead of a new one")
    replaying.add_argument("--url", help="a running server; else the one here, or a new one")
    replaying.add_argument("--segment", metavar="N", help="which walk of a CSV (its seg column)")
    benching = verb(bench, takes_more=True)
    benching.add_argument("name")
    torturing = verb(torture)
    torturing.add_argument("--minutes", type=minutes, default=2, help="how long; default: 2")
    torturing.add_argument("--seed", type=int, metavar="N", help="the same blows and deeds again")
    for one in (replaying, benching, torturing):
        one.add_argument("--json", action="store_true", help="one JSON object as the last line")
    verb(setup)
    return whole


def main(words: list[str]) -> int:
    """Do what the words say; the exit code. What goes wrong is one line on stderr."""
    args, more = parser().parse_known_args(words)
    if more and not args.takes_more:
        parser().error(f"unknown arguments: {' '.join(more)}")
    if "var" in args:
        args.var = args.var.resolve()
    for number in STOP_SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN or number != signal.SIGHUP:  # nohup
            signal.signal(number, stop_here)
    try:
        return int(args.function(args, more))
    except Stopped as stopped:
        say("stopped")
        return 128 + stopped.number
    except CannotStart as refusal:
        say(f"dev.py: {refusal}")
    except OSError as error:
        full = ": the disk is full; free some space" if error.errno == errno.ENOSPC else ""
        where = f"{error.filename}: " if error.filename else ""
        say(f"dev.py: {where}{error.strerror or error}{full}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
