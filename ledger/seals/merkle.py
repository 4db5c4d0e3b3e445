"""Merkle trees as RFC 6962 section 2.1 has them: roots, paths of inclusion, and growing ones. Pure.

A tree that grows is kept as its peaks: the roots of the perfect subtrees that it is made of, the
largest first, one for each binary digit 1 of its size.
"""

import hashlib
from collections.abc import Callable, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


class BadPath(ValueError):
    """Raised when a path cannot belong to a leaf at that place of a tree of that size."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf: of another kind than a node's, so that neither passes for the other."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node above two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over hashes of leaves."""
    level = list(leaves)
    while len(level) > 1:
        level = _level_above(level)
    return level[0] if level else EMPTY_ROOT


def inclusion_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The hashes beside the way from the leaf at `index` (from 0) up to the root."""
    if not 0 <= index < len(leaves):
        raise BadPath(f"a tree of {len(leaves)} leaves has none at {index}")
    path, level = [], list(leaves)
    while len(level) > 1:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        level, index = _level_above(level), index >> 1
    return path


def _level_above(level: list[bytes]) -> list[bytes]:
    above = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
    # A node without a neighbour stands for itself one level up.
    return above + level[-1:] if len(level) % 2 else above


def root_from(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root to which a path leads from the leaf at `index` in a tree of `size` leaves.

    The steps are those of RFC 9162 section 2.1.3.2. Raises BadPath where the path is too long or
    too short for the place.
    """
    if not 0 <= index < size:
        raise BadPath(f"a tree of {size} leaves has none at {index}")
    here, last, reached = index, size - 1, leaf
    for beside in path:
        if last == 0:
            raise BadPath("the path is too long")
        if here & 1 or here == last:
            reached = node_hash(beside, reached)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            reached = node_hash(reached, beside)
        here, last = here >> 1, last >> 1
    if last:
        raise BadPath("the path is too short")
    return reached


def completed_nodes(peaks: Sequence[bytes], size: int, leaf: bytes) -> list[bytes]:
    """What one more leaf completes in a tree of `size` with these peaks: the leaf, what rises.

    The node at place h is the root of the newest 2**h leaves.
    """
    nodes, left = [leaf], list(peaks)
    while size & 1:
        nodes.append(node_hash(left.pop(), nodes[-1]))
        size >>= 1
    return nodes


def peaks_with(peaks: Sequence[bytes], size: int, leaf: bytes) -> list[bytes]:
    """The peaks after one more leaf in a tree of `size` with these peaks."""
    nodes = completed_nodes(peaks, size, leaf)
    return [*peaks[: len(peaks) - (len(nodes) - 1)], nodes[-1]]


def root_of_peaks(peaks: Sequence[bytes]) -> bytes:
    """The root of the tree with these peaks, or of a part of a tree made of these subtrees."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def subtrees_beside(index: int, size: int) -> list[list[tuple[int, int]]]:
    """For each hash of an inclusion path, the perfect subtrees that it is the root over.

    A subtree is (its first leaf, its height): 2**height leaves.
    """
    found, height = [], 0
    while 1 << height < size:
        start = ((index >> height) ^ 1) << height
        if start < size:
            found.append(_perfect(start, min(start + (1 << height), size)))
        height += 1
    return found


def _perfect(start: int, end: int) -> list[tuple[int, int]]:
    parts = []
    while start < end:
        height = (end - start).bit_length() - 1
        parts.append((start, height))
        start += 1 << height
    return parts


def path_through(index: int, size: int, node_at: Callable[[int, int], bytes]) -> list[bytes]:
    """The inclusion path in a growing tree, from `node_at(first leaf, height)` of some subtrees."""
    return [
        root_of_peaks([node_at(start, height) for start, height in parts])
        for parts in subtrees_beside(index, size)
    ]
