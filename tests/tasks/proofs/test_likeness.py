"""Copies of a picture are found among others by four bands, and different pictures are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.photos import looks_of
from tasks.proofs.likeness import (
    ALIKE_BITS,
    bands_near,
    bands_of,
    differing_bits,
    is_alike,
)
from tests.pictures import copies_of, scene

PURE = True
hashes = st.integers(0, 2**64 - 1)
SEEDS = range(12)


def written(number):
    return f"{number:016x}"


@given(hashes, st.sets(st.integers(0, 63), max_size=7))
def test_whatever_differs_in_seven_bits_is_found_by_a_band(number, bits):
    other = number
    for bit in bits:
        other ^= 1 << bit
    assert set(bands_near([written(number)])) & set(bands_of(written(other)))
    assert differing_bits(written(number), written(other)) == len(bits)
    assert is_alike([written(number)], written(other)) == (len(bits) <= ALIKE_BITS)


@given(hashes)
def test_a_hash_has_four_bands_and_seventeen_keys_for_each(number):
    assert len(bands_of(written(number))) == 4
    near = bands_near([written(number)])
    assert near == sorted(set(near))
    assert len(near) == 4 * 17


@pytest.mark.parametrize("name", sorted(copies_of(scene(1))))
def test_a_copy_looks_the_same(name):
    found = [
        is_alike(looks_of(scene(seed)), looks_of(copies_of(scene(seed))[name])[0]) for seed in SEEDS
    ]
    assert sum(found) >= len(SEEDS) - 1


def test_different_scenes_look_different():
    looks = [looks_of(scene(seed)) for seed in range(40)]
    assert all(looks)
    alike = [
        (one, other)
        for one in range(len(looks))
        for other in range(one)
        if is_alike(looks[one], looks[other][0])
    ]
    assert alike == []
