"""That coins which can be earned are worth something: held for a unit and for all below it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession

from people import Unit, units_of
from rates.card_content import CoinsWithoutValue, earns_coins
from rates.rate_card import CardState, RateCard
from shared.clock import stored
from shared.database import collection
from shared.i18n import Text

# What of a card tells whether coins can be earned by it, and what they are worth.
_ASKED = (
    "unit_id",
    "in_force_from",
    "inherits",
    "lines.kind",
    "award_grades.most_coins",
    "fen_per_10000_coins",
)

Row = Mapping[str, Any]


class CoinsWithoutValueThere(CoinsWithoutValue):
    """Raised when a card would come or go and leave a unit's coins without a value in money."""

    message = Text(
        "At {unit} coins could be earned from {from_moment} on, and no card would say what 10,000 "
        "of them are worth in fen.",
        "自 {from_moment} 起，{unit} 仍可获得福币，但没有任何标准写明一万福币折合多少分。",
    )


def refuse_worthless(unit: Unit, moment: datetime, session: ClientSession) -> None:
    """Hold the cards that stand in this transaction against the rule that coins have a value.

    For the unit and all below it that have cards, from `moment` to the unit's own next card: what
    a card says above reaches below. Raises CoinsWithoutValueThere.
    """
    moment = stored(moment)
    cards: dict[str, list[Row]] = defaultdict(list)
    approved = {"state": CardState.APPROVED.value}
    seen = dict.fromkeys(_ASKED, 1)
    for row in collection(RateCard).find(approved, seen, session=session):
        cards[row["unit_id"]].append(row)
    later = [row["in_force_from"] for row in cards[unit.id] if row["in_force_from"] > moment]
    until = min(later, default=None)
    for each in units_of(list(cards)).values():
        if unit.id in each.lineage:
            _refuse_at(each, cards, moment, until)


def _refuse_at(
    unit: Unit, cards: Mapping[str, Sequence[Row]], moment: datetime, until: datetime | None
) -> None:
    along = [cards.get(unit_id, ()) for unit_id in reversed(unit.lineage)]
    begun = {row["in_force_from"] for own in along for row in own}
    for at in sorted({moment, *(each for each in begun if each > moment)}):
        if until is not None and at >= until:
            return
        heard = list(_heard(along, at))
        worth = [row for row in heard if row.get("fen_per_10000_coins") is not None]
        if not worth and any(earns_coins(row) for row in heard):
            raise CoinsWithoutValueThere(
                "fen_per_10000_coins",
                unit=unit.name,
                unit_id=unit.id,
                from_moment=at.isoformat(),
            )


def _heard(along: Iterable[Sequence[Row]], at: datetime) -> Iterator[Row]:
    """Of each unit the card in force, the nearest first, up to one that stands alone."""
    for own in along:
        begun = [row for row in own if row["in_force_from"] <= at]
        if begun:
            latest = max(begun, key=lambda row: row["in_force_from"])
            yield latest
            if not latest["inherits"]:
                return
