"""Telling volunteers of a new level or a personal best: once each, and of no loss."""

from typing import Any

from honours.bests import (
    LONGEST_STAY,
    LONGEST_WALK,
    MOST_IN_MONTH,
    MOST_IN_WEEK,
    news_of,
)
from honours.levels.defining_levels import level_table
from honours.service import Service
from notices import tell
from shared.database import collection


def tell_what_is_new(service: Service) -> None:
    """Tell a person what is new in a count; repeating tells nothing twice."""
    names = news_of(service.bests, service.bests_told)
    if service.level > service.level_told:
        _tell_level(service)
    for name in names:
        _tell_best(service.id, name, service.bests[name])
    if service.level == service.level_told and service.bests == service.bests_told:
        return
    told = {"level_told": service.level, "bests_told": service.bests}
    seen = {"_id": service.id, "version": service.version}
    collection(Service).update_one(seen, {"$set": told})


def _tell_level(service: Service) -> None:
    lines = level_table().lines
    if service.level > len(lines):
        return  # the table became shorter since: the next count says what holds now
    name = dict(lines[service.level - 1].name)
    facts = {"level": service.level, "name": name, "hours": _hours(service.seconds)}
    tell(service.id, "level_reached", facts, key=f"level:{service.level}")


def _tell_best(person_id: str, name: str, best: dict[str, Any]) -> None:
    facts = {"kilometres": f"{best['value'] / 1000:.1f}", "hours": _hours(best["value"])}
    key = f"best:{name}:{best['about']}"
    if name == LONGEST_WALK:
        tell(person_id, "longest_walk_beaten", facts, key=key)
    elif name == LONGEST_STAY:
        tell(person_id, "longest_stay_beaten", facts, key=key)
    elif name == MOST_IN_WEEK:
        tell(person_id, "most_in_week_beaten", facts, key=key)
    elif name == MOST_IN_MONTH:
        tell(person_id, "most_in_month_beaten", facts, key=key)


def _hours(seconds: float) -> str:
    """Hours with at most one decimal: "12", "12.5"."""
    return f"{seconds / 3600:.1f}".removesuffix(".0")
