"""The torture itself, short: a real set of three and real posters, killed at work."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from children import ROOT, started_under

PURE = True  # needs none of the servers the other tests share
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

TORTURE = [sys.executable, str(ROOT / "dev.py"), "torture", "--json"]


@pytest.fixture
def env() -> dict[str, str]:
    """The environment without the servers of the test run: torture has its own."""
    return {name: value for name, value in os.environ.items() if name != "MONGODB_URI"}


def folders() -> set[Path]:
    return set((ROOT / "var").glob("fuxun-torture-*"))


def is_of(folder: Path, torturer: int) -> bool:
    """Whether processes below this one work in the folder."""
    return any(descends(pid, torturer) for pid in started_under(f"{folder}|"))


def descends(pid: int, ancestor: int) -> bool:
    while pid > 1 and pid != ancestor:
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has just ended
            return False
    return pid == ancestor


def test_nothing_acknowledged_is_lost_or_doubled_and_the_book_proves(env):
    before = folders()
    command = [*TORTURE, "--minutes", "0.5", "--seed", "20171205"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=400)
    assert "seed 20171205" in done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert (figures["lost"], figures["doubled"], figures["book_ok"]) == (0, 0, True), done.stderr
    assert (figures["wrong_answers"], figures["members_differ"]) == (0, 0), done.stderr
    assert figures["acknowledged"] > 0
    assert figures["posters_killed"] > 1
    assert figures["primaries_killed"] > 0
    assert figures["kills"] >= figures["posters_killed"] + figures["primaries_killed"]
    assert done.returncode == 0, done.stderr
    assert folders() == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_it_leaves_nothing_running_and_no_folder(env, eventually, number):
    before = folders()
    with subprocess.Popen(TORTURE, env=env, stderr=subprocess.PIPE, text=True) as running:
        try:
            for line in running.stderr:
                if "killed poster" in line:
                    break
            # Another test's torture may have begun beside this one.
            (folder,) = (one for one in folders() - before if is_of(one, running.pid))
            # The set of three, the torturer, and a poster at least.
            assert len(started_under(f"{folder}|")) >= 5
        finally:
            running.send_signal(number)
        assert running.wait(60) in (128 + number, -number)
    eventually(lambda: not started_under(f"{folder}|") and not folder.exists())
