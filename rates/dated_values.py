"""What coins were worth in money over a span of time: the dated values of a unit's rate cards."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from people import Unit
from rates.rate_card import RateCard
from shared.clock import stored
from shared.database import collection


@dataclass(frozen=True)
class CoinValues:
    """What 10,000 coins were worth in fen for one unit, from each of `moments` on, earliest first.

    Before the first of them no card was in force. `values[i]` is in force from `moments[i]`.
    """

    moments: tuple[datetime, ...]
    values: tuple[int, ...]

    def at(self, moment: datetime) -> int | None:
        """The value in force at a moment, in fen for 10,000 coins; None where no card was."""
        place = bisect_right(self.moments, stored(moment))
        return self.values[place - 1] if place else None


def coin_values(unit: Unit, until: datetime) -> CoinValues:
    """The dated values of coins for a unit up to a moment, by one query.

    As `card_in_force` finds them: its own once it has a card, else the nearest unit's above.
    """
    wanted = {"unit_id": {"$in": list(unit.lineage)}, "in_force_from": {"$lte": stored(until)}}
    seen = {"_id": 0, "unit_id": 1, "in_force_from": 1, "fen_per_10000_coins": 1}
    return values_along(list(unit.lineage), list(collection(RateCard).find(wanted, seen)))


def values_along(lineage: Sequence[str], cards: Sequence[Mapping[str, Any]]) -> CoinValues:
    """The dated values for the last unit of a lineage (root first) out of the cards along it."""
    depths = {unit_id: depth for depth, unit_id in enumerate(lineage)}
    moments: list[datetime] = []
    values: list[int] = []
    deepest = -1
    # A unit's first card takes it out of the reach of those above, for good.
    for card in sorted(cards, key=lambda one: (one["in_force_from"], depths[one["unit_id"]])):
        depth = depths[card["unit_id"]]
        if depth < deepest:
            continue
        deepest = depth
        if moments and moments[-1] == card["in_force_from"]:
            values[-1] = card["fen_per_10000_coins"]
            continue
        moments.append(card["in_force_from"])
        values.append(card["fen_per_10000_coins"])
    return CoinValues(tuple(moments), tuple(values))
