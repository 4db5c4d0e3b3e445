"""What a task is worth: its terms and its action, as the rates want to know it."""

from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from people import Unit, grids_at
from rates import (
    Action,
    Quote,
    Terms,
    WeatherSpan,
    duty_of,
    quote,
    terms_in_force,
    weather_over,
)
from settings import settings
from shared.clock import now
from tasks.task import Task


class Priced(NamedTuple):
    """A task's quote, and what of the terms it keeps beside it."""

    quote: Quote
    terms: Terms
    distance_m: float

    def frozen(self, kind: str) -> dict[str, Any]:
        """What the task keeps from its publication on, in plain values."""
        return {
            "coins": self.quote.coins,
            "breakdown": self.quote.breakdown,
            "coins_last_months": self.quote.coins_last_months,
            "caps": [cap.plain() for cap in self.quote.caps],
            "duty": duty_of(self.terms, kind),
            "distance_m": self.distance_m,
            "rate_card_ids": list(self.terms.card_ids),
        }


def price_task(task: Task, unit: Unit, *, at: datetime | None = None) -> Priced:
    """The task of this unit, priced as if published `at`, by default now. Raises NoRateInForce."""
    moment = at or now()
    terms = terms_in_force(unit, moment)
    distance_m = wanted_distance_m(task)
    unit_ids = frozenset(_units_around(task, unit, terms))
    action = Action(
        kind=task.kind,
        starts_at=task.starts_at,
        ends_at=task.ends_at,
        distance_m=distance_m,
        unit_ids=unit_ids,
        weather=_weather(terms, unit_ids, task, moment),
        zone=ZoneInfo(settings().business_time_zone),
    )
    return Priced(quote(terms, action), terms, distance_m)


def wanted_distance_m(task: Task) -> float:
    """How far the checks ask to be walked, in metres: what is paid for by the kilometre."""
    asked = [
        check["parameters"].get("min_m", 0.0)
        for check in task.checks
        if check["check"] == "inside_distance"
    ]
    return float(max(asked, default=0.0))


def _units_around(task: Task, unit: Unit, terms: Terms) -> set[str]:
    """The unit and those above it; where the terms look at the ground, those that it lies in too.

    Otherwise they are not asked for: that takes a query for each layer.
    """
    around = set(unit.lineage)
    if terms.look_at_ground:
        lon, lat = task.location["coordinates"]
        for grid in grids_at(lat, lon).values():
            around.update(grid.lineage)
    return around


def _weather(
    terms: Terms, unit_ids: frozenset[str], task: Task, moment: datetime
) -> tuple[WeatherSpan, ...]:
    if not terms.look_at_weather:
        return ()
    return weather_over(sorted(unit_ids), task.starts_at, task.ends_at, known_at=moment)
