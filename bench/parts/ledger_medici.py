"""Gets npm's medici, in the versions that bench/medici/package-lock.json pins, into var/."""

import hashlib
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from children import ROOT

SOURCE = ROOT / "bench" / "medici"
POSTER = SOURCE / "poster.js"
INSTALL_TIMEOUT_S = 180


class NoMedici(Exception):
    """Raised where medici cannot be had; the text says why in one line."""


def modules_folder(var: Path = ROOT / "var") -> Path:
    """The folder Node finds medici in (NODE_PATH), installed if need be. Raises NoMedici."""
    lock = (SOURCE / "package-lock.json").read_bytes()
    home = var / f"medici-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not shutil.which("node"):
        raise NoMedici("there is no node on PATH")
    if not home.exists():
        _install(home)
    return home / "node_modules"


def _install(home: Path) -> None:
    """Install beside `home`, then move it there: half an installation is never found."""
    if not (npm := shutil.which("npm")):
        raise NoMedici("there is no npm on PATH")
    home.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="medici-", dir=home.parent))
    try:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SOURCE / name, fresh)
        _run(npm, fresh)
        with suppress(OSError):  # another run was quicker
            fresh.rename(home)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _run(npm: str, folder: Path) -> None:
    words = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        ended = subprocess.run(
            words, cwd=folder, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        raise NoMedici("npm ci did not end in time") from None
    if ended.returncode:
        said = [line for line in ended.stderr.splitlines() if "npm error" in line]
        raise NoMedici(f"npm ci failed: {said[0] if said else ended.returncode}")
