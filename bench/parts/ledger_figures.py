"""Slots of the ledger benchmark, the order they take turns in, the figures they give. Pure."""

import statistics
from collections.abc import Sequence
from typing import Any, NamedTuple


class Slot(NamedTuple):
    """What one slot measured; `ms` of every single call."""

    rate_per_s: float
    ms: list[float]


Variant = tuple[str, str]
Measured = dict[Variant, list[Slot]]


def turns(sides_of: dict[str, list[str]], number: int) -> list[Variant]:
    """Every (figure, side) in the order of this round: each round begins with another figure,
    whose sides stay next to each other and take turns at going first.
    """
    names = list(sides_of)
    first = number % len(names)
    order = []
    for name in [*names[first:], *names[:first]]:
        sides = sides_of[name]
        leader = number % len(sides)
        order += [(name, side) for side in [*sides[leader:], *sides[:leader]]]
    return order


def figures_of(measured: Measured) -> dict[str, Any]:
    """By name, for every side the rate and the times of one call, and ours ÷ theirs."""
    figures: dict[str, Any] = {}
    for (name, side), slots in measured.items():
        figure = figures.setdefault(name, {})
        figure |= _absolute(side, slots)
        if side != "ours":
            figure |= _ratios(side, measured[name, "ours"], slots)
    return figures


def _absolute(side: str, slots: list[Slot]) -> dict[str, float]:
    ms = [one for slot in slots for one in slot.ms]
    return {
        f"{side}_per_s": round(statistics.median(slot.rate_per_s for slot in slots), 1),
        f"{side}_p50_ms": round(statistics.median(ms), 3),
        f"{side}_p99_ms": round(percentile(ms, 99), 3),
    }


def _ratios(side: str, ours: list[Slot], theirs: list[Slot]) -> dict[str, float]:
    ratios = [a.rate_per_s / b.rate_per_s for a, b in zip(ours, theirs, strict=True)]
    return {
        f"ratio_to_{side}": round(statistics.median(ratios), 3),
        f"ratio_to_{side}_lowest": round(min(ratios), 3),
        f"ratio_to_{side}_highest": round(max(ratios), 3),
    }


def percentile(values: Sequence[float], which: int) -> float:
    """The value that `which` in a hundred are not above."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * which // 100) - 1)]
