"""A unit's page: what its volunteers did together, and the commendations published of it."""

from datetime import datetime
from typing import Any, NamedTuple

from honours.counting_units import ask_for_unit
from people import unit_of


class UnitPageFigures(NamedTuple):
    """The figures as they stood at `counted_at`; None both until they were counted first."""

    unit_id: str
    name: str
    name_en: str
    counted_at: datetime | None
    figures: dict[str, Any] | None


def unit_page(unit_id: str) -> UnitPageFigures:
    """The page of a unit and all below it. Raises UnitNotFound."""
    unit = unit_of(unit_id)
    found = ask_for_unit(unit)
    figures = dict(found.figures) if found.counted_at else None
    return UnitPageFigures(unit.id, unit.name, unit.name_en, found.counted_at, figures)
