"""`dev.py run` and `replay`, whole: the real project started, stopped, killed and started again."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from children import ROOT, free_port, started_under, sweep

PURE = True  # needs none of the servers the other tests share
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PARTS = ("mongod", "valkey-server", "gunicorn", "worker.py jobs", "worker.py timetable")


class Run:
    """A `dev.py run` on a folder of its own."""

    def __init__(self, folder, env: dict[str, str], eventually: Callable) -> None:
        self.folder, self.port, self._eventually = folder, free_port(), eventually
        self._env = env
        self.output = folder.with_name(folder.name + ".out")
        self.popen: subprocess.Popen | None = None

    def start(self) -> None:
        """Start it and wait until it says where it serves."""
        command = [sys.executable, str(ROOT / "dev.py"), "run", "--port", str(self.port)]
        with self.output.open("w") as output:
            self.popen = subprocess.Popen(
                [*command, "--var", str(self.folder)], env=self._env, stdout=output, stderr=output
            )
        self._eventually(lambda: self.ended() or "Ctrl-C stops it" in self.output.read_text(), 300)
        assert not self.ended(), self.output.read_text()

    def ended(self) -> bool:
        return self.popen is not None and self.popen.poll() is not None

    def stop_by(self, number: int) -> int:
        self.popen.send_signal(number)
        return self.popen.wait(120)

    def readyz(self) -> int:
        """The status of /readyz; 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz") as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def alive(self) -> list[int]:
        return started_under(f"{self.folder}|")

    def pids_of(self, part: str) -> list[int]:
        return [pid for pid in self.alive() if part in command_line(pid)]


def command_line(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline") as words:
            return words.read().replace("\0", " ")
    except OSError:
        return ""


@pytest.fixture
def running(tmp_path, clean_env, eventually) -> Iterator[Run]:
    """A run that has started, and is gone after the test."""
    folder = (tmp_path / "var").resolve()
    run = Run(folder, clean_env, eventually)
    try:
        run.start()
        yield run
    finally:
        if not run.ended():
            run.stop_by(signal.SIGTERM)
        sweep(f"{folder}|")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_says_where_and_leaves_nothing_when_asked_to_stop(running, dev_py, number):
    assert running.readyz() == 200
    said = running.output.read_text()
    assert f"http://127.0.0.1:{running.port}/docs" in said
    assert all(running.pids_of(part) for part in PARTS)
    assert os.stat(running.folder / "keys").st_mode & 0o777 == 0o700
    second = dev_py("run", "--var", running.folder, "--port", free_port())
    assert "another dev.py is running" in second.stderr
    assert running.readyz() == 200

    assert running.stop_by(number) == 0
    assert running.alive() == []
    assert running.readyz() == 0
    assert not (running.folder / "run.json").exists()


def test_after_a_kill_nothing_stays_and_the_next_run_starts(running, eventually):
    demo = (running.folder / "log" / "demo.log").read_text()
    assert running.stop_by(signal.SIGKILL) == -signal.SIGKILL
    eventually(lambda: running.alive() == [])
    running.start()
    assert running.readyz() == 200
    assert (running.folder / "log" / "demo.log").read_text() != "" or not demo
    assert running.stop_by(signal.SIGTERM) == 0
    running.start()  # and once more, after a clean stop
    assert running.readyz() == 200


@pytest.mark.parametrize("part", ["mongod", "worker.py timetable"])
def test_when_a_part_dies_it_is_named_and_the_rest_is_stopped(running, part):
    os.kill(running.pids_of(part)[0], signal.SIGKILL)
    assert running.popen.wait(120) == 1
    complaint = running.output.read_text()
    assert ("MongoDB" if part == "mongod" else "timetable") + " ended with code -9" in complaint
    assert "Traceback" not in complaint.partition("dev.py:")[0]
    assert running.alive() == []


def test_servers_named_by_the_environment_are_used(running, tmp_path, clean_env, eventually):
    state = json.loads((running.folder / "run.json").read_text())
    assert state["url"] == f"http://127.0.0.1:{running.port}"
    port = (running.folder / "mongodb.port").read_text()
    clean_env["MONGODB_URI"] = f"mongodb://127.0.0.1:{port}/other?replicaSet=fuxun"
    clean_env["REDIS_URL"] = f"redis://127.0.0.1:{(running.folder / 'valkey.port').read_text()}/1"
    guest = Run((tmp_path / "guest").resolve(), clean_env, eventually)
    try:
        guest.start()
        assert guest.readyz() == 200
        assert not (guest.folder / "mongodb").exists()
        assert guest.stop_by(signal.SIGTERM) == 0
    finally:
        sweep(f"{guest.folder}|")
    assert running.readyz() == 200
