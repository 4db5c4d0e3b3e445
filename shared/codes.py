"""Codes on vouchers and papers: 80 bits in letters that read aloud well, mistypings caught. Pure.

Sixteen Crockford base32 letters carry the bits; two more are the check of a Reed-Solomon code
over GF(32), whose distance of three finds every one or two wrong letters, swapped ones too.
"""

import unicodedata

from shared.errors import Invalid
from shared.i18n import Text

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
SECRET_BYTES = 10
SECRET_LETTERS = 16
CHECK_LETTERS = 2
GROUP_LETTERS = 3
LONGEST_TYPED = 80

_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_MEANT = str.maketrans("OIL", "011")
_FIELD_POLYNOMIAL = 0b100101  # x^5 + x^2 + 1, primitive over GF(2)
_SEPARATORS = frozenset("-‐‑‒–—―−_·.")


class CodeMistyped(Invalid):
    """Raised when a code cannot be one of ours: its length, letters or check letters are wrong."""

    message = Text(
        "This code is mistyped: please compare it letter by letter.",
        "编码输入有误，请逐位核对。",
    )


def code_from(secret: bytes) -> str:
    """The 18 letters for ten secret bytes: sixteen that carry them, two that check."""
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"a code needs {SECRET_BYTES} bytes, got {len(secret)}")
    number = int.from_bytes(secret)
    values = [number >> shift & 31 for shift in range(5 * (SECRET_LETTERS - 1), -1, -5)]
    return "".join(ALPHABET[value] for value in values + _check_values(values))


def grouped(code: str) -> str:
    """The code in groups of three, as it is shown and read aloud."""
    starts = range(0, len(code), GROUP_LETTERS)
    return "-".join(code[start : start + GROUP_LETTERS] for start in starts)


def parse(typed: str) -> str:
    """The bare code in what somebody typed: any case, spaces, dashes, O for 0, I and L for 1.

    Full-width letters, as Chinese keyboards give them, are read too. Raises CodeMistyped.
    """
    if len(typed) > LONGEST_TYPED:
        raise CodeMistyped("code")
    upper = unicodedata.normalize("NFKC", typed).upper()
    letters = "".join(one for one in upper if not one.isspace() and one not in _SEPARATORS)
    code = letters.translate(_MEANT)
    if len(code) != SECRET_LETTERS + CHECK_LETTERS or not _VALUES.keys() >= set(code):
        raise CodeMistyped("code")
    values = [_VALUES[letter] for letter in code]
    if _check_values(values[:SECRET_LETTERS]) != values[SECRET_LETTERS:]:
        raise CodeMistyped("code")
    return code


def _powers() -> list[int]:
    powers = [1]
    while len(powers) < 31:
        doubled = powers[-1] << 1
        powers.append(doubled ^ _FIELD_POLYNOMIAL if doubled & 32 else doubled)
    return powers


_POWERS = _powers()
_LOGARITHMS = {power: exponent for exponent, power in enumerate(_POWERS)}


def _product(a: int, b: int) -> int:
    """Multiplication in GF(32)."""
    return _POWERS[(_LOGARITHMS[a] + _LOGARITHMS[b]) % 31] if a and b else 0


def _check_values(values: list[int]) -> list[int]:
    """The remainder of the values times x², divided by (x - α)(x - α²)."""
    linear, constant = _POWERS[1] ^ _POWERS[2], _POWERS[3]
    high = low = 0
    for value in values:
        carried = value ^ high
        high, low = low ^ _product(carried, linear), _product(carried, constant)
    return [high, low]
