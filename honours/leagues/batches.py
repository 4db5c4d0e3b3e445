"""Many things some at once: for reading and writing that is done in one question for several."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def in_batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of `size`, the last one shorter; read no further than needed."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
