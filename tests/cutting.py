"""Cuts a verb off right after its n-th write, as a killed process would be, within the test."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pymongo.collection import Collection

WRITES = ("insert_one", "insert_many", "update_one", "update_many", "find_one_and_update")
WRITES += ("delete_one", "delete_many", "bulk_write")


class Cut(BaseException):
    """Raised after the write; no `except Exception` stands in its way, as none stops a kill."""


@contextmanager
def cut_after(writes: int) -> Iterator[None]:
    """Raise Cut after so many writes of this process inside the block."""
    left = [writes]
    with pytest.MonkeyPatch.context() as patched:
        for name in WRITES:
            patched.setattr(Collection, name, _counted(getattr(Collection, name), left))
        yield


def _counted(write: Any, left: list[int]) -> Any:
    def counted(*args: Any, **kwargs: Any) -> Any:
        done = write(*args, **kwargs)
        left[0] -= 1
        if left[0] == 0:
            raise Cut
        return done

    return counted


def was_cut(act: Any, writes: int) -> bool:
    """Whether `act()` has so many writes and was cut off after the last of them."""
    try:
        with cut_after(writes):
            act()
    except Cut:
        return True
    return False
