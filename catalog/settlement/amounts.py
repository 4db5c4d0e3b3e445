"""What the lines of a statement add up to, in whole coins and fen. Pure.

The value of coins is a fraction of a fen: it is added up exactly and rounded once per statement,
half up, so that many small hand-overs are not worth less than one large one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

COINS_A_VALUE = 10_000


class Priced(Protocol):
    """What of a line counts; see StatementLine."""

    coins: int
    fen_per_10000_coins: int | None
    in_kind_fen: int

    def is_returned(self) -> bool:
        """Whether the goods were brought back, so that nothing is owed."""

    def is_open(self) -> bool:
        """Whether it is disputed and not decided."""

    def granted_fen(self) -> int | None:
        """What an officer decided that it is worth in all; None where it counts as it stood."""


@dataclass(frozen=True)
class Totals:
    """A statement's sums: `coins` go out of the point's account, `coin_fen` come in for them.

    `in_kind_fen` is what the point was credited with at the hand-over of awards. What is disputed
    and undecided (`open_disputes` lines) is in `coins`, and in no sum of fen.
    """

    lines: int
    coins: int
    coin_fen: int
    in_kind_fen: int
    open_disputes: int

    @property
    def total_fen(self) -> int:
        """What the point is owed in all."""
        return self.coin_fen + self.in_kind_fen


def coin_value(coins: int, fen_per_10000_coins: int) -> Fraction:
    """What so many coins are worth, in fen, exactly."""
    return Fraction(coins * fen_per_10000_coins, COINS_A_VALUE)


def rounded_half_up(fen: Fraction) -> int:
    """Whole fen, a half counting as one: what is owed, never less for its being halved."""
    return (2 * fen.numerator + fen.denominator) // (2 * fen.denominator)


def totals_of(lines: Iterable[Priced]) -> Totals:
    """What the lines add up to; see Totals."""
    count = coins = decided_fen = in_kind_fen = open_disputes = 0
    value = Fraction(0)
    for line in lines:
        count += 1
        if line.is_returned():
            continue
        coins += line.coins
        # What was posted for an award at its hand-over is owed, whatever is decided on top.
        in_kind_fen += line.in_kind_fen
        granted = line.granted_fen()
        if line.is_open():
            open_disputes += 1
        elif granted is not None:
            decided_fen += granted - line.in_kind_fen
        elif line.fen_per_10000_coins is not None:
            value += coin_value(line.coins, line.fen_per_10000_coins)
    coin_fen = rounded_half_up(value) + decided_fen
    return Totals(count, coins, coin_fen, in_kind_fen, open_disputes)


def yuan_text(fen: int) -> str:
    """Fen as yuan with two decimals and groups of three, exactly: -123456 is "-1,234.56"."""
    yuan, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{yuan:,}.{rest:02d}"
