"""Threads that really start together, for tests of races."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """What each of `count` threads got from `act(number)`, started together; errors as values."""
    line = Barrier(count)

    def run(number: int) -> Any:
        line.wait()
        try:
            return act(number)
        except Exception as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))
