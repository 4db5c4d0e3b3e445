"""What both sides of the ledger benchmark post: moves of coins between many accounts. Pure.

What each kind of move is for, and how many accounts there are: bench/README.md.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

from ledger import EntryKind, Leg, NewEntry, accounts

YEAR = 2026
ABOUT = ("benchmark", "move")
HOT_BUDGET = accounts.budget("town", YEAR, 0)
PAYOUT_BUDGET = accounts.budget("town", YEAR, 1)
ISSUED = accounts.issued("town", YEAR)
VETERAN = accounts.wallet("veteran")
SPENDING = 0.3
LASTS_MONTHS = 12
LEGS_BESIDE_THE_PAYER = 99
GRANTED = 10**15
IN_A_TASK = 10**9
IN_A_WALLET = 10**6


@dataclass(frozen=True)
class Sizes:
    """How many accounts there are, and how many entries the long history and a payout have."""

    tasks: int = 4_000
    wallets: int = 10_000
    merchants: int = 200
    history: int = 100_000
    payout: int = 10_000


class Move(NamedTuple):
    """So many coins from one guarded account to another, under a key."""

    key: str
    kind: EntryKind
    out_of: str
    into: str
    amount: int
    lasts_months: int | None = None


Moves = Iterator[Move]


# Two posts seldom meet: each draws one of thousands of escrows and wallets.
def _reward(sizes: Sizes, rng: random.Random, key: str, lasts_months: int | None = None) -> Move:
    out_of = accounts.task(f"t{rng.randrange(sizes.tasks)}")
    return Move(key, EntryKind.REWARD, out_of, _some_wallet(sizes, rng), 10, lasts_months)


def _some_wallet(sizes: Sizes, rng: random.Random) -> str:
    return accounts.wallet(f"w{rng.randrange(sizes.wallets)}")


def _hot(sizes: Sizes, rng: random.Random, key: str) -> Move:
    return Move(key, EntryKind.REWARD, HOT_BUDGET, _some_wallet(sizes, rng), 10)


def _spend_or_reward(sizes: Sizes, rng: random.Random, key: str) -> Move:
    if rng.random() >= SPENDING:
        return _reward(sizes, rng, key, LASTS_MONTHS)
    merchant = accounts.merchant(f"m{rng.randrange(sizes.merchants)}")
    return Move(key, EntryKind.DELIVERY, _some_wallet(sizes, rng), merchant, 5)


def _paid_out(sizes: Sizes, rng: random.Random, key: str) -> Move:
    return Move(key, EntryKind.REWARD, PAYOUT_BUDGET, _some_wallet(sizes, rng), 10)


MADE: dict[str, Callable[[Sizes, random.Random, str], Move]] = {
    "reward": _reward,
    "hot": _hot,
    "spends": _spend_or_reward,
    "payout": _paid_out,
}


def moves(kind: str, sizes: Sizes, prefix: str) -> Moves:
    """Endless moves of a kind, under keys that begin with `prefix`."""
    rng = random.Random(prefix)
    for number in count():
        yield MADE[kind](sizes, rng, f"{prefix}-{number}")


def payout(sizes: Sizes, prefix: str) -> list[Move]:
    """One move to each of 10,000 wallets from one budget."""
    return [
        Move(
            f"{prefix}-{number}",
            EntryKind.REWARD,
            PAYOUT_BUDGET,
            accounts.wallet(f"w{number % sizes.wallets}"),
            10,
        )
        for number in range(sizes.payout)
    ]


def history(sizes: Sizes, prefix: str) -> Moves:
    """What gives one wallet its long history."""
    out_of = accounts.task("t0")
    for number in range(sizes.history):
        yield Move(f"{prefix}-{number}", EntryKind.REWARD, out_of, VETERAN, 1)


def grants(sizes: Sizes) -> Iterator[NewEntry]:
    """The entries, of many legs each, that fill every account before the benchmark."""
    tasks = [accounts.task(f"t{number}") for number in range(sizes.tasks)]
    wallets = [accounts.wallet(f"w{number}") for number in range(sizes.wallets)]
    merchants = [accounts.merchant(f"m{number}") for number in range(sizes.merchants)]
    filled = [
        (EntryKind.BUDGET_GRANT, ISSUED, [HOT_BUDGET, PAYOUT_BUDGET], GRANTED),
        (EntryKind.PUBLICATION, HOT_BUDGET, tasks, IN_A_TASK),
        (EntryKind.REWARD, HOT_BUDGET, wallets, IN_A_WALLET),
        (EntryKind.DELIVERY, wallets[0], merchants, 1),
    ]
    for kind, payer, all_paid, each in filled:
        for first in range(0, len(all_paid), LEGS_BESIDE_THE_PAYER):
            paid = all_paid[first : first + LEGS_BESIDE_THE_PAYER]
            legs = [Leg(payer, -each * len(paid)), *(Leg(account, each) for account in paid)]
            yield NewEntry(f"bench-{kind}-{first}", kind, legs, about=ABOUT)
