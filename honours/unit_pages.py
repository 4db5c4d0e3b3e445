"""A unit's page: what its volunteers did together, and the commendations published of it."""

from datetime import datetime
from typing import Any, NamedTuple

from honours.commendations.seen_commendations import PublicCommendation, published_commendations
from honours.counting_units import ask_for_unit
from people import unit_of

MOST_COMMENDATIONS = 10


class UnitPageFigures(NamedTuple):
    """The figures as they stood at `counted_at`; None both until they were counted first.

    `commendations` are the newest that were published by consent.
    """

    unit_id: str
    name: str
    name_en: str
    counted_at: datetime | None
    figures: dict[str, Any] | None
    commendations: list[PublicCommendation]


def unit_page(unit_id: str) -> UnitPageFigures:
    """The page of a unit and all below it. Raises UnitNotFound."""
    unit = unit_of(unit_id)
    found = ask_for_unit(unit)
    figures = dict(found.figures) if found.counted_at else None
    thanked = published_commendations(unit.id, MOST_COMMENDATIONS)
    return UnitPageFigures(unit.id, unit.name, unit.name_en, found.counted_at, figures, thanked)
