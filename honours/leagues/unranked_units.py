"""Units that cannot be ranked because nobody put their population: for admins only."""

from typing import NamedTuple

from honours.leagues.league import TEAMS
from honours.leagues.putting_leagues import LEAGUE_ADMINS, league_of
from honours.leagues.putting_populations import residents_of
from people import Actor, Unit, UnitKind, unit_of, units_page

PAGE_MAX = 100


class UnrankedPage(NamedTuple):
    """Units by code; where the list goes on. A page may hold fewer than asked for, or none."""

    items: list[Unit]
    next_cursor: str | None


def unranked_page(league_id: str, *, cursor: str = "", limit: int = 20, by: Actor) -> UnrankedPage:
    """The places of a league whose population is not known; teams need none.

    Raises LeagueNotFound, NotAllowed, BadCursor.
    """
    league = league_of(league_id)
    by.must_hold(*LEAGUE_ADMINS, at=unit_of(league.unit_id))
    if league.field in TEAMS:
        return UnrankedPage([], None)
    limit = max(1, min(limit, PAGE_MAX))
    page = units_page(cursor=cursor, limit=limit, kind=UnitKind.CIVIL, level=league.field)
    known = residents_of(unit.id for unit in page.items)
    items = [unit for unit in page.items if league.unit_id in unit.lineage and unit.id not in known]
    return UnrankedPage(items, page.next_cursor)
