"""Which rate cards speak for a unit at a moment, and the lists of a unit's cards."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from people import Actor, Role, Unit, unit_of
from rates.phases import Phase, phase_of
from rates.pricing import NoRateInForce
from rates.rate_card import CardState, RateCard
from rates.terms import Terms, heard, terms_of
from shared.clock import now, stored
from shared.cursors import from_cursor, to_cursor
from shared.database import collection
from shared.errors import NotFound
from shared.i18n import Text

# Who sees what is not approved yet, or was never.
READERS = (Role.RATE_ADMIN, Role.CENTRE_OFFICER, Role.AUDITOR, Role.ADMIN)
PAGE_MAX = 100


class CardNotFound(NotFound):
    """Raised when there is no such rate card, or none that the caller may see."""

    message = Text("There is no such rate card.", "积分标准不存在。")


class SeenCard(NamedTuple):
    """A rate card, where it stands now, and whether the caller sees who wrote and approved it."""

    card: RateCard
    phase: Phase
    with_people: bool = True


class CardPage(NamedTuple):
    """A unit's rate cards, newest first; where the list goes on."""

    items: list[SeenCard]
    next_cursor: str | None


def terms_in_force(unit: Unit, at: datetime) -> Terms:
    """What actions are worth for the unit at a moment, by one query. Raises NoRateInForce."""
    cards = cards_along(unit, at)
    if not cards:
        raise NoRateInForce(unit=unit.name, unit_id=unit.id, at=stored(at).isoformat())
    return terms_of(cards)


def cards_along(unit: Unit, at: datetime, *, draft: RateCard | None = None) -> list[RateCard]:
    """The cards that speak for the unit at a moment, nearest first, by one query.

    Of each unit from it upwards the card in force, up to the first that inherits nothing. A
    `draft` stands in for its unit's card, whatever its dates and state.
    """
    latest = _latest_cards(unit.lineage, stored(at))
    if draft is not None:
        latest[draft.unit_id] = draft
    return heard(latest[unit_id] for unit_id in reversed(unit.lineage) if unit_id in latest)


def _latest_cards(unit_ids: Sequence[str], at: datetime) -> dict[str, RateCard]:
    """Of each unit the approved card that came into force last."""
    wanted = {
        "unit_id": {"$in": list(unit_ids)},
        "state": CardState.APPROVED.value,
        "in_force_from": {"$lte": at},
    }
    steps: list[dict[str, Any]] = [
        {"$match": wanted},
        {"$sort": {"unit_id": 1, "in_force_from": -1}},
        {"$group": {"_id": "$unit_id", "card": {"$first": "$$ROOT"}}},
    ]
    rows = collection(RateCard).aggregate(steps)
    return {row["_id"]: RateCard._from_son(row["card"]) for row in rows}


def card_of(card_id: str) -> RateCard:
    """The rate card of this id, whatever its state. Raises CardNotFound."""
    found: RateCard | None = RateCard.objects.with_id(card_id)
    if found is None:
        raise CardNotFound
    return found


def seen_card(card_id: str, *, by: Actor) -> SeenCard:
    """The card and its phase now; what was never approved only for who has to do with rates.

    Nor does anybody else see the people behind an approved one. Raises CardNotFound.
    """
    card = card_of(card_id)
    is_reader = by.holds(*READERS, at=unit_of(card.unit_id))
    if card.approved_at is None and not is_reader:
        raise CardNotFound
    return seen(card)._replace(with_people=is_reader)


def seen(card: RateCard) -> SeenCard:
    """A card with its phase now."""
    return SeenCard(card, phase_of(card, now(), _approved_from(card.unit_id)))


def cards_page(unit_id: str, *, cursor: str | None = None, limit: int = 20, by: Actor) -> CardPage:
    """The unit's own cards in every phase, newest first.

    Raises UnitNotFound, NotAllowed, BadCursor.
    """
    by.must_hold(*READERS, at=unit_of(unit_id))
    limit = max(1, min(limit, PAGE_MAX))
    wanted: dict[str, Any] = {"unit_id": unit_id}
    if cursor:
        wanted["id__lt"] = from_cursor(cursor, str)[0]
    found = list(RateCard.objects(**wanted).order_by("-id").limit(limit + 1))
    approved, moment = _approved_from(unit_id), now()
    items = [SeenCard(card, phase_of(card, moment, approved)) for card in found[:limit]]
    return CardPage(items, to_cursor(found[limit - 1].id) if len(found) > limit else None)


def _approved_from(unit_id: str) -> list[datetime]:
    """From when the unit's approved cards are in force."""
    wanted = {"unit_id": unit_id, "state": CardState.APPROVED.value}
    rows = collection(RateCard).find(wanted, {"_id": 0, "in_force_from": 1})
    return [row["in_force_from"] for row in rows]
