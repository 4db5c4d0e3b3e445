"""Leagues over HTTP: units are ranked, never people; shown are the upper half, and one's own.

An admin puts leagues and populations; a person can ask to be left out.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from api.blueprint import Blueprint
from api.common_schemas import PageQuerySchema
from api.errors import documents
from api.headers import IfMatchSchema
from api.leagues_schemas import (
    LeagueListSchema,
    LeagueSchema,
    LeagueWishSchema,
    NewLeagueSchema,
    NewLeagueWishSchema,
    NewPopulationSchema,
    OwnLeaguesSchema,
    PopulationSchema,
    RecountSchema,
    SeasonPageSchema,
    SeasonQuerySchema,
    SeasonTopSchema,
    UnrankedPageSchema,
)
from api.signing_in import SIGNED_IN, caller, may_call
from honours import (
    League,
    LeagueWish,
    OwnPlace,
    Population,
    SeasonCheck,
    SeasonPage,
    Standing,
    UnrankedPage,
    all_leagues,
    league_of,
    own_leagues,
    population_of,
    put_league,
    put_league_wish,
    put_population,
    season_check,
    seasons_page,
    top_of,
    unranked_page,
)
from people import Role, Unit

blp = Blueprint("leagues", __name__, description="Leagues of units, by seasons · 联赛")

LEAGUE = "/leagues/<string:league_id>"


@blp.get("/leagues")
@may_call(SIGNED_IN)
@blp.response(200, LeagueListSchema)
def list_leagues() -> dict[str, Any]:
    """Every league: which units compete, by what, how long a season is."""
    return {"items": all_leagues()}


@blp.get(LEAGUE)
@may_call(SIGNED_IN)
@documents(404)
@blp.response(200, LeagueSchema)
def get_league(league_id: str) -> League:
    """One league at its newest version."""
    return league_of(league_id)


@blp.put(LEAGUE)
@may_call(Role.ADMIN, Role.RATE_ADMIN)
@documents(404, 409)
@blp.arguments(IfMatchSchema, location="headers")
@blp.arguments(NewLeagueSchema)
@blp.response(200, LeagueSchema)
def put_one_league(seen: dict[str, Any], content: dict[str, Any], league_id: str) -> League:
    """Add a league (If-Match: 0) or its next version, which counts from the next season on."""
    why = content.pop("why")
    return put_league(league_id, content, why=why, version=seen["version"], by=caller())


@blp.get(f"{LEAGUE}/seasons")
@may_call(SIGNED_IN)
@documents(404)
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, SeasonPageSchema)
def list_seasons(page: dict[str, Any], league_id: str) -> SeasonPage:
    """The seasons of a league, newest first."""
    return seasons_page(league_id, **page)


@blp.get(f"{LEAGUE}/standings")
@may_call(SIGNED_IN)
@documents(404)
@blp.arguments(SeasonQuerySchema, location="query")
@blp.response(200, SeasonTopSchema)
def get_standings(which: dict[str, Any], league_id: str) -> dict[str, Any]:
    """The first ten units of a season, at most the upper half, and how many are ranked."""
    top = top_of(league_id, **which)
    return {"season": top.season, "total": top.total, "items": _ranks(top.items, top.units)}


@blp.get(f"{LEAGUE}/unranked-units")
@may_call(Role.ADMIN, Role.RATE_ADMIN)
@documents(404)
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, UnrankedPageSchema)
def list_unranked(page: dict[str, Any], league_id: str) -> UnrankedPage:
    """The units of a league that cannot be ranked, for nobody put their population."""
    return unranked_page(league_id, **page, by=caller())


@blp.get(f"{LEAGUE}/recount")
@may_call(Role.ADMIN, Role.AUDITOR)
@documents(404)
@blp.arguments(SeasonQuerySchema, location="query")
@blp.response(200, RecountSchema)
def get_recount(which: dict[str, Any], league_id: str) -> SeasonCheck:
    """How a season's published ranks stood against a recount; a job makes a new one, ask again."""
    return season_check(league_id, **which, by=caller())


@blp.get("/me/leagues")
@may_call(SIGNED_IN)
@blp.response(200, OwnLeaguesSchema)
def get_own_leagues() -> dict[str, Any]:
    """The places of the caller's own units, each with its neighbours."""
    own = own_leagues(by=caller())
    return {"is_left_out": own.is_left_out, "items": [_own(one) for one in own.items]}


@blp.put("/me/league-wish")
@may_call(SIGNED_IN)
@blp.arguments(NewLeagueWishSchema)
@blp.response(200, LeagueWishSchema)
def put_own_wish(wish: dict[str, Any]) -> LeagueWish:
    """Ask to be left out of leagues, or to take part again, from the next edition on."""
    return put_league_wish(**wish, by=caller())


@blp.get("/units/<string:unit_id>/population")
@may_call(Role.ADMIN, Role.RATE_ADMIN, Role.CENTRE_OFFICER, Role.AUDITOR)
@documents(404)
@blp.response(200, PopulationSchema)
def get_population(unit_id: str) -> Population:
    """How many residents a unit has, from where and of when."""
    return population_of(unit_id, by=caller())


@blp.put("/units/<string:unit_id>/population")
@may_call(Role.ADMIN)
@documents(404, 409)
@blp.arguments(IfMatchSchema, location="headers")
@blp.arguments(NewPopulationSchema)
@blp.response(200, PopulationSchema)
def put_unit_population(seen: dict[str, Any], content: dict[str, Any], unit_id: str) -> Population:
    """Put how many residents a unit has (If-Match: 0 the first time); logged, with the reason."""
    return put_population(unit_id, **content, version=seen["version"], by=caller())


def _ranks(rows: Iterable[Standing], units: Mapping[str, Unit]) -> list[dict[str, Any]]:
    return [_rank(one, units) for one in rows if one.unit_id in units]


def _rank(one: Standing, units: Mapping[str, Unit]) -> dict[str, Any]:
    shown = {"rank": one.rank, "score": one.score_shown, "contributors": one.contributors_shown}
    return {**shown, "unit": units[one.unit_id]}


def _own(one: OwnPlace) -> dict[str, Any]:
    own = one.place.own
    return {
        "season": one.season,
        "unit": one.unit,
        "total": one.place.total,
        "own": _rank(own, one.units) if own else None,
        "neighbours": _ranks(one.place.neighbours, one.units),
    }
