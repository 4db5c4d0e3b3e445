"""What of a payment is for time and what by the piece, by the lines it was agreed with. Pure.

Wenjiang's million a year was paid by time, later by the piece: this tells how it is now. A line
`time` is for time; `base`, `distance` and `extra` are by the piece. An occasion (night, heat …), a
minimum and a maximum change both, and are shared as base, time and distance were.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

TIME = frozenset({"time"})
PIECE = frozenset({"base", "distance"})
# Paid once for being there, whatever else the action is worth.
EXTRA = "extra"


class Shares(NamedTuple):
    """Coins of one payment: for time, by the piece, and those no line says anything of."""

    time: int
    piece: int
    unsaid: int


@dataclass
class Tally:
    """What was paid for some verified work, in Fu coins, and what work it was."""

    name: str = ""
    count: int = 0
    seconds: int = 0
    metres: float = 0.0
    coins: int = 0
    time: int = 0
    piece: int = 0
    unsaid: int = 0

    @property
    def time_share(self) -> float | None:
        """The part of what is known that was for time, 0 to 1; None where nothing was paid."""
        known = self.time + self.piece
        return self.time / known if known else None

    def add(self, worked_s: int, worked_m: float, coins: int, shares: Shares) -> None:
        """Count one payment in."""
        self.count += 1
        self.seconds += worked_s
        self.metres += worked_m
        self.coins += coins
        self.time += shares.time
        self.piece += shares.piece
        self.unsaid += shares.unsaid


@dataclass
class Tallies:
    """Payments counted as a whole, by kind of action, and by month (2026-11)."""

    total: Tally = field(default_factory=Tally)
    kinds: dict[str, Tally] = field(default_factory=dict)
    months: dict[str, Tally] = field(default_factory=dict)

    def of(self, kind: str, month: str) -> tuple[Tally, Tally, Tally]:
        """The three tallies that one payment counts in."""
        by_kind = self.kinds.setdefault(kind, Tally(kind))
        return self.total, by_kind, self.months.setdefault(month, Tally(month))


def shares_of(breakdown: Iterable[Mapping[str, Any]], paid: int) -> Shares:
    """`paid` coins (after caps) shared as the lines that were agreed say; they sum to `paid`.

    Rounded once, half a coin to time.
    """
    lines = list(breakdown)
    time = _sum(lines, TIME)
    piece = _sum(lines, PIECE)
    extra = _sum(lines, {EXTRA})
    agreed = sum(int(line["coins"]) for line in lines)
    # Without these parts, or with a line of no part, it was agreed before lines named theirs.
    if paid <= 0 or agreed <= 0 or any("part" not in line for line in lines):
        return Shares(0, 0, max(paid, 0))
    both = time + piece
    rest = agreed - extra
    if both <= 0:
        # All extras, or a minimum for nothing in particular: for the deed.
        return Shares(0, paid, 0)
    # A maximum can cut below the extras alone; time has no part in a rest below nothing.
    for_time = max(rest, 0) * time * paid
    time_coins = min(paid, (2 * for_time + both * agreed) // (2 * both * agreed))
    return Shares(time_coins, paid - time_coins, 0)


def _sum(lines: list[Mapping[str, Any]], parts: Iterable[str]) -> int:
    wanted = set(parts)
    return sum(int(line["coins"]) for line in lines if line.get("part") in wanted)
