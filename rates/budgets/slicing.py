"""How coins lie in the slices of a budget: spread, drawn and evened out. Pure.

A slice is a number from 0; what it holds is whole coins, never below zero.
"""

from collections.abc import Mapping


def spread(coins: int, count: int) -> dict[int, int]:
    """The coins over slices 0 to `count` - 1, none a coin behind another; empty ones left out."""
    each, rest = divmod(coins, count)
    shares = {number: each + (number < rest) for number in range(count)}
    return {number: share for number, share in shares.items() if share}


def drawn(held: Mapping[int, int], coins: int, first: int) -> dict[int, int]:
    """What each slice gives towards `coins`: slice `first` alone where it can, else the fullest.

    Few slices are drawn from, for each is one more place to wait at. Less than `coins` where all
    together hold less.
    """
    if held.get(first, 0) >= coins:
        return {first: coins}
    taken: dict[int, int] = {}
    for number in sorted(held, key=lambda number: (-held[number], number)):
        part = min(held[number], coins)
        if part > 0:
            taken[number] = part
            coins -= part
    return taken


def evened(held: Mapping[int, int], count: int) -> dict[int, int]:
    """The change to each slice that leaves all in slices 0 to `count` - 1, spread evenly."""
    wanted = spread(sum(held.values()), count)
    changes = {
        number: wanted.get(number, 0) - held.get(number, 0) for number in sorted({*held, *wanted})
    }
    return {number: change for number, change in changes.items() if change}
