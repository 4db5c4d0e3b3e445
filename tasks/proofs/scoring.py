"""A test as arithmetic: in which order one participation sees the options, what answers score."""

import hashlib
from collections.abc import Sequence


def option_order(participation_id: str, question: int, options: int) -> list[int]:
    """The options' places on the sheet in the order that this participation is shown them.

    The same at every look, another one for the neighbour; by SHA-256, so that it needs no store.
    """

    def rank(option: int) -> bytes:
        return hashlib.sha256(f"{participation_id}:{question}:{option}".encode()).digest()

    return sorted(range(options), key=rank)


def on_the_sheet(order: Sequence[int], shown: Sequence[int]) -> list[int]:
    """Options chosen by their places as shown, as places on the sheet, sorted."""
    return sorted({order[place] for place in shown})


def share_right(chosen: Sequence[Sequence[int]], right: Sequence[Sequence[int]]) -> float:
    """The share of questions whose right options were chosen, all of them and no other, 0 to 1."""
    rightly = sum(set(one) == set(other) for one, other in zip(chosen, right, strict=True))
    return rightly / len(right)
