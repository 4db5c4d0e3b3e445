"""A `dev.py run` on a folder of its own, started and stopped as a person would."""

import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from children import ROOT, free_port, started_under, sweep


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


@contextmanager
def a_run(folder: Path, env: dict[str, str], eventually: Callable) -> Iterator[Run]:
    """A run that has started, and is gone after the block."""
    run = Run(folder, env, eventually)
    try:
        run.start()
        yield run
    finally:
        if not run.ended():
            run.stop_by(signal.SIGTERM)
        sweep(f"{folder}|")
