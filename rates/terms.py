"""The terms in force for a unit: its own card's, and of the cards above what they leave out. Pure.

A list of cards runs from the nearest unit upwards. It ends with the first card that stands alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rates.rate_card import (
    AwardGrade,
    Caps,
    DutyHours,
    Extra,
    Multiplier,
    Occasion,
    RateCard,
    RateLine,
    bare,
)

WEATHER = (Occasion.HEAT, Occasion.STORM)
# Whose hours of duty are paid for, where no card says it.
PAID_ROLES = (
    "grid_member",
    "police_officer",
    "auxiliary",
    "centre_officer",
    "department_handler",
)


@dataclass(frozen=True)
class Terms:
    """What actions are worth for one unit at one moment; coins whole, money in fen.

    Their parts have the fields of the card's, as bare objects: reading a document's takes longer
    than the arithmetic. `card_ids` are those it was merged from, the nearest first; `unit_id` is
    the nearest card's.
    `extras` of all cards count; of the rest the nearest card that says something. `duty_hours`
    empty: paid members are on duty where an order asks for them, and nowhere else.
    """

    unit_id: str
    card_ids: tuple[str, ...]
    lines: Mapping[str, RateLine]
    multipliers: tuple[Multiplier, ...] = ()
    extras: tuple[Extra, ...] = ()
    award_grades: Mapping[str, AwardGrade] = field(default_factory=dict)
    caps: Caps | None = None
    paid_roles: tuple[str, ...] = PAID_ROLES
    duty_hours: tuple[DutyHours, ...] = ()
    fen_per_10000_coins: int | None = None
    coins_last_months: int | None = None
    by_hand_above_fen: int | None = None

    @property
    def look_at_weather(self) -> bool:
        """Whether heat or a storm changes a price."""
        return any(one.occasion in WEATHER for one in self.multipliers)

    @property
    def look_at_ground(self) -> bool:
        """Whether it matters in which grid an action lies; else only whose it is."""
        return (
            self.look_at_weather
            or any(extra.unit_ids for extra in self.extras)
            or any(one.occasion == Occasion.GAP_AREA for one in self.multipliers)
        )


def terms_of(cards: Sequence[RateCard]) -> Terms:
    """The terms that these cards (at least one, the nearest first) make together."""
    cards = heard(cards)
    return Terms(
        unit_id=cards[0].unit_id,
        card_ids=tuple(card.id for card in cards),
        lines=_nearest(cards, "lines", lambda line: line.kind),
        multipliers=tuple(_multipliers(cards)),
        extras=tuple(bare(extra) for card in cards for extra in card.extras),
        award_grades=_nearest(cards, "award_grades", lambda grade: grade.grade),
        caps=_first_said(cards, "caps"),
        paid_roles=tuple(_first_said(cards, "paid_roles", PAID_ROLES)),
        duty_hours=tuple(_first_said(cards, "duty_hours", ())),
        fen_per_10000_coins=_first_said(cards, "fen_per_10000_coins"),
        coins_last_months=_first_said(cards, "coins_last_months"),
        by_hand_above_fen=_first_said(cards, "by_hand_above_fen"),
    )


def heard(cards: Iterable[RateCard]) -> list[RateCard]:
    """The cards up to the first that stands alone."""
    found = []
    for card in cards:
        found.append(card)
        if not card.inherits:
            break
    return found


def _nearest(cards: Iterable[RateCard], name: str, key: Callable[[Any], str]) -> dict[str, Any]:
    """By its key, each part as the nearest card that has it says it."""
    found: dict[str, Any] = {}
    for card in cards:
        for part in card[name]:
            found.setdefault(key(part), bare(part))
    return found


def _multipliers(cards: Iterable[RateCard]) -> Iterable[Multiplier]:
    """Of each occasion all that the nearest card which knows it says."""
    known: set[str] = set()
    for card in cards:
        own = [one for one in card.multipliers if one.occasion not in known]
        yield from map(bare, own)
        known |= {one.occasion for one in own}


def _first_said(cards: Iterable[RateCard], name: str, otherwise: Any = None) -> Any:
    """A single value, as the nearest card that says it has it."""
    return next((bare(card[name]) for card in cards if card[name] is not None), otherwise)
