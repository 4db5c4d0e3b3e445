"""Sound requests around leagues, for the fuzzed API to spoil."""

from datetime import date
from typing import Any

from sound_world import Sound

from honours import put_league, put_population
from honours.leagues.opening_seasons import open_season
from honours.leagues.putting_leagues import league_of


def of_leagues(world: Any) -> dict[str, Sound]:
    """Operation → a sound request that puts a league, a population, a wish."""
    city, street = world.town.city, world.town.street
    open_season(league_of("grid_hours"))
    world.ids["league_id"] = ["grid_hours", "team_hours", "walkers"]
    league = {
        "name": {"en": "Walkers", "zh": "步行联赛"},
        "unit_id": city.id,
        "field": "grid",
        "measure": "kilometres",
        "season": "quarter",
        "least_contributors": 5,
        "active": True,
        "why": "sample",
    }
    census = {"residents": 2_000, "source": "统计年鉴", "as_of": "2025-12-31", "why": "census"}
    # Put once before: the requests come with `If-Match: 1`.
    admin = world.actors["admin"]
    content = {name: value for name, value in league.items() if name != "why"}
    put_league("walkers", content, why="sample", version=0, by=admin)
    first = {"residents": 1_900, "source": "统计年鉴", "as_of": date(2024, 12, 31)}
    put_population(street.id, **first, why="census", version=0, by=admin)
    return {
        "PUT /leagues/{league_id}": Sound("admin", league, {"league_id": "walkers"}),
        "PUT /units/{unit_id}/population": Sound("admin", census, {"unit_id": street.id}),
        "PUT /me/league-wish": Sound("resident", {"is_left_out": False}),
    }
