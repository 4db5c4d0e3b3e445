"""Waiting for what a killed run leaves behind to be gone."""

import time
from collections.abc import Callable

import pytest


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Waits until something holds; fails when it does not within half a minute."""

    def wait(holds: Callable[[], object]) -> None:
        ends_at = time.monotonic() + 30
        while not holds():
            assert time.monotonic() < ends_at, "it never came to hold"
            time.sleep(0.02)

    return wait
