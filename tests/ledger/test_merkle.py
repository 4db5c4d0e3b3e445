"""Merkle trees give RFC 6962's hashes, and a path leads to the root from its own leaf only."""

import hashlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.seals.merkle import (
    EMPTY_ROOT,
    BadPath,
    completed_nodes,
    inclusion_path,
    leaf_hash,
    node_hash,
    path_through,
    peaks_with,
    root_from,
    root_of,
    root_of_peaks,
    subtrees_beside,
)

PURE = True

sizes = st.integers(1, 200)


def leaves_of(size):
    return [leaf_hash(str(number).encode()) for number in range(size)]


def as_defined(leaves):
    """The root by the RFC's own words, section 2.1: split at the largest power of two below n."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(as_defined(leaves[:half]), as_defined(leaves[half:]))


def path_as_defined(index, leaves):
    """The path by the RFC's own words, section 2.1.1."""
    if len(leaves) == 1:
        return []
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    if index < half:
        return [*path_as_defined(index, leaves[:half]), as_defined(leaves[half:])]
    return [*path_as_defined(index - half, leaves[half:]), as_defined(leaves[:half])]


def grown(size):
    """The peaks after each of `size` leaves, from none on."""
    peaks = [[]]
    for at, leaf in enumerate(leaves_of(size)):
        peaks.append(peaks_with(peaks[-1], at, leaf))
    return peaks


def test_the_root_over_known_leaves_is_the_known_one():
    # The test inputs of the reference implementation of certificate transparency.
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    inputs.append("606162636465666768696a6b6c6d6e6f")
    leaves = [leaf_hash(bytes.fromhex(one)) for one in inputs]
    root = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert root_of(leaves).hex() == root
    assert leaves[0].hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


def test_of_nothing_the_root_is_the_hash_of_nothing():
    assert root_of([]) == root_of_peaks([]) == EMPTY_ROOT == hashlib.sha256().digest()


@given(sizes)
def test_the_root_is_as_defined(size):
    assert root_of(leaves_of(size)) == as_defined(leaves_of(size))


@given(sizes, st.data())
def test_the_path_is_as_defined_and_leads_to_the_root(size, data):
    leaves, index = leaves_of(size), data.draw(st.integers(0, size - 1))
    path = inclusion_path(index, leaves)
    assert path == path_as_defined(index, leaves)
    assert root_from(leaves[index], index, size, path) == root_of(leaves)
    assert len(path) <= (size - 1).bit_length()


@given(sizes, st.data())
def test_from_anything_else_it_leads_elsewhere(size, data):
    leaves, index = leaves_of(size), data.draw(st.integers(0, size - 1))
    path, root = inclusion_path(index, leaves), root_of(leaves)
    assert root_from(leaf_hash(b"another"), index, size, path) != root
    spoilt = data.draw(st.sampled_from(range(len(path)))) if path else None
    assume(spoilt is not None)
    path[spoilt] = leaf_hash(b"another")
    assert root_from(leaves[index], index, size, path) != root


@given(sizes, st.data())
def test_another_place_or_length_does_not_pass(size, data):
    leaves, index = leaves_of(size), data.draw(st.integers(0, size - 1))
    path, root = inclusion_path(index, leaves), root_of(leaves)
    for wrong in (path[:-1], [*path, root]):
        if len(wrong) != len(path):
            with pytest.raises(BadPath):
                root_from(leaves[index], index, size, wrong)
    elsewhere = data.draw(st.integers(0, size - 1))
    assume(elsewhere != index)
    try:
        reached = root_from(leaves[index], elsewhere, size, path)
    except BadPath:
        return
    assert reached != root


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_path_for_a_place_outside(index, size):
    with pytest.raises(BadPath):
        inclusion_path(index, leaves_of(size))
    with pytest.raises(BadPath):
        root_from(EMPTY_ROOT, index, size, [])


@given(sizes)
def test_growing_gives_the_same_root_at_every_size(size):
    leaves = leaves_of(size)
    for at, peaks in enumerate(grown(size)):
        assert root_of_peaks(peaks) == root_of(leaves[:at])
        assert len(peaks) == at.bit_count()


@given(sizes, st.data())
def test_a_growing_tree_has_every_path_from_the_peaks_it_had(size, data):
    leaves, peaks = leaves_of(size), grown(size)
    index = data.draw(st.integers(0, size - 1))
    asked = []

    def node_at(start, height):
        asked.append((start, height))
        end = start + (1 << height)
        return completed_nodes(peaks[end - 1], end - 1, leaves[end - 1])[height]

    assert path_through(index, size, node_at) == inclusion_path(index, leaves)
    assert asked == [part for side in subtrees_beside(index, size) for part in side]
    assert len(asked) <= 2 * size.bit_length()
