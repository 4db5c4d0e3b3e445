"""Where a rate card stands at a moment: what its state and the dates of cards say. Pure.

A card's phase is never stored: nothing has to run for a card to come into force.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from rates.rate_card import CardState, RateCard


class Phase(StrEnum):
    """A draft, approved for later, in force, followed by a later card of its unit, withdrawn."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


def phase_of(card: RateCard, at: datetime, approved_from: Iterable[datetime]) -> Phase:
    """The phase of a card at a moment.

    `approved_from` are the moments from which approved cards of its unit are in force, its own
    among them or not.
    """
    if card.state == CardState.DRAFT:
        return Phase.DRAFT
    if card.state == CardState.WITHDRAWN:
        return Phase.WITHDRAWN
    if card.in_force_from > at:
        return Phase.SCHEDULED
    followed = any(card.in_force_from < moment <= at for moment in approved_from)
    return Phase.SUPERSEDED if followed else Phase.IN_FORCE
