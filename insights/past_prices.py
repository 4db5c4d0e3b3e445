"""What past tasks would be worth under a card: their terms, ground and weather, looked up once."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from insights.replaying_rates import Priced, price
from people import Ground, Unit, units_of
from rates import Action, Terms, WeatherSpan, weather_over
from tasks import PastTask, past_tasks

# No task lasts longer: weather is asked for once, until the last one must be over.
LONGEST = timedelta(days=31)


class PastPrices:
    """The prices of past tasks under the terms that `terms_for` gives for a unit, or None.

    `since` and `until` hold every task's start. Units, terms and weather are asked for once each.
    """

    def __init__(
        self,
        terms_for: Callable[[Unit], Terms | None],
        *,
        since: datetime,
        until: datetime,
        zone: ZoneInfo,
    ) -> None:
        self._terms_for = terms_for
        self._since, self._until, self._zone = since, until, zone
        self._terms: dict[str, Terms | None] = {}
        self._lineages: dict[str, frozenset[str]] = {}
        self._weather: dict[frozenset[str], tuple[WeatherSpan, ...]] = {}
        self._ground = Ground()
        self._prices: dict[str, Priced] = {}

    def of(self, task_id: str) -> Priced:
        """The price of a task that was learned; one that is gone pays nothing."""
        return self._prices.get(task_id) or Priced(0, refusal="TaskNotFound")

    def learn(self, task_ids: Iterable[str]) -> None:
        """Price those of the tasks that are new."""
        new = list({*task_ids} - self._prices.keys())
        tasks = list(past_tasks(new).values()) if new else []
        self._learn_units({task.unit_id for task in tasks})
        by_place = [task for task in tasks if self._looks_at_ground(task.unit_id)]
        grounds = self._ground.under([task.location for task in by_place])
        around = {task.task_id: ground for task, ground in zip(by_place, grounds, strict=True)}
        for task in tasks:
            self._prices[task.task_id] = self._price(task, around.get(task.task_id, frozenset()))

    def _learn_units(self, unit_ids: set[str]) -> None:
        for unit in units_of(list(unit_ids - self._terms.keys())).values():
            terms = self._terms_for(unit)
            self._terms[unit.id] = terms
            self._lineages[unit.id] = frozenset(unit.lineage)

    def _price(self, task: PastTask, ground: frozenset[str]) -> Priced:
        terms = self._terms.get(task.unit_id)
        if terms is None:
            return Priced(0, refusal="NoRateInForce")
        unit_ids = self._lineages[task.unit_id] | ground
        action = Action(
            kind=task.kind,
            starts_at=task.starts_at,
            ends_at=task.ends_at,
            distance_m=task.distance_m,
            unit_ids=unit_ids,
            weather=self._weather_at(task, unit_ids) if terms.look_at_weather else (),
            zone=self._zone,
        )
        return price(terms, action)

    def _looks_at_ground(self, unit_id: str) -> bool:
        terms = self._terms.get(unit_id)
        return terms is not None and terms.look_at_ground

    def _weather_at(self, task: PastTask, unit_ids: frozenset[str]) -> tuple[WeatherSpan, ...]:
        if unit_ids not in self._weather:
            spans = weather_over(sorted(unit_ids), self._since, self._until + LONGEST)
            self._weather[unit_ids] = spans
        return tuple(
            span
            for span in self._weather[unit_ids]
            if span.starts_at < task.ends_at and task.starts_at < span.ends_at
        )
