"""Places in a season: one unit's own with its neighbours, and the best of the upper half."""

from typing import Any, NamedTuple

from honours.leagues.putting_leagues import league_of
from honours.leagues.ranking import shown_at_top
from honours.leagues.season import Season
from honours.leagues.standing import Standing, standing_id
from people import Unit, units_of
from shared.cursors import from_cursor, to_cursor
from shared.database import collection
from shared.errors import NotFound
from shared.i18n import Text

MOST_AT_TOP = 10
AROUND = 2
SEASONS_MAX = 100


class SeasonNotFound(NotFound):
    """Raised when a league has no such season, or none yet."""

    message = Text("The league has no such season.", "该联赛没有此赛季。")


class UnitPlace(NamedTuple):
    """A unit's standing, its neighbours in their order (itself among them), how many there are."""

    own: Standing | None
    neighbours: list[Standing]
    total: int


class SeasonTop(NamedTuple):
    """The best of a season, how many units are ranked, and the units by their ids."""

    season: Season
    items: list[Standing]
    total: int
    units: dict[str, Unit]


class SeasonPage(NamedTuple):
    """Seasons, newest first; where the list goes on."""

    items: list[Season]
    next_cursor: str | None


def place_in(season_id: str, unit_id: str, *, around: int = AROUND) -> UnitPlace:
    """The unit's place in the published edition, with so many neighbours above and below.

    Empty where the unit is not ranked, or nothing is published. Raises SeasonNotFound.
    """
    shown = {"published_edition": 1, "ranked": 1}
    season = collection(Season).find_one({"_id": season_id}, shown)
    if season is None:
        raise SeasonNotFound
    edition = season["published_edition"]
    own = collection(Standing).find_one({"_id": standing_id(season_id, edition, unit_id)})
    if own is None:
        return UnitPlace(None, [], season["ranked"])
    near = {"$gte": own["place"] - around, "$lte": own["place"] + around}
    rows = _in_order(season_id, edition, near)
    return UnitPlace(Standing._from_son(own), rows, season["ranked"])


def top_of(league_id: str, *, season_id: str = "") -> SeasonTop:
    """The first ten of a season (the newest published one), at most the upper half of all.

    Raises LeagueNotFound, SeasonNotFound.
    """
    season = season_of(league_id, season_id)
    most = shown_at_top(season.ranked, MOST_AT_TOP)
    items = _in_order(season.id, season.published_edition, {"$lte": most})
    return SeasonTop(season, items, season.ranked, units_of([one.unit_id for one in items]))


def season_of(league_id: str, season_id: str = "") -> Season:
    """A season of a league; where none is named the newest with ranks, else the newest.

    Raises LeagueNotFound, SeasonNotFound.
    """
    league_of(league_id)
    found = Season.objects(league_id=league_id).order_by("-from_at")
    if season_id:
        found = found.filter(id=season_id)
    season = found.filter(published_edition__gt=0).first() or found.first()
    if season is None:
        raise SeasonNotFound
    return season


def seasons_page(league_id: str, *, cursor: str = "", limit: int = 20) -> SeasonPage:
    """The seasons of a league, newest first. Raises LeagueNotFound, BadCursor."""
    league_of(league_id)
    limit = max(1, min(limit, SEASONS_MAX))
    found = Season.objects(league_id=league_id)
    if cursor:
        before = Season.objects(id=from_cursor(cursor, str)[0], league_id=league_id).first()
        if before is None:
            return SeasonPage([], None)
        found = found.filter(from_at__lt=before.from_at)
    items = list(found.order_by("-from_at").limit(limit + 1))
    more = to_cursor(items[limit - 1].id) if len(items) > limit else None
    return SeasonPage(items[:limit], more)


def _in_order(season_id: str, edition: int, places: dict[str, Any]) -> list[Standing]:
    wanted = {"season_id": season_id, "edition": edition, "place": places}
    rows = collection(Standing).find(wanted).sort("place", 1)
    return [Standing._from_son(row) for row in rows]
