"""Lets these tests import dev.py and its companions from the root, and start them by hand."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from running import Run, a_run

from children import ROOT, sweep

# what a surrounding `dev.py test` has set and a person at a terminal has not
INHERITED = (
    "MONGODB_URI",
    "REDIS_URL",
    "KEYS_DIR",
    "DEMO",
    "LOG_LEVEL",
    "LIMIT_CODES_PER_ADDRESS",
    "LIMIT_CODES_PER_PHONE",
    "LIMIT_SIGN_INS_PER_ADDRESS",
    "PROMETHEUS_MULTIPROC_DIR",
    "PYTEST_ADDOPTS",
)


@pytest.fixture(scope="session")
def clean_env() -> dict[str, str]:
    """The environment without what the test run itself has put there."""
    return {name: value for name, value in os.environ.items() if name not in INHERITED}


@pytest.fixture
def dev_py(clean_env) -> Callable[..., subprocess.CompletedProcess]:
    """Runs `dev.py` with some words to its end."""

    def run(*words: str, **more) -> subprocess.CompletedProcess:
        command = [sys.executable, str(ROOT / "dev.py"), *map(str, words)]
        more = {"env": clean_env, "timeout": 120, **more}
        return subprocess.run(command, capture_output=True, text=True, check=False, **more)

    return run


@pytest.fixture(scope="session")
def eventually() -> Callable[[Callable[[], object], float], None]:
    """Waits until something holds; fails when it does not within the bound."""

    def wait(holds: Callable[[], object], bound_s: float = 20) -> None:
        ends_at = time.monotonic() + bound_s
        while not holds():
            assert time.monotonic() < ends_at, "it never came to hold"
            time.sleep(0.02)

    return wait


@pytest.fixture
def swept(tmp_path) -> Iterator[Path]:
    """A folder; whatever is started for it is gone after the test."""
    yield tmp_path
    sweep(f"{tmp_path.resolve()}|")


@pytest.fixture
def running(tmp_path, clean_env, eventually) -> Iterator[Run]:
    """A run of the test's own."""
    with a_run((tmp_path / "var").resolve(), clean_env, eventually) as run:
        yield run


@pytest.fixture(scope="module")
def one_run(tmp_path_factory, clean_env, eventually) -> Iterator[Run]:
    """One run that the tests of a module share, for those that leave it as it is."""
    folder = (tmp_path_factory.mktemp("shared") / "var").resolve()
    with a_run(folder, clean_env, eventually) as run:
        yield run
