"""Counting a season whole: verified work, by the units in which those who did it are at home."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from honours.leagues.batches import in_batches
from honours.leagues.league import Measure
from honours.leagues.league_field import LeagueField
from honours.leagues.league_wishes import left_out_of
from honours.leagues.putting_populations import residents_of
from honours.leagues.ranking import Tally
from honours.leagues.season import Season
from people import belongings_at, belongings_of
from tasks import amounts_between

AT_ONCE = 2_000


class Counted(NamedTuple):
    """Who of a unit's people did how much: person id → seconds, metres or participations."""

    unit_id: str
    amounts: dict[str, int]


def nothing_more() -> None:
    """What is called between the steps of counting where nobody waits for it."""


def tallies_of(season: Season, *, prolong: Callable[[], None] = nothing_more) -> list[Tally]:
    """The sum of each unit whose people did anything; a population of 0 where none is known.

    `prolong` is called between the steps, for it may take long.
    """
    counted = counted_in(season, prolong=prolong)
    against = _members(season, counted) if season.is_of_teams else _residents(counted)
    return [
        Tally(one.unit_id, sum(one.amounts.values()), against.get(one.unit_id, 0), len(one.amounts))
        for one in counted
    ]


def counted_in(
    season: Season, *, unit_ids: set[str] | None = None, prolong: Callable[[], None] = nothing_more
) -> list[Counted]:
    """Whose work counts for which unit of a season (of these units only), by unit id.

    Duty that is somebody's paid post does not count, nor does who asked to be left out.
    """
    amounts = _amounts(season, prolong)
    field = LeagueField(season.unit_id, season.field)
    found: dict[str, dict[str, int]] = {}
    for people in in_batches(sorted(amounts), AT_ONCE):
        prolong()
        for person_id, unit_id in units_counted_for(people, field):
            found.setdefault(unit_id, {})[person_id] = amounts[person_id]
    wanted = sorted(found if unit_ids is None else set(found) & unit_ids)
    return [Counted(unit_id, found[unit_id]) for unit_id in wanted]


def units_counted_for(people: Iterable[str], field: LeagueField) -> Iterator[tuple[str, str]]:
    """(person id, unit id) of those of these people who count for a unit of the field."""
    held = belongings_of(people)
    field.learn({one.unit_id for every in held.values() for one in every})
    left_out = left_out_of(held)
    for person_id, every in held.items():
        unit_id = None if person_id in left_out else field.unit_for(every)
        if unit_id:
            yield person_id, unit_id


def _amounts(season: Season, prolong: Callable[[], None]) -> dict[str, int]:
    """Added up by the server, so that of a season's work only a sum a person travels."""
    found: dict[str, int] = {}
    amounts = amounts_between(season.from_at, season.until_at, Measure(season.measure).value)
    for some in in_batches(amounts, AT_ONCE):
        prolong()
        found |= dict(some)
    return found


def _residents(counted: list[Counted]) -> dict[str, int]:
    return residents_of(one.unit_id for one in counted)


def _members(season: Season, counted: list[Counted]) -> dict[str, int]:
    """How many belong to each team that may be shown, those who worked or not."""
    field = LeagueField(season.unit_id, season.field)
    found: dict[str, int] = {}
    teams = [one.unit_id for one in counted if len(one.amounts) >= season.least_contributors]
    for some in in_batches(teams, AT_ONCE):
        wanted = set(some)
        for people in in_batches(belongings_at(some), AT_ONCE):
            field.learn({one.unit_id for _, held in people for one in held})
            left_out = left_out_of(person_id for person_id, _ in people)
            for person_id, held in people:
                unit_id = field.unit_for(held)
                # One of another batch of teams is counted with that.
                if unit_id in wanted and person_id not in left_out:
                    found[unit_id] = found.get(unit_id, 0) + 1
    return found
