"""When two pictures look the same, as arithmetic on their perceptual hashes; no picture needed.

Hashes are cut in bands that an index finds: multi-index hashing (Norouzi, Punjani and Fleet 2012).
"""

from collections.abc import Iterable

BANDS = 4
BAND_BITS = 16
# So many of 64 bits may differ between two copies of one picture. Of 150 drawn scenes, copies a
# third of the size or saved again at quality 40 differed by at most 2 bits, with a fifth more
# contrast or a hundredth cut off each edge by 6; of 11,175 pairs of different scenes the nearest
# were 14 apart. A cut of a twentieth goes unnoticed: so would two people at one notice board.
ALIKE_BITS = 6


def bands_of(look: str) -> list[str]:
    """The four bands of a hash, each with its place, as the index keeps them."""
    return [f"{place}{band:04x}" for place, band in enumerate(_cut(look))]


def bands_near(looks: Iterable[str]) -> list[str]:
    """Every band with which a hash that is alike can be found, sorted.

    With up to seven bits wrong in four bands, one of the four has one bit wrong at most.
    """
    near = set()
    for look in looks:
        for place, band in enumerate(_cut(look)):
            flipped = (band ^ (1 << bit) for bit in range(BAND_BITS))
            near |= {f"{place}{one:04x}" for one in (band, *flipped)}
    return sorted(near)


def differing_bits(one: str, other: str) -> int:
    """In how many of their 64 bits two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def is_alike(looks: Iterable[str], other: str) -> bool:
    """Whether one of `looks` (a picture's and its mirror image's) is that of the other picture."""
    return any(differing_bits(look, other) <= ALIKE_BITS for look in looks)


def _cut(look: str) -> list[int]:
    number = int(look, 16)
    return [number >> (BAND_BITS * place) & 0xFFFF for place in range(BANDS)]
