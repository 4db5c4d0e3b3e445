"""Putting a rate card in force from a moment ahead, and finding the one that is in force."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mongoengine.errors import NotUniqueError

from people import Actor, Role, Unit, unit_of
from rates.pricing import NoRateInForce
from rates.rate_card import MAX_MONTHS, RateCard, RateLine
from shared.clock import now, stored
from shared.database import collection
from shared.errors import Conflict, Invalid, Refused
from shared.i18n import Text
from shared.ids import new_id

MAX_LINES = 50
# Far above any real rate, far below what the ledger can carry for the largest task.
MAX_COINS = 1_000_000
MAX_FEN = 100_000_000
KIND_PATTERN = re.compile(r"[a-z][a-z_]{1,39}")


class BadRateLine(Invalid):
    """Raised when a line, or what is said of all coins, cannot be part of a rate card."""

    message = Text(
        "A rate card has 1 to {lines} lines, one a kind; base and per_hour are whole coins from "
        "0, minimum from 1, to {coins}; the value of 10,000 coins is whole fen; coins last 1 to "
        "{months} months, or for ever.",
        "积分标准须有 1 至 {lines} 项，每种行动一项；base、per_hour 为 0 至 {coins} 的整数，"
        "minimum 不小于 1；一万福币的价值以整数分计；福币有效期为 1 至 {months} 个月，或长期有效。",
    )


class CardBackDated(Refused):
    """Raised when a card would be in force from a moment that is over."""

    message = Text(
        "A rate card comes into force in the future; {in_force_from} is over.",
        "积分标准只能自未来时间起生效；{in_force_from} 已过。",
    )


class CardExists(Conflict):
    """Raised when the unit has another card from that very moment."""

    message = Text(
        "The unit has another rate card in force from that moment.",
        "该单位在同一时间起已有另一份积分标准。",
    )


def put_card_in_force(
    unit_id: str,
    in_force_from: datetime,
    lines: Sequence[Mapping[str, Any]],
    *,
    fen_per_10000_coins: int,
    coins_last_months: int | None = None,
    by: Actor,
) -> RateCard:
    """Put a rate card of the unit in force from a moment ahead; the same again is the same card.

    A line is {kind, base, per_hour, minimum (1 where absent)}, in whole coins. Coins earned by the
    card last to the end of the month `coins_last_months` (1 to 120) on, or for ever. Raises
    NotAllowed, UnitNotFound, BadRateLine, CardBackDated, CardExists.
    """
    by.must_hold(Role.RATE_ADMIN, at=unit_of(unit_id))
    moment = stored(in_force_from)
    card = RateCard(
        id=new_id(),
        unit_id=unit_id,
        in_force_from=moment,
        lines=_sound_lines(lines),
        fen_per_10000_coins=_whole(fen_per_10000_coins, "fen_per_10000_coins", 0, MAX_FEN),
        coins_last_months=_months(coins_last_months),
        put_by=by.person_id,
        put_at=now(),
    )
    # Looked up first: a repeat may come after the moment has passed.
    earlier = _same_or_refuse(card)
    if earlier:
        return earlier
    if moment < now():
        raise CardBackDated(in_force_from=moment.isoformat())
    try:
        card.save(force_insert=True)
    except NotUniqueError:
        return _same_or_refuse(card) or card
    return card


def card_in_force(unit: Unit, at: datetime) -> RateCard:
    """The card in force for the unit at a moment: its own, else that of the nearest unit above.

    Raises NoRateInForce.
    """
    nearest_first = list(reversed(unit.lineage))
    # One command for the whole lineage: the index gives the latest card of each unit.
    steps: list[dict[str, Any]] = [
        {"$match": {"unit_id": {"$in": nearest_first}, "in_force_from": {"$lte": stored(at)}}},
        {"$sort": {"unit_id": 1, "in_force_from": -1}},
        {"$group": {"_id": "$unit_id", "card_id": {"$first": "$_id"}}},
    ]
    latest = {found["_id"]: found["card_id"] for found in collection(RateCard).aggregate(steps)}
    for unit_id in nearest_first:
        if unit_id in latest:
            card: RateCard = RateCard.objects.get(id=latest[unit_id])
            return card
    raise NoRateInForce(unit=unit.name, unit_id=unit.id, at=stored(at).isoformat())


# What a card says, and what its repeat must say too.
_TERMS = ("lines", "fen_per_10000_coins", "coins_last_months")


def _same_or_refuse(card: RateCard) -> RateCard | None:
    """The unit's card from that very moment where it says the same. Raises CardExists."""
    found: RateCard | None = RateCard.objects(
        unit_id=card.unit_id, in_force_from=card.in_force_from
    ).first()
    if found and any(getattr(found, name) != getattr(card, name) for name in _TERMS):
        raise CardExists
    return found


def _sound_lines(lines: Sequence[Mapping[str, Any]]) -> list[RateLine]:
    if not 1 <= len(lines) <= MAX_LINES:
        raise _bad("lines")
    sound: dict[str, RateLine] = {}
    for number, line in enumerate(lines):
        path = f"lines.{number}"
        kind = line.get("kind")
        if not isinstance(kind, str) or not KIND_PATTERN.fullmatch(kind) or kind in sound:
            raise _bad(f"{path}.kind")
        if unknown := set(line) - {"kind", "base", "per_hour", "minimum"}:
            raise _bad(f"{path}.{min(unknown)}")
        sound[kind] = RateLine(
            kind=str(kind),
            base=_whole(line.get("base"), f"{path}.base", 0, MAX_COINS),
            per_hour=_whole(line.get("per_hour"), f"{path}.per_hour", 0, MAX_COINS),
            minimum=_whole(line.get("minimum", 1), f"{path}.minimum", 1, MAX_COINS),
        )
    return list(sound.values())


def _months(value: Any) -> int | None:
    return None if value is None else _whole(value, "coins_last_months", 1, MAX_MONTHS)


def _whole(value: Any, path: str, least: int, most: int) -> int:
    # bool is an int to Python, and True would become one coin.
    if type(value) is not int or not least <= value <= most:
        raise _bad(path)
    return value


def _bad(path: str) -> BadRateLine:
    return BadRateLine(path, lines=MAX_LINES, coins=MAX_COINS, months=MAX_MONTHS)
