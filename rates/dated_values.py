"""What coins were worth in money over a span of time: the dated values of a unit's rate cards."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from people import Unit
from rates.rate_card import CardState, RateCard
from shared.clock import stored
from shared.database import collection


@dataclass(frozen=True)
class CoinValues:
    """What 10,000 coins were worth in fen for one unit, from each of `moments` on, earliest first.

    Before the first of them no card was in force. `values[i]` is in force from `moments[i]`; None
    where none of the cards then in force said a value.
    """

    moments: tuple[datetime, ...]
    values: tuple[int | None, ...]

    def at(self, moment: datetime) -> int | None:
        """The value in force at a moment, in fen for 10,000 coins; None where no card said one."""
        place = bisect_right(self.moments, stored(moment))
        return self.values[place - 1] if place else None


def coin_values(unit: Unit, until: datetime) -> CoinValues:
    """The dated values of coins for a unit up to a moment, by one query.

    As `terms_in_force` finds them: the nearest card's that says one, up to a card that inherits
    nothing.
    """
    wanted = {
        "unit_id": {"$in": list(unit.lineage)},
        "state": CardState.APPROVED.value,
        "in_force_from": {"$lte": stored(until)},
    }
    seen = {"_id": 0, "unit_id": 1, "in_force_from": 1, "inherits": 1, "fen_per_10000_coins": 1}
    return values_along(list(unit.lineage), list(collection(RateCard).find(wanted, seen)))


def values_along(lineage: Sequence[str], cards: Sequence[Mapping[str, Any]]) -> CoinValues:
    """The dated values for the last unit of a lineage (root first) out of the cards along it."""
    moments: list[datetime] = []
    values: list[int | None] = []
    in_force: dict[str, Mapping[str, Any]] = {}
    for card in sorted(cards, key=lambda one: one["in_force_from"]):
        in_force[card["unit_id"]] = card
        value = _value(in_force[each] for each in reversed(lineage) if each in in_force)
        if moments and moments[-1] == card["in_force_from"]:
            values[-1] = value
            continue
        moments.append(card["in_force_from"])
        values.append(value)
    return CoinValues(tuple(moments), tuple(values))


def _value(nearest_first: Any) -> int | None:
    """What the nearest card that says a value says; a card that stands alone is asked last."""
    for card in nearest_first:
        value: int | None = card.get("fen_per_10000_coins")
        if value is not None or not card.get("inherits", True):
            return value
    return None
