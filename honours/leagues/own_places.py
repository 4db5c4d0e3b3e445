"""The caller's leagues: the own unit's place in each, with its neighbours; nobody's own rank.

Of the last tenth no place is told, nor who is in it: the unit sees its own score alone."""

from typing import NamedTuple

from honours.leagues.league_field import LeagueField
from honours.leagues.league_wishes import league_wish_of
from honours.leagues.putting_leagues import all_leagues
from honours.leagues.ranking import is_low
from honours.leagues.season import Season
from honours.leagues.standing import Standing
from honours.leagues.unit_place import SeasonNotFound, UnitPlace, place_in, season_of
from people import Actor, Unit, belongings_of, units_of


class OwnPlace(NamedTuple):
    """A season, the own unit in it, and its place; `place.own` is None where it is not ranked."""

    season: Season
    unit: Unit
    place: UnitPlace
    units: dict[str, Unit]


class OwnLeagues(NamedTuple):
    """Whether the caller is left out of leagues, and else the own units' places."""

    is_left_out: bool
    items: list[OwnPlace]


def own_leagues(*, by: Actor) -> OwnLeagues:
    """The places of the caller's own units in the newest season of each active league.

    Leagues in which the caller belongs to no unit are not named; none is to who is left out.
    """
    if league_wish_of(by.person_id).is_left_out:
        return OwnLeagues(True, [])
    held = belongings_of([by.person_id]).get(by.person_id, [])
    found = []
    for league in all_leagues():
        season = _newest(league.league_id) if league.active else None
        if season is None:
            continue
        field = LeagueField(season.unit_id, season.field)
        field.learn({one.unit_id for one in held})
        unit_id = field.unit_for(held)
        if unit_id:
            found.append(_own_place(season, unit_id))
    return OwnLeagues(False, found)


def _newest(league_id: str) -> Season | None:
    try:
        return season_of(league_id)
    except SeasonNotFound:
        return None


def _kindly(place: UnitPlace) -> UnitPlace:
    own, total = place.own, place.total
    if own is None:
        return place
    if is_low(own.place, total):
        own.rank = None
        return UnitPlace(own, [own], total)
    return UnitPlace(own, [one for one in place.neighbours if not is_low(one.place, total)], total)


def _own_place(season: Season, unit_id: str) -> OwnPlace:
    place = _kindly(place_in(season.id, unit_id))
    named: list[Standing] = place.neighbours
    units = units_of([unit_id, *(one.unit_id for one in named)])
    return OwnPlace(season, units[unit_id], place, units)
