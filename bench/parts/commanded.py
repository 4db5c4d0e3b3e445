"""Processes that do what a line of JSON says and answer with one, for benchmarks."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click

from children import ROOT

END_TIMEOUT_S = 20


class ChildFailed(click.ClickException):
    """Raised when a process could not do what it was told, or has ended."""


class Commanded:
    """One such process. It ends when its input does, so it cannot outlive us."""

    def __init__(self, words: Sequence[str], env: Mapping[str, str]) -> None:
        pipe = subprocess.PIPE
        self.popen = subprocess.Popen(words, cwd=ROOT, env=env, stdin=pipe, stdout=pipe, text=True)

    def tell(self, **asked: Any) -> None:
        """Say what to do, without waiting. Raises ChildFailed."""
        assert self.popen.stdin
        try:
            self.popen.stdin.write(json.dumps(asked) + "\n")
            self.popen.stdin.flush()
        except BrokenPipeError:
            raise ChildFailed("a process of the benchmark has ended") from None

    def hear(self) -> dict[str, Any]:
        """What it answers to the oldest command unanswered. Raises ChildFailed."""
        assert self.popen.stdout
        line = self.popen.stdout.readline()
        if not line:
            raise ChildFailed("a process of the benchmark has ended")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise ChildFailed(f"a process of the benchmark failed: {answer['error']}")
        return answer

    def ask(self, **asked: Any) -> dict[str, Any]:
        """Tell, then hear. Raises ChildFailed."""
        self.tell(**asked)
        return self.hear()

    def end(self) -> None:
        """Close its input and wait; one that does not end is made to."""
        assert self.popen.stdin
        assert self.popen.stdout
        try:
            self.popen.stdin.close()
            self.popen.wait(END_TIMEOUT_S)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self.popen.kill()
            self.popen.wait()
        self.popen.stdout.close()


@contextmanager
def commanded(words: Sequence[str], env: Mapping[str, str]) -> Iterator[Commanded]:
    """Such a process for the time of the block."""
    child = Commanded(words, env)
    try:
        yield child
    finally:
        child.end()
